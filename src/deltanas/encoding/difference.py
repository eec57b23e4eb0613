"""The DoA encoding: the sparse difference of two architectures' encodings.

Two architectures one edit apart agree in all decisions but one, so a positional encoding of
them agrees in all but a few columns, however large the space. What has to be learned about
such differences grows with the number of decisions, not with the number of architectures.
"""

from typing import final

import numpy as np
import scipy
from numpy.typing import NDArray

from deltanas.encoding.base import Encoding
from deltanas.errors import ShapeError
from deltanas.spaces import SearchSpace

ROWS = 4_096
"""Pairs that are encoded at a time, so that no dense array of all pairs is ever made."""


@final
class DifferenceOfArchitectures:
    """Encodes a pair of architectures as E(after) - E(before), eq. (1).

    With E the one-hot encoding, a pair one edit apart has two non-zeros: -1 for the option
    that went, +1 for the one that came. Swapping the two flips every sign.

    Source: the difference of architecture (DoA) encoding is the method's; its exact form
    was not published, and this one is our reconstruction.
    """

    def __init__(self, encoding: Encoding) -> None:
        """Take the columns of `encoding`."""
        self.encoding = encoding
        self.names = encoding.names

    def encode(
        self, before: NDArray[np.integer], after: NDArray[np.integer]
    ) -> "scipy.sparse.csr_array":
        """Differences with only their non-zeros stored, shape `(pairs, len(self.names))`.

        Args:
            before: Codes of the first architectures, shape `(pairs, decisions)`.
            after: Codes of the second ones, same shape and order.

        Raises:
            ShapeError: The two arrays differ in shape or are no arrays of codes.
        """
        check_pair(before, after)
        blocks = []
        for start in range(0, max(len(before), 1), ROWS):
            old, new = before[start : start + ROWS], after[start : start + ROWS]
            blocks.append(
                scipy.sparse.csr_array(self.encoding.encode(new) - self.encoding.encode(old))
            )
        return scipy.sparse.csr_array(scipy.sparse.vstack(blocks, format="csr"))


def check_pair(before: NDArray[np.integer], after: NDArray[np.integer]) -> None:
    """Refuse two arrays of codes that do not belong together.

    Raises:
        ShapeError: They differ in shape, or are not two-dimensional.
    """
    if before.shape != after.shape or before.ndim != 2:  # noqa: PLR2004 - pairs and decisions
        raise ShapeError(
            f"expected two arrays of codes with one shape (pairs, decisions), got before of "
            f"shape {before.shape} and after of shape {after.shape}; row i of both is pair i"
        )


def one_edit_differences(space: SearchSpace) -> int:
    """How many different one-edit differences there are, in either direction: sum r_i (r_i - 1).

    The number of inputs that a context-free predictor can ever see. It is linear in the
    number of decisions, where the number of architectures is the product of all r_i. In a
    space with constraints or absent decisions it is an upper bound.

    Args:
        space: A space with r_i options for decision i.
    """
    counts = space.option_counts.astype(int)
    return int(np.sum(counts * (counts - 1)))
