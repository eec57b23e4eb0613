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

LARGEST = 1e150
"""Two of them can be multiplied."""
TAIL = 3
"""Measured values whose slope continues the scale above the best one."""


@final
class Warp:
    """Measured accuracies to normal scores, mean 0 and deviation 1, and back.

    Between measured values it is linear, above the best it goes on with the slope of the
    best `TAIL`, below the worst it is constant: strictly increasing where it matters. Values
    beyond 1e150 are taken for that: nothing is known of them but their rank.

    Source: normal scores are van der Waerden's (1952); using them as the scale of a process
    and the way back are ours.
    """

    def __init__(self, accuracies: Vector) -> None:
        """Learn the scale from at least one measured accuracy; equal ones share a rank."""
        bounded = np.clip(accuracies, -LARGEST, LARGEST)
        self._values, place, count = np.unique(bounded, return_inverse=True, return_counts=True)
        scores = scipy.special.ndtri((np.cumsum(count) - count / 2) / len(accuracies))
        mean, deviation = scores[place].mean(), scores[place].std()
        self._scores: Vector = (scores - mean) / (deviation or 1.0)
        first = max(len(scores) - TAIL, 0)
        rise = self._values[-1] - self._values[first]
        run = self._scores[-1] - self._scores[first]
        # Of a single value nobody knows the scale: its own size says which unit it has.
        self._tail = usable(float(rise / run if rise > 0 else abs(self._values[-1])))

    def apply(self, accuracies: Vector) -> Vector:
        """Accuracies to scores."""
        bounded = np.clip(accuracies, -LARGEST, LARGEST)
        above = np.maximum(bounded - self._values[-1], 0.0) / self._tail
        scores: Vector = np.interp(bounded, self._values, self._scores) + above
        return scores

    def invert(self, scores: Vector) -> Vector:
        """Scores back to accuracies."""
        above = np.maximum(scores - self._scores[-1], 0.0) * self._tail
        accuracies: Vector = np.interp(scores, self._scores, self._values) + above
        return accuracies

    def slope(self, scores: Vector) -> Vector:
        """Accuracy per unit of score around these scores: it converts spreads.

        Below the worst, where the scale says nothing, it is that of the worst two.
        """
        step = 0.5
        slope: Vector = (self.invert(scores + step) - self.invert(scores - step)) / (2 * step)
        lowest = self._tail
        if len(self._values) > 1:
            lowest = (self._values[1] - self._values[0]) / (self._scores[1] - self._scores[0])
        found: Vector = np.where(slope > 0, slope, lowest)
        return found
