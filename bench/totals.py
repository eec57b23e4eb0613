"""Does it help to see what blocks with the same words come to together? `python -m bench.totals`.

Kendall's tau of `GaussianDelta` after 20, 50 and 100 labels, with totals less without, same labels:
mean with the half-width of the 95 % interval over tables and draws. Tables of cells are told as
plain choices, so that blocks are all that is known: NAS-Bench-Graph has four operations with the
same words, NAS-Bench-201 and TransNAS-Bench-101 have six. Their labels are random, and unseen
networks are asked about, random ones and ones of the best tenth. `cnn-cell` has three such layers;
its networks are those that `bench.real_training` trained, labels and asked ones alike.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.numbers import half_width, trained_by_seed
from bench.tables import recorded
from deltanas.networks import cnn_cell
from deltanas.predictor import GaussianDelta, kendall_tau
from deltanas.predictor.design import UsualDesign
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, SearchSpace

LABELS = (20, 50, 100)
ASKED, ASKED_BEST = 1_500, 500
GRAPHS = ["arxiv", "citeseer", "computers", "cora", "cs", "photo", "physics", "pubmed"]
GROUPS = {
    "NAS-Bench-Graph, 4 blocks": [f"nasbench-graph:{name}" for name in GRAPHS],
    "NAS-Bench-201, 6 blocks": [f"nasbench201:{name}" for name in ("cifar10", "cifar100")],
    "TransNAS-Bench-101, 6 blocks": [
        f"transnas-micro:{name}" for name in ("class_scene", "room_layout", "segmentsemantic")
    ],
}

Change = np.ndarray
"""For each number of labels: tau with totals less without, all asked and the best ones."""


def change(
    space: SearchSpace, codes: np.ndarray, accuracies: np.ndarray, asked: list[np.ndarray]
) -> Change:
    """The first rows are labels, as many as there may be; asked holds rows of each kind."""
    found = np.zeros((len(LABELS), len(asked)))
    for place, count in enumerate(LABELS):
        for sign, has_totals in ((1, True), (-1, False)):
            predictor = GaussianDelta(space, design=UsualDesign(space, totals=has_totals))
            predictor.fit_accuracies(codes[:count], accuracies[:count])
            for kind, rows in enumerate(asked):
                told = predictor.believed(codes[rows])
                found[place, kind] += sign * kendall_tau(told, accuracies[rows])
    return found


def on_table(name: str, draw: int) -> Change:
    """One draw of labels from a table whose cells are told as plain choices."""
    table = recorded(name)
    options = {str(each.name): [str(one) for one in each.options] for each in table.space.decisions}
    rng = generator(draw, "totals", name)
    order = rng.permutation(len(table.codes))
    codes, accuracies = np.asarray(table.codes)[order], table.accuracies[order]
    rest = np.arange(max(LABELS), len(codes))
    best = rest[accuracies[rest] >= np.quantile(accuracies, 0.9)]
    asked = [rest[:ASKED], rng.permutation(best)[:ASKED_BEST]]
    return change(BlockSpace(options, name="flat"), codes, accuracies, asked)


def on_trainings(file: Path, draws: int) -> Iterator[Change]:
    """Draws of labels from the networks that each seed of a bench has trained."""
    for seed, networks in enumerate(trained_by_seed(file)):
        for draw in range(draws):
            order = generator(draw, "totals", seed).permutation(len(networks))
            codes = np.array(list(networks), dtype=np.int32)[order]
            accuracies = np.array(list(networks.values()))[order]
            rest = np.arange(max(LABELS), len(codes))
            yield change(cnn_cell(), codes, accuracies, [rest])


def report(name: str, changes: list[Change]) -> None:
    """A line for all asked, and one for the best."""
    found = np.array(changes)
    halves = half_width(found)
    for kind, words in enumerate(("all", "best tenth")[: found.shape[2]]):
        told = [
            f"{count}: {found[:, place, kind].mean():+.3f} ± {halves[place, kind]:.3f}"
            for place, count in enumerate(LABELS)
        ]
        print(f"{name:30} {words:11} {'  '.join(told)}", flush=True)


def main() -> None:
    """Print the changes of each group."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--trainings", type=Path, default=Path("runs/real_training.jsonl"))
    chosen = parser.parse_args()
    for group, names in GROUPS.items():
        report(group, [on_table(name, draw) for name in names for draw in range(chosen.draws)])
    if chosen.trainings.exists():
        report("cnn-cell, 3 blocks", list(on_trainings(chosen.trainings, chosen.draws)))


if __name__ == "__main__":
    main()
