"""`python -m bench.pooled FILE ONE OTHER`: two methods of a comparison over all its benchmarks.

FILE is a results file, or what `bench.kept` keeps of one. Each benchmark counts in units of OTHER's
mean regret there (.001 points are added to it); printed after 10, 20, 50 and 100 queries are
how much more or less ONE has on average, and the p-value of Wilcoxon's signed-rank test over all
pairs of runs. `--without NAME` leaves out benchmarks whose names contain NAME.
"""

import argparse
from pathlib import Path

import numpy as np
from scipy import stats

from deltanas.compare.summary import Comparison, comparison

AFTER = (10, 20, 50, 100)
FLOOR = 1e-5
"""Added to mean regrets before they divide: some are 0."""


def differences(
    found: Comparison, one: str, other: str, after: int, without: tuple[str, ...] = ()
) -> np.ndarray:
    """Regret of one method less that of the other, a run each, in units of the other's mean."""
    parts = []
    for benchmark in found.benchmarks:
        if any(name in benchmark for name in without):
            continue
        rows, others = found.paired(benchmark, one, other)
        ours = found.curves[benchmark, one].regret[rows, after - 1]
        theirs = found.curves[benchmark, other].regret[others, after - 1]
        parts.append((ours - theirs) / (theirs.mean() + FLOOR))
    return np.concatenate(parts)


def main() -> None:
    """Print one line for each number of queries."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="a results file")
    parser.add_argument("one", help="a method in it")
    parser.add_argument("other", help="another one")
    parser.add_argument("--without", nargs="*", default=(), help="benchmarks to leave out")
    given = parser.parse_args()
    found = comparison(given.file)
    for after in AFTER:
        if after <= found.budget:
            each = differences(found, given.one, given.other, after, tuple(given.without))
            chance = stats.wilcoxon(each).pvalue
            print(f"after {after}: {100 * each.mean():+.0f} %, p {chance:.3f}, {len(each)} pairs")


if __name__ == "__main__":
    main()
