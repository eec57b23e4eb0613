"""What every predictor checks before it answers."""

import numpy as np
from numpy.typing import NDArray

from deltanas.encoding.difference import check_pair
from deltanas.errors import NotFittedError, PairsError, ShapeError
from deltanas.pairs import Pairs


def check_learnable(pairs: Pairs) -> None:
    """Refuse to learn from nothing.

    Raises:
        PairsError: There is no pair.
    """
    if not len(pairs):
        raise PairsError(
            f"learning differences needs at least 1 similar pair, got none among "
            f"{len(pairs.keys)} networks; evaluate more, or pair them with more edits, "
            f"for example edits={len(pairs.space.decisions)}"
        )


def check_asked(
    before: NDArray[np.integer], after: NDArray[np.integer], decisions: int | None
) -> None:
    """Refuse a question that cannot be answered.

    Args:
        before: Codes of the first architectures.
        after: Codes of the second ones.
        decisions: Number of decisions of what was learned from; None if nothing was.

    Raises:
        NotFittedError: Nothing was learned yet.
        ShapeError: The arrays differ in shape, or are of another space.
    """
    if decisions is None:
        raise NotFittedError("this predictor knows nothing yet; call fit(pairs) first")
    check_pair(before, after)
    if before.shape[1] != decisions:
        raise ShapeError(
            f"expected codes of {decisions} decisions, as those learned from, got "
            f"{before.shape[1]}; ask about the space that the predictor was fitted on"
        )
