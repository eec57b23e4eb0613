"""Kendall's rank correlation without scipy.stats, which takes longer to load than to use."""

import numpy as np
from jaxtyping import Float, Int

Numbers = Float[np.ndarray, " numbers"]
Ranks = Int[np.ndarray, " numbers"]


def tau_b(one: Numbers, other: Numbers) -> float:
    """Kendall's tau-b of two columns, each of which has two different numbers.

    Of all pairs of rows, those in one order in both columns less those in opposite orders,
    over the geometric mean of how many are no ties in the one column and in the other.

    Source: Kendall 1945, Biometrika 33:239-251; counted by sorting, as in Knight 1966.
    """
    order = np.lexsort((other, one))
    first, second = (np.unique(each[order], return_inverse=True)[1] for each in (one, other))
    pairs = len(one) * (len(one) - 1) // 2
    tied, tied_other = _ties(first), _ties(second)
    tied_in_both = _ties(first * len(one) + second)
    surplus = pairs - tied - tied_other + tied_in_both - 2 * _inversions(second)
    tau = surplus / np.sqrt(pairs - tied) / np.sqrt(pairs - tied_other)
    return float(np.clip(tau, -1.0, 1.0))


def _ties(ranks: Ranks) -> int:
    """Pairs of equal numbers."""
    counts = np.unique(ranks, return_counts=True)[1]
    return int(np.sum(counts * (counts - 1) // 2))


def _inversions(ranks: Ranks) -> int:
    """Pairs of which the earlier one is greater: counted while halves are merged."""
    count, width = 0, 1
    size = 1 << (len(ranks) - 1).bit_length()
    # Filled up at the end with numbers that are greater than all: they add no inversion.
    merged = np.concatenate([ranks, np.full(size - len(ranks), len(ranks))])
    while width < size:
        halves = merged.reshape(-1, 2, width)
        # A step from each pair of halves to the next makes one sorted row of all left halves.
        apart = (len(ranks) + 1) * np.arange(len(halves))[:, None]
        left, right = ((halves[:, side] + apart).reshape(-1) for side in (0, 1))
        until = width * (np.arange(len(right)) // width + 1)
        count += int(np.sum(until - np.searchsorted(left, right, side="right")))
        width *= 2
        merged = np.sort(merged.reshape(-1, width), axis=1).reshape(-1)
    return count
