"""Which of many architectures are similar: edit distances, a block of rows at a time."""

from collections.abc import Sequence
from typing import final

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from deltanas.errors import PairsError, ShapeError
from deltanas.spaces import ABSENT, Codes, SearchSpace

CELLS = 2_000_000
"""Distances held at a time: a few MB, however many architectures there are."""

Indices = Int[np.ndarray, " pairs"]


@final
class Networks:
    """Evaluated codes grouped by network: one for each canonical key, in order of arrival."""

    def __init__(self, keys: Sequence[str], accuracies: Float[np.ndarray, " codes"]) -> None:
        """Group the codes by key and take the mean accuracy of each group."""
        self.keys = tuple(dict.fromkeys(keys))
        number = {key: row for row, key in enumerate(self.keys)}
        of_code = np.array([number[key] for key in keys], dtype=np.int64)
        self.order = np.argsort(of_code, kind="stable")
        """Rows of the codes, those of one network together."""
        self.starts = np.searchsorted(of_code[self.order], np.arange(len(self.keys)))
        """Where each network begins in `order`."""
        counts = np.bincount(of_code, minlength=len(self.keys))
        totals = np.bincount(of_code, weights=accuracies, minlength=len(self.keys))
        self.accuracies = totals / counts


def similar(codes: Codes, networks: Networks, edits: int) -> tuple[Indices, Indices, Indices]:
    """All pairs of networks at most `edits` apart: both rows and the distance, in order.

    Where a network was evaluated in several codes, its nearest one counts.
    """
    starts, count = networks.starts, len(networks.starts)
    columns = np.ascontiguousarray(codes[networks.order].T)
    found = [np.zeros((3, 0), dtype=np.int32)]
    step = max(1, CELLS * count // max(1, len(codes)) ** 2)
    for begin in range(0, count, step):
        end = min(begin + step, count)
        left = starts[begin]
        right = starts[end] if end < count else len(codes)
        distance = np.zeros((right - left, len(codes) - left), dtype=np.int16)
        for column in columns:
            differ = column[left:right, None] != column[None, left:]
            if (column == ABSENT).any():  # what appears goes along with another edit
                there = column != ABSENT
                differ &= there[left:right, None] & there[None, left:]
            distance += differ
        nearest = distance
        if count < len(codes):
            nearest = np.minimum.reduceat(nearest, starts[begin:end] - left, axis=0)
            nearest = np.minimum.reduceat(nearest, starts[begin:] - left, axis=1)
        one, other = np.nonzero(np.triu(nearest <= edits, k=1))
        block = np.stack([begin + one, begin + other, nearest[one, other]])
        found.append(block.astype(np.int32))
    first, second, distances = np.concatenate(found, axis=1)
    return first, second, distances


def check_evaluations(
    space: SearchSpace, codes: NDArray[np.integer], accuracies: NDArray[np.floating]
) -> None:
    """Refuse what are not evaluated architectures of this space.

    Raises:
        ShapeError: The arrays do not belong together, or the codes not to the space.
        PairsError: A code is not an architecture of the space, or an accuracy not finite.
    """
    expected = (len(accuracies), len(space.decisions))
    if accuracies.ndim != 1 or codes.shape != expected:
        raise ShapeError(
            f"expected codes of shape (architectures, {len(space.decisions)}) for space "
            f"{space.name!r} and one accuracy each, got codes of shape {codes.shape} and "
            f"accuracies of shape {accuracies.shape}; give one row and one number per architecture"
        )
    bad = np.flatnonzero(~np.isfinite(accuracies))
    if bad.size:
        raise PairsError(
            f"accuracies must be finite numbers, got {accuracies[bad[0]]} for architecture "
            f"{bad[0]} ({bad.size} of {len(accuracies)} are not); leave failed evaluations out"
        )
    in_range = np.all((codes >= ABSENT) & (codes < space.option_counts), axis=1)
    valid = np.zeros(len(codes), dtype=bool)
    if in_range.any():
        valid[in_range] = space.are_valid(codes[in_range].astype(np.int32))
    if not valid.all():
        row = int(np.flatnonzero(~valid)[0])
        raise PairsError(
            f"expected codes of space {space.name!r}, got {codes[row].tolist()} for architecture "
            f"{row}, which is none ({np.sum(~valid)} of {len(codes)} are not); take codes from "
            f"space.sample(...) or Architecture.code"
        )
