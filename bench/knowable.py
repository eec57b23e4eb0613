"""How soon could the best cells be found if the others were known? `python -m bench.knowable`.

The best cells of a table are split into parts; each part is predicted from the others and from
as many of the rest, which no search ever has. Then cells are asked for in the order of what is
believed of them. Printed, as means over splits: the places of the best and the second best cell
in that order, and the regret after the first 10, 50, 100 and 150 cells, in points. A search that
must learn while it asks can hardly be quicker. Before that, where several trainings of a cell are
recorded, the noise of their mean: its standard deviation among the best hundredth, in points.

With `--one-run` an answer is one random training of the cell, and the regret is that of the cell
with the best answer, by the mean of its trainings; a mean over 400 draws. A first line asks for
the cells in their true order, which is what a search would do that knew all.
"""

import argparse

import numpy as np

from bench.tables import noise_of_mean, recorded
from deltanas.benchmarks import Benchmark
from deltanas.predictor.gaussian import GaussianDelta
from deltanas.seeds import generator

NAMES = ("nasbench201:cifar10", "nasbench201:cifar100", "nasbench201:imagenet16-120")
PARTS = 5
ASKED = 20_000
"""So many of the best cells are put in order; of larger tables the others are left out."""
AFTER = (10, 50, 100, 150)
DRAWS = 400
"""Of one training of each cell."""


def order(benchmark: Benchmark, known: int, split: int) -> list[int]:
    """Places in the table's own order, the best is 0, in the order of what is believed.

    Args:
        benchmark: A table.
        known: How many of the best cells are known, but for the part that is asked about.
        split: Number of the random split.
    """
    ranked = np.argsort(-benchmark.accuracies, kind="stable")[:ASKED]
    rng = generator(split, "knowable")
    part = rng.integers(PARTS, size=len(ranked))
    part[rng.permutation(np.arange(known, len(ranked)))[known:]] = -1  # known by no fit
    believed = np.zeros(len(ranked))
    for each in range(PARTS):
        rows = ranked[(part >= 0) & (part != each)]
        asked = (part == each) | ((part == -1) & (each == 0))
        predictor = GaussianDelta(benchmark.space)
        predictor.fit_accuracies(benchmark.codes[rows], benchmark.accuracies[rows])
        believed[asked] = predictor.believed(benchmark.codes[ranked[asked]])
    found: list[int] = np.argsort(-believed, kind="stable").tolist()
    return found


def regrets(benchmark: Benchmark, places: list[int]) -> dict[int, float]:
    """Regret in points after so many cells, asked for in this order of places."""
    accuracies = -np.sort(-benchmark.accuracies)
    return {n: 100 * float(accuracies[0] - accuracies[min(places[:n])]) for n in AFTER}


def one_run_regrets(benchmark: Benchmark, places: list[int]) -> dict[int, float]:
    """The same where an answer is one random training, and the best answer is believed."""
    ranked = np.argsort(-benchmark.accuracies, kind="stable")
    regret = benchmark.accuracies[ranked[0]] - benchmark.accuracies[ranked[places[: max(AFTER)]]]
    rng = generator(0, "knowable", "runs")
    told = np.stack(
        [rng.choice(benchmark.runs[ranked[place]], DRAWS) for place in places[: max(AFTER)]]
    )
    return {n: 100 * float(regret[told[:n].argmax(axis=0)].mean()) for n in AFTER}


def main() -> None:
    """Print a line for each table and number of known cells."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benchmarks", nargs="*", default=NAMES)
    parser.add_argument("--known", type=int, nargs="+", default=[300, 1_000, 3_000])
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--one-run", action="store_true")
    chosen = parser.parse_args()
    regret_of = one_run_regrets if chosen.one_run else regrets
    for name in chosen.benchmarks:
        benchmark = recorded(name)
        if max(map(len, benchmark.runs)) > 1:
            print(f"{name}, noise of a mean {100 * noise_of_mean(benchmark):.3f}", flush=True)
        if chosen.one_run:
            regret = regret_of(benchmark, list(range(max(AFTER))))
            print(f"{name}, true order: regret {words(regret)}", flush=True)
        for known in chosen.known:
            orders = [order(benchmark, known, split) for split in range(chosen.splits)]
            first, second = (
                np.mean([each.index(place) + 1 for each in orders]) for place in (0, 1)
            )
            each_regret = [regret_of(benchmark, each) for each in orders]
            regret = {n: float(np.mean([one[n] for one in each_regret])) for n in AFTER}
            print(
                f"{name}, {known:,} of the best known: the best is in place {first:.0f}, "
                f"the second in place {second:.0f}; regret {words(regret)}",
                flush=True,
            )


def words(regret: dict[int, float]) -> str:
    """Regret after each number of cells, told in words."""
    return ", ".join(f"{left:.3f} after {n}" for n, left in regret.items())


if __name__ == "__main__":
    main()
