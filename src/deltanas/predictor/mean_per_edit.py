"""The mean change of each edit, wherever it was made: the context-free idea without a model."""

from typing import final

import numpy as np
from jaxtyping import Int
from numpy.typing import NDArray

from deltanas.errors import PairsError
from deltanas.pairs import Pairs
from deltanas.predictor.asking import check_asked, check_learnable
from deltanas.predictor.base import DeltaPredictor, Prediction
from deltanas.spaces import ABSENT, Codes, edit_distance

UNSEEN = 1.0
"""Every edit counts as if it had also been seen this often without any change."""


@final
class MeanPerEdit(DeltaPredictor):
    """Predicts for each edit the mean of its measured changes, shrunk towards 0.

    With n measured changes d of an edit the prediction is sum(d) / (n + 1), so an edit that
    was never seen changes nothing. A pair of several edits is the sum over them. Only pairs
    one edit apart are learned from; the inverse of an edit is learned with it.

    The variance is, summed over the edits, that of single changes around their
    prediction, plus that of the prediction: mean square change / (n + 1).
    """

    def __init__(self) -> None:
        """Know nothing."""
        self._means = np.zeros((0, 0, 0))
        self._counts = np.zeros((0, 0, 0))
        self._within = 0.0
        self._total = 0.0
        self._decisions: int | None = None

    def fit(self, pairs: Pairs) -> None:
        """Learn the table of means.

        Raises:
            PairsError: No pair is one edit apart.
        """
        check_learnable(pairs)
        before, after = pairs.before, pairs.after
        single = edit_distance(before, after) == 1
        if not single.any():
            raise PairsError(
                f"MeanPerEdit learns from pairs 1 edit apart, got none among {len(pairs)} pairs; "
                f"evaluate neighbours of evaluated architectures, or use AdditiveDelta"
            )
        before, after, deltas = before[single], after[single], pairs.deltas[single]
        decisions = before.shape[1]
        # One more place than options: ABSENT is -1, which is the last one. What appears or
        # vanishes along with an edit is left at 0 there, and counts as part of the edit.
        places = int(pairs.space.option_counts.max()) + 1
        sums = np.zeros((decisions, places, places))
        self._counts = np.zeros_like(sums)
        rows = np.arange(len(before))
        there = (before != ABSENT) & (after != ABSENT)
        where: Int[np.ndarray, " pairs"] = np.argmax((before != after) & there, axis=1)
        old, new = before[rows, where], after[rows, where]
        np.add.at(sums, (where, old, new), deltas)
        np.add.at(sums, (where, new, old), -deltas)
        np.add.at(self._counts, (where, old, new), 1.0)
        np.add.at(self._counts, (where, new, old), 1.0)
        self._means = sums / (self._counts + UNSEEN)
        self._within = float(np.mean((deltas - self._means[where, old, new]) ** 2))
        self._total = float(np.mean(deltas**2))
        self._decisions = decisions

    def predict(self, before: NDArray[np.integer], after: NDArray[np.integer]) -> Prediction:
        """Sum the mean changes of all edits between the two, row by row."""
        check_asked(before, after, self._decisions)
        return self._summed(before, after)

    def _summed(self, before: Codes, after: Codes) -> Prediction:
        where = np.arange(before.shape[1])
        means = self._means[where, before, after]
        variances = self._within + self._total / (self._counts[where, before, after] + UNSEEN)
        edited = (before != after) & (before != ABSENT) & (after != ABSENT)
        variance = np.sum(np.where(edited, variances, 0.0), axis=1)
        return Prediction(means.sum(axis=1), np.sqrt(variance))
