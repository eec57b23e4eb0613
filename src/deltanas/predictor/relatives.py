"""A predictor of differences as an advisor of the evolution: judged from the nearest relatives.

The closed form combines what all evaluated architectures say of a child by itself. A predictor
that is learned from pairs does not: here it is asked about a child's evaluated relatives.
"""

from typing import Final, final

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from deltanas.errors import PairsError
from deltanas.pairs import pairs_of
from deltanas.predictor.base import DeltaPredictor, Prediction
from deltanas.predictor.posterior import expected_improvement
from deltanas.spaces import Codes, SearchSpace

RELATIVES: Final = 5
"""Evaluated architectures from which a child is judged."""
LEAST_SPREAD: Final = 1e-6
"""Smallest spread of an estimate, an accuracy fraction."""

Accuracies = Float[np.ndarray, " architectures"]


@final
class Relatives:
    """An advisor that asks a delta predictor about the nearest evaluated relatives.

    `DeltaEvolution(space, seed=0, predictor=Relatives(space, GraphDelta(space)))` searches with it.

    With y the accuracy of relative i and s the spread of the predicted difference, the
    estimates e_i = y_i + D(i, child) are averaged with weights 1 / s_i^2, eq. (1). Their
    errors have the child in common, so they are taken for one: the variance is the
    weighted mean of s_i^2 and of (e_i - mean)^2, eq. (2), and does not fall with their
    number. Before there is a pair to learn from, nothing changes anything, with
    the deviation of all accuracies as spread.

    Source: y(parent) + D(parent, child) is the paper's; combining several is ours.
    """

    def __init__(
        self, space: SearchSpace, predictor: DeltaPredictor, *, edits: int | None = None
    ) -> None:
        """Know nothing yet.

        Args:
            space: What the architectures belong to.
            predictor: What learns the differences.
            edits: Most edits between the two architectures of a pair that it learns from; by
                default all pairs.
        """
        self._space, self._predictor = space, predictor
        self._edits = len(space.decisions) if edits is None else edits

    def fit_accuracies(self, codes: Codes, accuracies: Accuracies) -> None:
        """Learn from the pairs among evaluated architectures."""
        pairs = pairs_of(self._space, codes, accuracies, edits=self._edits)
        self._codes, self._accuracies = pairs.codes, pairs.accuracies
        self._has_learned = bool(len(pairs))
        if self._has_learned:
            try:
                self._predictor.fit(pairs)
            except PairsError:
                # It learns from closer pairs than there are yet.
                self._has_learned = False

    def predict(self, before: NDArray[np.integer], after: NDArray[np.integer]) -> Prediction:
        """What the predictor says, row by row."""
        if self._has_learned:
            return self._predictor.predict(before, after)
        spread = np.where((before == after).all(axis=1), 0.0, self._accuracies.std())
        return Prediction(np.zeros(len(before)), spread)

    def believed(self, codes: Codes) -> Accuracies:
        """Expected accuracies; of an evaluated architecture the measured one."""
        return self._estimates(codes)[0]

    def expected_improvement(self, codes: Codes, incumbent: float) -> Accuracies:
        """Expected gain of each over an accuracy, an accuracy fraction."""
        mean, spread = self._estimates(codes)
        improvement: Accuracies = expected_improvement(mean, spread, incumbent)
        return improvement

    def _estimates(self, codes: Codes) -> tuple[Accuracies, Accuracies]:
        """Mean and spread of each architecture's accuracy, eq. (1) and (2)."""
        distance = np.sum(codes[:, None] != self._codes[None], axis=2)
        # Of relatives at one distance the better ones.
        by_accuracy = np.argsort(-self._accuracies, kind="stable")
        nearest = np.argsort(distance[:, by_accuracy], axis=1, kind="stable")[:, :RELATIVES]
        relatives = by_accuracy[nearest]
        count = relatives.shape[1]
        children = np.repeat(codes, count, axis=0)
        found = self.predict(self._codes[relatives.reshape(-1)], children)
        estimates = self._accuracies[relatives] + found.mean.reshape(-1, count)
        spreads = np.maximum(found.spread.reshape(-1, count), LEAST_SPREAD)
        weights = spreads**-2.0
        weights /= weights.sum(axis=1, keepdims=True)
        mean: Accuracies = np.sum(weights * estimates, axis=1)
        variance = np.sum(weights * (spreads**2 + (estimates - mean[:, None]) ** 2), axis=1)
        return mean, np.sqrt(variance)
