"""Is one method better than another, or was it luck? Tests for runs that are paired by seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Float
from scipy.stats import f as f_distribution
from scipy.stats import rankdata, studentized_range, wilcoxon

from deltanas.compare.protocol import ComparisonError

EXACT: Final = 25
"""Pairs up to which the test is exact: of few, the normal approximation is too far off."""
EPSILON: Final = 1e-9
"""Rounding error of sums of ranks."""


@final
@dataclass(frozen=True, slots=True)
class Ranks:
    """Average ranks over blocks (1 is best) and how far apart they must be."""

    mean: Mapping[str, float]
    """Average rank of each method."""
    critical_difference: float
    """Two methods differ if their average ranks differ by more (Nemenyi, 5 %)."""
    p_value: float
    """Probability of ranks so different if all methods were equal (Friedman)."""
    blocks: int
    """How many rankings were averaged."""


def ranks(methods: Sequence[str], scores: Float[np.ndarray, "blocks methods"]) -> Ranks:
    """Average ranks of methods, lower scores first, ties shared.

    Args:
        methods: Name of each column, at least two.
        scores: One row per block: a task, or a task and seed.

    Raises:
        ComparisonError: Fewer than two methods or blocks.

    Source: Demsar, "Statistical Comparisons of Classifiers over Multiple Data Sets", JMLR
    2006: Friedman's test with Iman & Davenport's correction, Nemenyi's difference.
    """
    blocks, k = scores.shape
    if blocks < 2 or k < 2:  # noqa: PLR2004 - a comparison takes two
        raise ComparisonError(
            f"ranks need at least 2 methods and 2 blocks (tasks or seeds), got {k} and {blocks}"
        )
    mean = rankdata(scores, axis=1).mean(axis=0)
    chi2 = 12 * blocks / (k * (k + 1)) * (float(np.sum(mean**2)) - k * (k + 1) ** 2 / 4)
    rest = blocks * (k - 1) - chi2
    statistic = (blocks - 1) * chi2 / rest if rest > EPSILON else np.inf
    p_value = float(f_distribution.sf(statistic, k - 1, (k - 1) * (blocks - 1)))
    q = float(studentized_range.ppf(0.95, k, np.inf)) / np.sqrt(2)
    difference = q * np.sqrt(k * (k + 1) / (6 * blocks))
    return Ranks(dict(zip(methods, mean.tolist(), strict=True)), difference, p_value, blocks)


def paired_p(ours: Float[np.ndarray, " runs"], theirs: Float[np.ndarray, " runs"]) -> float:
    """Two-sided p-value that paired runs differ (Wilcoxon 1945); 1 if all pairs are equal.

    Equal pairs keep their ranks and are split between both signs, so that many of them weaken a
    claim. Up to `EXACT` pairs it is exact, given the ranks: all signs are equally likely.
    """
    differences = np.round(ours - theirs, 12)
    if not differences.any():
        return 1.0
    if len(differences) <= EXACT:
        return _exact_p(differences)
    return float(wilcoxon(differences, zero_method="zsplit", method="approx").pvalue)


def _exact_p(differences: Float[np.ndarray, " runs"]) -> float:
    """Share of all signs that give a sum of ranks as far from none or farther."""
    doubled = np.rint(2 * rankdata(np.abs(differences))).astype(int)  # ties share half ranks
    doubled[differences == 0] = 0
    reached = abs(int(np.sign(differences) @ doubled))
    ways = np.ones(1)
    for rank in doubled[doubled > 0].tolist():  # how many signs give each sum, from the least on
        both = np.zeros(len(ways) + 2 * rank)
        both[: len(ways)] += ways
        both[2 * rank :] += ways
        ways = both
    sums = np.arange(len(ways)) - doubled.sum()
    return float(ways[np.abs(sums) >= reached].sum() / ways.sum())


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for asking several questions, in the given order.

    Source: Holm 1979: the i-th smallest of m is multiplied by m - i + 1, and none is
    smaller than one before it.
    """
    order = np.argsort(p_values, kind="stable")
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for place, index in enumerate(order.tolist()):
        largest = max(largest, (len(p_values) - place) * p_values[index])
        corrected[index] = min(1.0, largest)
    return corrected
