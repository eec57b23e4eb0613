"""The predictor that knows no direction: no edit changes anything."""

from typing import final

import numpy as np
from numpy.typing import NDArray

from deltanas.pairs import Pairs
from deltanas.predictor.asking import check_asked, check_learnable
from deltanas.predictor.base import DeltaPredictor, Prediction
from deltanas.predictor.growth import growth
from deltanas.spaces import edit_distance


@final
class AlwaysZero(DeltaPredictor):
    """Predicts 0, with the spread that differences were seen to have.

    What every other predictor has to beat. How the spread grows with the number of edits is
    said in `growth`.
    """

    def __init__(self) -> None:
        """Know nothing."""
        self._variance = 0.0
        self._decisions: int | None = None

    def fit(self, pairs: Pairs) -> None:
        """Learn the mean square of a difference.

        Raises:
            PairsError: There is no pair.
        """
        check_learnable(pairs)
        self._variance = float(np.mean(pairs.deltas**2 / growth(pairs.distance)))
        self._decisions = len(pairs.space.decisions)

    def predict(self, before: NDArray[np.integer], after: NDArray[np.integer]) -> Prediction:
        """Predict no change, row by row."""
        check_asked(before, after, self._decisions)
        variance = self._variance * growth(edit_distance(before, after))
        return Prediction(np.zeros(len(before)), np.sqrt(variance))
