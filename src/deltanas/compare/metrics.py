"""Numbers that sum up runs: pure functions of arrays, accuracies and regrets as fractions.

Runs are rows, queries are columns. A run that ended early (at the optimum, by its protocol)
is continued with its last value before it comes here.
"""

from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Bool, Float, Int

from deltanas.compare.protocol import ComparisonError
from deltanas.seeds import generator

RESAMPLES: Final = 2_000
FLOOR: Final = 1e-5
"""Regret below which runs count as equally good in logarithms: a thousandth of a point."""

Runs = Float[np.ndarray, "runs queries"]


@final
@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over runs with its 95 % interval."""

    mean: float
    """The mean."""
    low: float
    """Lower end."""
    high: float
    """Upper end."""


def resampled(runs: int, rng: np.random.Generator) -> Float[np.ndarray, "resamples runs"]:
    """How often each run is drawn, in `RESAMPLES` draws of as many runs with replacement.

    Counts instead of copies: (resamples x runs) @ (runs x queries) sums up all of them.
    """
    rows = rng.integers(runs, size=(RESAMPLES, runs))
    counts = np.zeros((RESAMPLES, runs))
    np.add.at(counts, (np.arange(RESAMPLES)[:, None], rows), 1.0)
    return counts


def bootstrap(runs: Runs) -> Float[np.ndarray, "two queries"]:
    """Ends of the 95 % percentile interval of the mean over runs, per query.

    Args:
        runs: One row per run.

    Source: Efron & Tibshirani 1993, chapter 13. Resamples are the same for every method
    with the same number of runs, and on every machine.
    """
    counts = resampled(len(runs), generator(0, "bootstrap", len(runs)))
    means = counts @ runs / len(runs)
    ends: Float[np.ndarray, "two queries"] = np.quantile(means, [0.025, 0.975], axis=0)
    return ends


def estimate(values: Float[np.ndarray, " runs"]) -> Estimate:
    """Mean of one number per run with its bootstrap interval."""
    low, high = bootstrap(values[:, None])[:, 0]
    return Estimate(float(values.mean()), float(low), float(high))


def queries_to(
    values: Runs, level: float
) -> tuple[Int[np.ndarray, " runs"], Bool[np.ndarray, " runs"]]:
    """Queries until a value of at least `level` was seen.

    Args:
        values: Mean accuracy of each queried architecture.
        level: Accuracy to reach.

    Returns:
        Number of queries, counted from 1, and whether the run was *censored*: it never
        got there and is counted with its whole budget, which understates the truth.
    """
    reached: Bool[np.ndarray, "runs queries"] = np.greater_equal(values, level - 1e-12)
    censored: Bool[np.ndarray, " runs"] = np.asarray(~reached.any(axis=1))
    first = np.where(censored, values.shape[1], reached.argmax(axis=1) + 1)
    return first, censored


def log_area(regrets: Runs) -> Float[np.ndarray, " runs"]:
    """Mean over queries of the decimal logarithm of regret: -2 is one point on average.

    Regrets below `FLOOR` count as `FLOOR`, so the optimum has a finite logarithm.
    """
    area: Float[np.ndarray, " runs"] = np.log10(np.maximum(regrets, FLOOR)).mean(axis=1)
    return area


def halved(regrets: Runs, best_peer: float, at: int) -> int | None:
    """Queries after which the mean regret is at most that of the best peer at query `at`.

    Returns:
        The number, from 1; None if it is not reached within the budget.
    """
    if at > regrets.shape[1]:
        raise ComparisonError(
            f"regret at query {at} was asked of runs of {regrets.shape[1]} queries; "
            f"run with a larger --budget"
        )
    reached = np.flatnonzero(regrets.mean(axis=0) <= best_peer + 1e-12)
    return int(reached[0]) + 1 if len(reached) else None
