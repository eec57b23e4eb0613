"""Children of NAS-Bench-101 cells: how fast they are made and judged. Needs DELTANAS_DATA.

`python -m bench.nasbench101_children`, CPU time on one thread: one-edit children generated,
checked and keyed per second, of cells that no cache has seen; and the time to generate, key
and score all children of 20 parents after 100 evaluations.
"""

import statistics
import time

import numpy as np

from bench.tables import recorded
from deltanas.predictor import GaussianDelta
from deltanas.spaces import NasBench101

LABELS, PARENTS = 100, 20


def children_per_second(parents: int, *, repeats: int = 7) -> tuple[float, int, int]:
    """One-edit children a second, generated, checked and keyed, of cells at once; and counts.

    Returns:
        Children per second of CPU in the fastest of the repeats, each with cells of its own
        and nothing remembered; children and different networks in that repeat.
    """
    codes = recorded("nasbench101").codes
    chosen = np.random.default_rng(0).permutation(len(codes))[: parents * repeats]
    best = (0.0, 0, 0)
    for part in np.array_split(chosen, repeats):
        space = NasBench101()
        began = time.process_time()
        _, children = space.children(codes[part])
        keys = space.keys(children)
        taken = time.process_time() - began
        best = max(best, (len(keys) / taken, len(keys), len(set(keys))))
    return best


def scoring_s(*, repeats: int = 7) -> tuple[float, float, int]:
    """Median seconds to learn, and to make, key and score all children of 20 parents."""
    benchmark = recorded("nasbench101")
    accuracies = np.array(benchmark.accuracies)
    learned, scored, count = [], [], 0
    for repeat in range(repeats):
        rows = np.random.default_rng(repeat).permutation(len(accuracies))[:LABELS]
        codes, known = benchmark.codes[rows], accuracies[rows]
        space = NasBench101()
        predictor = GaussianDelta(space)
        began = time.process_time()
        predictor.fit_accuracies(codes, known)
        learned.append(time.process_time() - began)
        began = time.process_time()
        _, children = space.children(codes[np.argsort(-known)[:PARENTS]])
        count = len(set(space.keys(children)))
        predictor.expected_improvement(children, float(known.max()))
        scored.append(time.process_time() - began)
    return statistics.median(learned), statistics.median(scored), count


def main() -> None:
    """Print one line per figure."""
    for parents in (1, 20, 100, 500, 1_000):
        rate, children, networks = children_per_second(parents)
        print(
            f"children of {parents:5} fresh cells: {rate:8,.0f} a second "
            f"({children:,} children, {networks:,} networks)",
            flush=True,
        )
    learned, scored, count = scoring_s()
    print(
        f"all children of {PARENTS} parents after {LABELS} evaluations: {scored:.3f} s "
        f"({count} networks), after {learned:.3f} s of learning"
    )


if __name__ == "__main__":
    main()
