"""A scale on which differences are easier to learn: what is bad need not be exact.

A cell that does not train lies dozens of points below all others and would set the scale
of everything. For a search it does not matter how bad it is, only that it is. Unlike
`warp.py` this scale never becomes flat, so a predicted direction survives the way back.
"""

from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.predictor.spread import usable

Vector = Float[np.ndarray, " *values"]


@final
class Softening:
    """Accuracies to a scale of mean 0 and deviation 1: linear above the median, log below.

    The unit is the distance from the median to the 0.9 quantile. The scale is continuous,
    with a continuous slope, strictly increasing and invertible. Below the worst accuracy
    that it learned from it goes on linearly, so that the way back cannot explode.

    Source: ours.
    """

    def __init__(self, accuracies: Float[np.ndarray, " values"]) -> None:
        """Learn the scale from at least one accuracy."""
        self._middle = float(np.median(accuracies))
        upper = float(np.quantile(accuracies, 0.9)) - self._middle
        self._unit = usable(upper, float(np.ptp(accuracies)))
        self._deepest = float(np.log1p((self._middle - accuracies.min()) / self._unit))
        soft = self._soften(accuracies)
        self._mean = float(soft.mean())
        self._deviation = usable(float(soft.std()))

    def apply(self, accuracies: Vector) -> Vector:
        """Accuracies to the learning scale."""
        return (self._soften(accuracies) - self._mean) / self._deviation

    def invert(self, values: Vector) -> Vector:
        """Values on the learning scale back to accuracies."""
        soft = np.asarray(values * self._deviation + self._mean, dtype=float)
        depth = np.maximum(-soft, 0.0) / self._unit
        bounded = np.minimum(depth, self._deepest)
        below = np.expm1(bounded) + (depth - bounded) * np.exp(self._deepest)
        inverted: Vector = self._middle + np.where(soft < 0, -self._unit * below, soft)
        return inverted

    def slope(self, values: Vector) -> Vector:
        """Accuracy per unit of the learning scale at these values: it converts spreads."""
        depth = np.maximum(-(values * self._deviation + self._mean), 0.0) / self._unit
        slope: Vector = self._deviation * np.exp(np.minimum(depth, self._deepest))
        return slope

    def difference(self, level: Vector, delta: Vector) -> Vector:
        """Difference in accuracy of two that differ by `delta` around `level` on the scale.

        It has the sign of `delta`, and its opposite for the opposite `delta`.
        """
        half = delta / 2
        difference: Vector = self.invert(level + half) - self.invert(level - half)
        return difference

    def _soften(self, accuracies: Vector) -> Vector:
        above = np.maximum(accuracies - self._middle, 0.0)
        below = np.maximum(self._middle - accuracies, 0.0) / self._unit
        farther = np.maximum(below - np.expm1(self._deepest), 0.0)
        depth = np.log1p(below - farther) + farther * np.exp(-self._deepest)
        soft: Vector = above - self._unit * depth
        return soft
