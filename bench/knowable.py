"""How soon could the best cells be found if the others were known? `python -m bench.knowable`.

The best cells of a table are split into parts; each part is predicted from the others and from
as many of the rest, which no search ever has. Then cells are asked for in the order of what is
believed of them. Printed, as means over splits: the places of the best and the second best cell
in that order, and the regret after the first 10, 50 and 150 cells, in points. A search that
must learn while it asks can hardly be quicker.
"""

import argparse

import numpy as np

from bench.tables import recorded
from deltanas.benchmarks import Benchmark
from deltanas.predictor.gaussian import GaussianDelta
from deltanas.seeds import generator

NAMES = ("nasbench201:cifar10", "nasbench201:cifar100", "nasbench201:imagenet16-120")
PARTS = 5
ASKED = 20_000
"""So many of the best cells are put in order; of larger tables the others are left out."""
AFTER = (10, 50, 150)


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


def main() -> None:
    """Print a line for each table and number of known cells."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benchmarks", nargs="*", default=NAMES)
    parser.add_argument("--known", type=int, nargs="+", default=[300, 1_000, 3_000])
    parser.add_argument("--splits", type=int, default=5)
    chosen = parser.parse_args()
    for name in chosen.benchmarks:
        benchmark = recorded(name)
        accuracies = -np.sort(-benchmark.accuracies)
        for known in chosen.known:
            orders = [order(benchmark, known, split) for split in range(chosen.splits)]
            first, second = (
                np.mean([each.index(place) + 1 for each in orders]) for place in (0, 1)
            )
            regret = {
                n: 100 * np.mean([accuracies[0] - accuracies[min(each[:n])] for each in orders])
                for n in AFTER
            }
            words = ", ".join(f"{left:.3f} after {n}" for n, left in regret.items())
            print(
                f"{name}, {known:,} of the best known: the best is in place {first:.0f}, "
                f"the second in place {second:.0f}; regret {words}",
                flush=True,
            )


if __name__ == "__main__":
    main()
