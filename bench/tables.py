"""Benchmarks of which every architecture was recorded, and searches on them."""

from collections.abc import Callable

import numpy as np

from deltanas.benchmarks import Benchmark, load
from deltanas.records import Evaluation, History, Proposal, Trial
from deltanas.search import Searcher


def recorded(name: str) -> Benchmark:
    """A benchmark by name that is a table, not a model that answers.

    Raises:
        TypeError: It is a model.
    """
    found = load(name)
    if not isinstance(found, Benchmark):
        raise TypeError(f"{name!r} is no table; this bench needs one")
    return found


def _several(benchmark: Benchmark) -> list[tuple[float, ...]]:
    """Trainings of the networks of the best hundredth that have several."""
    best = np.argsort(-benchmark.accuracies)[: max(len(benchmark.accuracies) // 100, 10)]
    several = [benchmark.runs[row] for row in best if len(benchmark.runs[row]) > 1]
    if not several:
        raise ValueError(f"{benchmark.name} records one training of each network; take another one")
    return several


def noise(benchmark: Benchmark) -> float:
    """Standard deviation between trainings of one network of the best hundredth, a fraction.

    Raises:
        ValueError: One training of each is recorded.
    """
    return float(np.sqrt(np.mean([np.var(runs, ddof=1) for runs in _several(benchmark)])))


def noise_of_mean(benchmark: Benchmark) -> float:
    """Standard deviation of the mean of their trainings, a fraction.

    Raises:
        ValueError: One training of each is recorded.
    """
    several = _several(benchmark)
    return noise(benchmark) * float(np.sqrt(np.mean([1 / len(runs) for runs in several])))


def searched(
    searcher: Searcher, table: Benchmark, budget: int, outcome: Callable[[int, int], Evaluation]
) -> list[int]:
    """Rows of a table that a searcher asks for, in order.

    Args:
        searcher: What chooses.
        table: What it asks.
        budget: Trainings.
        outcome: What comes of the training of this number, of the cell of this row.
    """
    rows: list[int] = []

    def evaluate(proposal: Proposal) -> Evaluation:
        rows.append(table.row(proposal.architecture))
        return outcome(proposal.number, rows[-1])

    trials_of(searcher, budget, evaluate)
    return rows


def trials_of(
    searcher: Searcher, budget: int, evaluate: Callable[[Proposal], Evaluation]
) -> list[Trial]:
    """Trials of a search, one after another."""
    trials: list[Trial] = []
    for _ in range(budget):
        (proposal,) = searcher.propose(History(trials))
        trials.append(Trial(proposal, evaluate(proposal)))
    return trials
