"""Can the very best cell of NAS-Bench-101 be known from others? `python -m bench.nasbench101_best`.

Needs `nb101.npz` in DELTANAS_DATA. For the first of the best 1,000 cells of the table: the best
and the median accuracy of the cells one edit away, and which place that is among the 1,000.
"""

import numpy as np

from deltanas.benchmarks import Benchmark, load

BEST, SHOWN = 1_000, 3


def neighbours(benchmark: Benchmark, row: int, row_of: dict[str, int]) -> np.ndarray:
    """Accuracies of the different cells one edit away from that of a row."""
    code = benchmark.codes[row : row + 1]
    space = benchmark.space
    keys = set(space.keys(space.children(code)[1])) - set(space.keys(code))
    return benchmark.accuracies[[row_of[key] for key in sorted(keys)]]


def main() -> None:
    """Print a line for each of the first cells."""
    benchmark = load("nasbench101")
    if not isinstance(benchmark, Benchmark):
        raise TypeError("NAS-Bench-101 is a table")
    row_of = {key: row for row, key in enumerate(benchmark.space.keys(benchmark.codes))}
    best = np.argsort(-benchmark.accuracies, kind="stable")[:BEST]
    around = [neighbours(benchmark, row, row_of) for row in best.tolist()]
    for name, values in (
        ("best", np.array([each.max() for each in around])),
        ("median", np.array([np.median(each) for each in around])),
    ):
        for number, row in enumerate(best[:SHOWN].tolist()):
            place = int((values > values[number]).sum()) + 1
            print(
                f"cell {number + 1}, {100 * benchmark.accuracies[row]:.3f} %: the {name} of its "
                f"{len(around[number])} neighbours has {100 * values[number]:.3f} %, "
                f"place {place:,} of {BEST:,}"
            )


if __name__ == "__main__":
    main()
