"""Does the predictor know which way one edit moves accuracy, for cells it has never seen?

From 100 random labels (the mean over the recorded trainings), the predictor says for pairs
one edit apart which is better. Left out are pairs that share a canonical class with a label,
and pairs that are functionally equal: their true difference is 0. For scale, the last column
is how often two single trainings agree on the direction: a perfect predictor of single
trainings could not do better.
"""

import numpy as np
from numpy.typing import NDArray

from bench.tables import recorded
from deltanas.benchmarks import Benchmark
from deltanas.predictor.gaussian import GaussianDelta
from deltanas.predictor.metrics import sign_agreement
from deltanas.seeds import generator
from deltanas.spaces import Codes

DATASETS = ("cifar10", "cifar100", "imagenet16-120")
LABELS = 100
PAIRS = 20_000
"""Pairs that are asked about: a random part of all."""
TOP = 0.9
"""Quantile above which both cells of a pair count as good."""
Rows = NDArray[np.int_]


def rows_of(benchmark: Benchmark, codes: Codes) -> Rows:
    """Rows of codes in a table of all codes, which counts with the last decision fastest."""
    counts = benchmark.space.option_counts.astype(np.int64)
    rows: Rows = codes @ np.cumprod([1, *counts[:0:-1]])[::-1]
    return rows


def one_edit_pairs(benchmark: Benchmark, classes: Rows) -> tuple[Rows, Rows]:
    """Rows of all unordered pairs of cells one edit apart that are not functionally equal."""
    parents, children = benchmark.space.children(benchmark.codes)
    first, second = parents, rows_of(benchmark, children)
    kept = (first < second) & (classes[first] != classes[second])
    return first[kept], second[kept]


def agreement(benchmark: Benchmark, classes: Rows, seed: int) -> tuple[float, float]:
    """Share of right directions: over all unseen pairs, and over those of two good cells."""
    rng = generator(seed, "sign agreement")
    # One random cell of each of 100 random classes.
    order = rng.permutation(len(classes))
    chosen = order[np.sort(np.unique(classes[order], return_index=True)[1])[:LABELS]]
    predictor = GaussianDelta(benchmark.space)
    predictor.fit_accuracies(benchmark.codes[chosen], benchmark.accuracies[chosen])
    first, second = one_edit_pairs(benchmark, classes)
    known = np.isin(classes, classes[chosen])
    unseen = np.flatnonzero(~known[first] & ~known[second])
    good = benchmark.accuracies > np.quantile(benchmark.accuracies, TOP)
    results = []
    for among in (unseen, unseen[good[first[unseen]] & good[second[unseen]]]):
        asked = rng.permutation(among)[:PAIRS]
        before, after = first[asked], second[asked]
        predicted = predictor.predict(benchmark.codes[before], benchmark.codes[after]).mean
        measured = benchmark.accuracies[after] - benchmark.accuracies[before]
        results.append(sign_agreement(predicted, measured))
    return results[0], results[1]


def between_trainings(benchmark: Benchmark, classes: Rows) -> float:
    """How often two single trainings of both cells agree on which is better."""
    first, second = one_edit_pairs(benchmark, classes)
    runs = benchmark.padded_runs
    change = runs[second] - runs[first]
    both = np.isfinite(change[:, 0]) & np.isfinite(change[:, 1])
    return float(np.mean(np.sign(change[both, 0]) == np.sign(change[both, 1])))


def main(seeds: int) -> None:
    """Print one line per data set."""
    print(f"sign of a one-edit change from {LABELS} labels, mean of {seeds} seeds (median)")
    print(f"{'data set':16}{'all pairs':>16}{'both in the top 10 %':>24}{'two trainings':>16}")
    for dataset in DATASETS:
        benchmark = recorded(f"nasbench201:{dataset}")
        keys = benchmark.space.keys(benchmark.codes)
        classes = np.unique(keys, return_inverse=True)[1]
        found = np.array([agreement(benchmark, classes, seed) for seed in range(seeds)])
        mean, median = found.mean(axis=0), np.median(found, axis=0)
        print(
            f"{dataset:16}{mean[0]:9.3f} ({median[0]:.3f}){mean[1]:16.3f} ({median[1]:.3f})"
            f"{between_trainings(benchmark, classes):16.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main(5)
