"""A cost of many codes at once, estimated from networks that were measured.

Ridge regression of the cost's logarithm on what an architecture chooses: each choice multiplies
the cost by a factor of its own. Ours; the penalty is the one with the least error when each
network is left out once (Allen 1974, PRESS), which has a closed form.
"""

from typing import Final, final

import numpy as np
from jaxtyping import Float

Columns = Float[np.ndarray, "architectures columns"]
Values = Float[np.ndarray, " architectures"]

PENALTIES: Final = tuple(10.0 ** (exponent / 2) for exponent in range(-6, 7))
FEWEST: Final = 4
"""Networks with fewer measured, the mean is the estimate."""
CAUTIOUS: Final = 0.9
"""Share of networks that the cautious estimate is on the safe side of."""


@final
class Estimate:
    """A function from columns to a cost, with its errors on networks that it did not see."""

    def __init__(self, columns: Columns, values: Values) -> None:
        """Fit.

        Args:
            columns: Facts of the measured networks.
            values: Cost of each. Where all are above 0, errors are ratios.
        """
        self.is_ratio = bool(values.min() > 0)
        """Whether errors are fractions of the cost."""
        told = np.log(values) if self.is_ratio else values
        self._middle, self._mean = columns.mean(axis=0), float(told.mean())
        spread = columns.std(axis=0)
        self._scale = np.where(spread > 0, spread, 1.0)
        inputs = self._scaled(columns)
        self._prices = np.zeros(columns.shape[1])
        missed, penalty = told - self._mean, float("inf")
        if len(values) >= FEWEST:
            left, sizes, right = np.linalg.svd(inputs, full_matrices=False)
            centred, along = missed, left.T @ missed
            kept = [sizes**2 / (sizes**2 + each) for each in PENALTIES]
            fits = [_left_out(left, shares, centred) for shares in kept]
            best = int(np.argmin([np.mean(each**2) for each in fits]))
            missed, penalty = fits[best], PENALTIES[best]
            self._prices = right.T @ (sizes / (sizes**2 + penalty) * along)
        self._missed = missed
        self.penalty = penalty
        """Weight of the squares of all prices; infinite where only the mean is fitted."""
        self._above = max(float(np.quantile(missed, CAUTIOUS)), 0.0)
        self._below = min(float(np.quantile(missed, 1 - CAUTIOUS)), 0.0)

    def __call__(self, columns: Columns) -> Values:
        """The cost of each row."""
        return self._shown(self._told(columns))

    def cautious(self, columns: Columns, *, at_most: bool) -> Values:
        """What nine in ten networks keep below (or above, where the limit is the least)."""
        return self._shown(self._told(columns) + (self._above if at_most else self._below))

    @property
    def error(self) -> float:
        """Median error on networks that were left out: a fraction, or in the cost's unit."""
        missed = np.abs(np.expm1(self._missed) if self.is_ratio else self._missed)
        return float(np.median(missed))

    def _told(self, columns: Columns) -> Values:
        told: Values = self._mean + self._scaled(columns) @ self._prices
        return told

    def _scaled(self, columns: Columns) -> Columns:
        scaled: Columns = (columns - self._middle) / self._scale
        return scaled

    def _shown(self, told: Values) -> Values:
        shown: Values = np.exp(told) if self.is_ratio else told
        return shown


def _left_out(
    left: Float[np.ndarray, "architectures directions"],
    shares: Float[np.ndarray, " directions"],
    centred: Values,
) -> Values:
    """What each network is missed by when the others are fitted; the mean is fitted as well.

    Args:
        left: Orthonormal directions of the columns: left singular vectors.
        shares: How much of each direction the penalty leaves.
        centred: What is fitted, without its mean.
    """
    leverage = left**2 @ shares + 1.0 / len(centred)
    missed: Values = (centred - left @ (shares * (left.T @ centred))) / (1.0 - leverage)
    return missed
