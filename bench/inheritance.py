"""What inherited weights save, and whether they bias the ranking: `python -m bench.inheritance`.

MNIST-1D and `cnn-cell`. Each seed draws FOUNDERS random networks, two random children of each
(one edit away) and one child of each child. The founders are trained for six epochs. Each
descendant is trained three times: from scratch for six epochs (the truth), from scratch for
three, and for three from the weights of its parent, which had inherited itself in the second
generation. The truth has another training seed than the two that are compared with it.

Intervals are 95 % of a bootstrap over founders, whose descendants are kept together. Trainings
are kept in --folder: the same command goes on where it stopped.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau

from deltanas.evaluation import Context
from deltanas.networks import cnn_cell
from deltanas.seeds import generator
from deltanas.spaces import Architecture
from deltanas.training import Recipe, load_data
from deltanas.training.networks import NetworkTraining, Trained

FOUNDERS: Final = 4
CHILDREN: Final = 2
RESAMPLES: Final = 2_000
FULL: Final = Recipe()
SHORT: Final = FULL.of_heir
SPACE: Final = cnn_cell()

Rows = NDArray[np.float64]
"""One row a descendant: truth, short, inherited, accuracy of the parent, generation, founder."""


@dataclass(frozen=True)
class Family:
    """The trainings of one founder and its descendants."""

    folder: Path
    seed: int
    founder: int

    def rows(self) -> list[tuple[float, ...]]:
        """Train what is not trained yet; one row a descendant that inherits."""
        rng = generator(self.seed, "inheritance", self.founder)
        (founder,) = SPACE.sample(1, rng)
        first = self._trained("founder", founder, FULL, 0)
        rows: list[tuple[float, ...]] = []
        for child in range(CHILDREN):
            parent, name, accuracy = founder, "founder", first.accuracy
            for generation in (1, 2):
                neighbours = [each for _, each in SPACE.neighbours(parent)]
                parent = neighbours[rng.integers(len(neighbours))]
                heir = f"{child}-{generation}"
                truth = self._trained(f"{heir}-truth", parent, FULL, 1)
                short = self._trained(f"{heir}-short", parent, SHORT, 2)
                inherited = self._trained(heir, parent, FULL, 2, self.folder / name)
                if inherited.is_heir:
                    found = (truth.accuracy, short.accuracy, inherited.accuracy, accuracy)
                    rows.append((*found, generation, FOUNDERS * self.seed + self.founder))
                name, accuracy = heir, inherited.accuracy
        return rows

    def _trained(
        self,
        name: str,
        architecture: Architecture,
        recipe: Recipe,
        draw: int,
        donor: Path | None = None,
    ) -> Trained:
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        seed = int(generator(self.seed, architecture.key, draw).integers(2**31))
        context = Context(0, folder, "cpu", seed, donor=donor)
        return NetworkTraining(load_data("mnist1d"), recipe).train(architecture, context)


def statistics(rows: Rows) -> dict[str, float]:
    """What the bench prints, by name."""
    truth, short, inherited, parent, generation, _ = rows.T
    ahead = 100 * (inherited - truth)
    behind = 100 * (short - truth)
    return {
        "tau inherited": _tau(inherited, truth),
        "tau short": _tau(short, truth),
        "tau inherited - short": _tau(inherited, truth) - _tau(short, truth),
        **{
            f"tau of {name} with the parent": _tau(values, parent)
            for name, values in (("truth", truth), ("short", short), ("inherited", inherited))
        },
        "inherited - truth, points": ahead.mean(),
        "the same, generation 1": ahead[generation == 1].mean(),
        "the same, generation 2": ahead[generation == 2].mean(),
        "short - truth, points": behind.mean(),
        "slope of inherited - truth on parent": _slope(parent, ahead),
        "slope of short - truth on parent": _slope(parent, behind),
        "spread of inherited - truth, points": ahead.std(),
        "spread of short - truth, points": behind.std(),
    }


def _tau(one: Rows, other: Rows) -> float:
    return float(kendalltau(one, other).statistic)


def _slope(parent: Rows, gain: Rows) -> float:
    """Points that are gained per point that the parent was better."""
    return float(np.polyfit(100 * parent, gain, 1)[0])


def resampled(
    rows: Rows, count: Callable[[Rows], dict[str, float]], rng: np.random.Generator
) -> dict[str, tuple[float, float]]:
    """95 % intervals, founders drawn with replacement."""
    groups = [rows[rows[:, -1] == founder] for founder in np.unique(rows[:, -1])]
    drawn = [
        count(
            np.concatenate([groups[each] for each in rng.integers(len(groups), size=len(groups))])
        )
        for _ in range(RESAMPLES)
    ]
    return {
        name: tuple(np.nanpercentile([each[name] for each in drawn], [2.5, 97.5]))
        for name in drawn[0]
    }


def main() -> None:
    """Train, and print a line a statistic."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("runs/inheritance"))
    asked = parser.parse_args()
    rows = []
    for seed in range(asked.seeds):
        for founder in range(FOUNDERS):
            rows += Family(asked.folder / f"{seed}-{founder}", seed, founder).rows()
            print(f"seed {seed}, founder {founder}: {len(rows)} heirs so far", flush=True)
    table = np.array(rows, dtype=float)
    (asked.folder / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    born = asked.seeds * FOUNDERS * CHILDREN * 2
    saved = len(rows) * (FULL.epochs - SHORT.epochs)
    print(f"{len(rows)} of {born} inherited; epochs saved {saved} of {born * FULL.epochs}")
    intervals = resampled(table, statistics, generator(0, "bootstrap"))
    for name, value in statistics(table).items():
        low, high = intervals[name]
        print(f"{name:38}{value:7.3f}  [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    main()
