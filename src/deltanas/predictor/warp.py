"""A scale on which accuracies are easier to learn: the normal quantiles of their ranks.

A cell that does not train lies dozens of points below all others and would set the scale
of everything. For a search it does not matter how bad it is, only that it is.
"""

from typing import final

import numpy as np
import scipy
from jaxtyping import Float

from deltanas.predictor.spread import usable

Vector = Float[np.ndarray, " values"]

TAIL = 3
"""Measured values whose slope continues the scale above the best one."""


@final
class Warp:
    """Measured accuracies to normal scores, mean 0 and deviation 1, and back.

    Between measured values it is linear, above the best it goes on with the slope of the
    best `TAIL`, below the worst it is constant: strictly increasing where it matters.

    Source: normal scores are van der Waerden's (1952); using them as the scale of a process
    and the way back are ours.
    """

    def __init__(self, accuracies: Vector) -> None:
        """Learn the scale from at least one measured accuracy; equal ones share a rank."""
        self._values, place, count = np.unique(accuracies, return_inverse=True, return_counts=True)
        scores = scipy.special.ndtri((np.cumsum(count) - count / 2) / len(accuracies))
        mean, deviation = scores[place].mean(), scores[place].std()
        self._scores: Vector = (scores - mean) / (deviation or 1.0)
        first = max(len(scores) - TAIL, 0)
        rise = self._values[-1] - self._values[first]
        run = self._scores[-1] - self._scores[first]
        self._tail = usable(float(rise / run)) if rise > 0 else 1.0

    def apply(self, accuracies: Vector) -> Vector:
        """Accuracies to scores."""
        above = np.maximum(accuracies - self._values[-1], 0.0) / self._tail
        scores: Vector = np.interp(accuracies, self._values, self._scores) + above
        return scores

    def invert(self, scores: Vector) -> Vector:
        """Scores back to accuracies."""
        above = np.maximum(scores - self._scores[-1], 0.0) * self._tail
        accuracies: Vector = np.interp(scores, self._scores, self._values) + above
        return accuracies

    def slope(self, scores: Vector) -> Vector:
        """Accuracy per unit of score around these scores: it converts spreads."""
        step = 0.5
        slope: Vector = (self.invert(scores + step) - self.invert(scores - step)) / (2 * step)
        return slope
