"""How many trainings until the best cell of NAS-Bench-201 is found?

Every method gets the same protocol: unique networks, the mean validation accuracy over the
recorded trainings, its own default settings, seeds 0, 1, 2, ...; a run that has not found
the optimum after `cap` queries counts as `cap`.
"""

import numpy as np

from bench.tables import recorded
from deltanas.benchmarks import Benchmark
from deltanas.compare.metrics import estimate
from deltanas.records import Evaluation, History, Status, Trial
from deltanas.search import Searcher, make
from deltanas.spaces import SearchSpace

METHODS = ("delta-evolution", "local-search", "regularized-evolution")
DATASETS = ("cifar10", "cifar100", "imagenet16-120")
CAP = 200
REGRET_AT = 50


def bests(
    benchmark: Benchmark, searcher: Searcher, most: int, *, until_optimum: bool = True
) -> list[float]:
    """Best accuracy after each query, of `most` or until the optimum is found."""
    trials: list[Trial] = []
    found: list[float] = []
    while len(trials) < most:
        (proposal,) = searcher.propose(History(trials))
        accuracy = benchmark.evaluate(proposal.architecture)
        trials.append(Trial(proposal, Evaluation(proposal.number, Status.FINISHED, accuracy)))
        found.append(max(found[-1] if found else 0.0, accuracy))
        if until_optimum and found[-1] >= benchmark.optimum:
            break
    return found


def run(
    benchmark: Benchmark,
    method: str,
    seed: int,
    *,
    space: SearchSpace | None = None,
    regret_at: int = REGRET_AT,
) -> tuple[int, float]:
    """Queries to the optimum, and the regret in points after some queries.

    `space` is the benchmark's own, or one that knows more of its architectures.
    """
    searcher = make(method, space or benchmark.space, seed=seed)
    best = bests(benchmark, searcher, CAP)
    return len(best), 100 * (benchmark.optimum - best[min(regret_at, len(best)) - 1])


def interval(values: np.ndarray) -> float:
    """Half-width of the 95 % bootstrap interval of a mean."""
    found = estimate(values)
    return (found.high - found.low) / 2


def main(seeds: int) -> None:
    """Print one line per data set and method."""
    print(f"NAS-Bench-201: unique queries to the best validation cell, {seeds} seeds, cap {CAP}")
    heading = "    mean    95 %  median  regret@50   95 %"
    print(f"{'data set':16}{'method':24}{heading}")
    for dataset in DATASETS:
        benchmark = recorded(f"nasbench201:{dataset}")
        for method in METHODS:
            found = np.array([run(benchmark, method, seed) for seed in range(seeds)])
            queries, regret = found.T
            print(
                f"{dataset:16}{method:24}{queries.mean():8.1f}{interval(queries):8.1f}"
                f"{np.median(queries):8.1f}{regret.mean():11.3f}{interval(regret):7.3f}",
                flush=True,
            )
