"""Best accuracy so far against evaluations: of a study, and of methods to compare it with.

Reference curves are simulated on a table of all accuracies: the very searchers that a
study can use, run with many seeds. Nothing is kept between reports.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from deltanas.records import Evaluation, History, Status, Trial
from deltanas.search import make
from deltanas.seeds import generator
from deltanas.spaces import Architecture, SearchSpace

RUNS = 20
"""Seeds of a reference curve, fewer where many evaluations would make it slow."""
FIRST_SEED = 1_000
"""Seeds from here on, so that none is the study's own."""
MOST_PROPOSALS = 6_000
"""Most simulated evaluations per method: a few seconds."""
MOST_STEPS = 600
"""Longest reference curve, in evaluations."""

Measure = Callable[[Architecture, int], float]
"""Accuracy that run number so-and-so gets for an architecture, a fraction."""


@final
@dataclass(frozen=True, slots=True)
class Curve:
    """Best accuracy so far after each evaluation, over one run or many."""

    name: str
    """Method."""
    runs: int
    """How many runs it sums up."""
    evaluations: Int[np.ndarray, " points"]
    """Evaluations done, increasing."""
    middle: Float[np.ndarray, " points"]
    """Median over the runs of the best accuracy so far, a fraction."""
    low: Float[np.ndarray, " points"]
    """Lower quartile over the runs."""
    high: Float[np.ndarray, " points"]
    """Upper quartile over the runs."""


def best_so_far(name: str, history: History) -> Curve:
    """The curve of one study; failed trials count as evaluations that brought nothing.

    Args:
        name: What to call it.
        history: The study's trials; those that still run are left out.

    Returns:
        One point per ended trial, from the first one with an accuracy.
    """
    ended = [trial for trial in history.trials if trial.evaluation is not None]
    row = [-np.inf if trial.accuracy is None else trial.accuracy for trial in ended]
    return _curve(name, np.array([row], dtype=float))


def simulate(
    method: str, space: SearchSpace, measure: Measure, *, steps: int, runs: int = RUNS
) -> Curve:
    """The curve of a method on a table, with seeds 1000, 1001, ...

    Args:
        method: Name of the searcher, with its own default settings.
        space: What it searches.
        measure: Looks up an accuracy for an architecture and a seed.
        steps: Evaluations of each run, at most `MOST_STEPS` of them.
        runs: Number of seeds; fewer (at least 5) where `MOST_PROPOSALS` would be passed.
    """
    steps = min(steps, MOST_STEPS)
    runs = max(5, min(runs, MOST_PROPOSALS // max(1, steps)))
    rows = np.full((runs, steps), -np.inf)
    for run in range(runs):
        searcher = make(method, space, seed=FIRST_SEED + run)
        trials: list[Trial] = []
        for step in range(steps):
            proposals = searcher.propose(History(trials))
            if not proposals:
                break
            accuracy = measure(proposals[0].architecture, FIRST_SEED + run)
            trials.append(Trial(proposals[0], Evaluation(step, Status.FINISHED, accuracy)))
            rows[run, step] = accuracy
    return _curve(method, rows)


def random_draws_needed(
    networks: Int[np.ndarray, " rows"],
    accuracies: NDArray[np.floating],
    target: float,
    *,
    runs: int = 200,
) -> float:
    """Median number of different networks that random search trains to reach an accuracy.

    Args:
        networks: Number of the network of each row of a whole table.
        accuracies: Accuracy of each row, a fraction.
        target: The accuracy to reach; at least one row has it.
        runs: Number of random orders.

    Source: drawing codes uniformly and skipping networks seen before is a random order of
    all codes; ours.
    """
    needed = []
    for run in range(runs):
        order = generator(run, "random draws").permutation(len(networks))
        until = int(np.argmax(accuracies[order] >= target)) + 1
        needed.append(len(np.unique(networks[order[:until]])))
    return float(np.median(needed))


def _curve(name: str, rows: Float[np.ndarray, "runs steps"]) -> Curve:
    """Quartiles of the best so far, from the first step at which every run has an accuracy."""
    best = np.maximum.accumulate(rows, axis=1)
    known = np.flatnonzero(np.all(np.isfinite(best), axis=0))
    low, middle, high = np.quantile(best[:, known], [0.25, 0.5, 0.75], axis=0)
    return Curve(name, len(rows), known + 1, middle, low, high)
