"""Scores for a delta predictor: does it know which way an edit moves accuracy, and how surely?

A *delta* is the accuracy of the second architecture of a pair minus that of the first. All
accuracies are fractions, so a delta of 0.01 is one percentage point. This file holds pure
functions of arrays: nothing here trains, samples or reads files.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import scipy
from jaxtyping import Float
from numpy.typing import NDArray

from deltanas.errors import NoDecidablePairError, PairsError, ShapeError
from deltanas.predictor.base import Prediction
from deltanas.predictor.kendall import tau_b

LEVELS = tuple(level / 10 for level in range(1, 10))
"""Central intervals that calibration looks at by default: 10 % to 90 %."""


def sign_agreement(
    predicted: NDArray[np.floating], measured: NDArray[np.floating], *, noise: float = 0.0
) -> float:
    """Fraction of edits whose direction of change is predicted correctly.

    Pairs with `|measured| <= noise` are left out: two trainings of one architecture
    differ by that much, so there is no direction to predict.

    Args:
        predicted: Predicted deltas, shape `(pairs,)`, as accuracy fractions.
        measured: Measured deltas, shape `(pairs,)`, same order and unit.
        noise: Half-width of the undecidable band, an accuracy fraction.

    Returns:
        A number in [0, 1]; 0.5 is chance. A predicted delta of exactly 0 counts as wrong.

    Raises:
        ShapeError: The two arrays differ in shape.
        NoDecidablePairError: No measured delta lies outside the noise band.

    Source:
        Without ties, and over all pairs of a set, this is `(1 + tau) / 2` for Kendall's tau
        (Kendall 1938, Biometrika 30:81-93). The noise band is ours.
    """
    _check_paired(predicted, measured)
    decidable = np.abs(measured) > noise
    if not decidable.any():
        raise NoDecidablePairError(
            f"none of the {measured.size} measured deltas exceeds noise={noise:g}; "
            f"evaluate more pairs, or lower noise if repeated trainings agree better than that"
        )
    right = np.sign(predicted[decidable]) == np.sign(measured[decidable])
    return float(np.mean(right))


def kendall_tau(predicted: NDArray[np.floating], measured: NDArray[np.floating]) -> float:
    """Rank correlation of predicted and measured deltas: does it know the larger change?

    Args:
        predicted: Predicted deltas, shape `(pairs,)`.
        measured: Measured deltas, shape `(pairs,)`, same order.

    Returns:
        Kendall's tau-b in [-1, 1]; 0 is chance, and what a prediction without any order gets.

    Raises:
        ShapeError: The two arrays differ in shape.
        PairsError: Fewer than two pairs: nothing can be ranked.
    """
    _check_paired(predicted, measured)
    if measured.size < 2:  # noqa: PLR2004 - an order takes two
        raise PairsError(
            f"Kendall's tau ranks at least 2 pairs, got {measured.size}; evaluate more pairs"
        )
    if np.ptp(predicted) == 0 or np.ptp(measured) == 0:
        return 0.0
    return tau_b(predicted, measured)


@final
@dataclass(frozen=True, slots=True)
class Calibration:
    """How often the truth lies where a predictor says that it does."""

    levels: tuple[float, ...]
    """Nominal probability of each central interval."""
    coverage: tuple[float, ...]
    """Fraction of measured deltas inside each."""

    @property
    def error(self) -> float:
        """Mean distance of coverage and level over all levels; 0 is perfect."""
        return float(np.mean(np.abs(np.subtract(self.coverage, self.levels))))


def calibration(
    prediction: Prediction,
    measured: NDArray[np.floating],
    *,
    levels: Sequence[float] = LEVELS,
) -> Calibration:
    """Coverage of central intervals, against their nominal probability.

    The central interval of level p is mean +- z spread with z = Phi^-1((1 + p) / 2), eq. (1):
    a Gaussian holds the fraction p there. A spread that is too small covers less.

    Args:
        prediction: Predicted means and spreads.
        measured: Measured deltas, shape `(pairs,)`, same order.
        levels: Nominal probabilities, each between 0 and 1.

    Raises:
        ShapeError: Prediction and measured deltas differ in shape.
        PairsError: No pairs, no levels, or a level that is not between 0 and 1.

    Source:
        Coverage against level is the calibration curve of Kuleshov et al. 2018, "Accurate
        Uncertainties for Deep Learning Using Calibrated Regression", with central
        intervals in the place of quantiles. The mean absolute distance is ours.
    """
    _check_paired(prediction.mean, measured)
    if not measured.size or not levels or not all(0 < level < 1 for level in levels):
        raise PairsError(
            f"calibration needs at least 1 pair and levels between 0 and 1, got {measured.size} "
            f"pairs and levels {tuple(levels)}; give for example levels=(0.5, 0.9)"
        )
    away: Float[np.ndarray, " pairs"] = np.abs(measured - prediction.mean)
    coverage = [
        float(np.mean(away <= scipy.special.ndtri((1 + level) / 2) * prediction.spread))
        for level in levels
    ]
    return Calibration(tuple(levels), tuple(coverage))


def _check_paired(predicted: NDArray[np.floating], measured: NDArray[np.floating]) -> None:
    if predicted.shape != measured.shape or measured.ndim != 1:
        raise ShapeError(
            f"expected two arrays of one shape (pairs,), got predicted of shape "
            f"{predicted.shape} and measured of shape {measured.shape}; "
            f"number i of both is pair i"
        )
