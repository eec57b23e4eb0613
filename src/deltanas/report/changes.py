"""Predicted against measured change of accuracy: was the predictor right when it mattered?

Only proposals that were predicted and then evaluated are here. The search chose them
because their prediction was high, so they are a harder sample than random edits.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Bool, Float, Int

from deltanas.predictor import kendall_tau, sign_agreement
from deltanas.records import History

NO_CHANGE = 1e-9
"""Accuracies that differ by less are equal but for rounding: there is no direction."""
FEWEST_FOR_TAU = 3
"""Fewer changes than this have no rank correlation worth a number."""


@final
@dataclass(frozen=True, slots=True)
class Changes:
    """Predicted and measured changes, child minus parent, one row per proposal."""

    numbers: Int[np.ndarray, " proposals"]
    """Number of each proposal."""
    predicted: Float[np.ndarray, " proposals"]
    """Predicted change, an accuracy fraction."""
    spread: Float[np.ndarray, " proposals"]
    """Standard deviation of the prediction; 0 where none was given."""
    measured: Float[np.ndarray, " proposals"]
    """Measured change, an accuracy fraction."""

    def __len__(self) -> int:
        """Number of proposals."""
        return len(self.numbers)

    @property
    def moved(self) -> Bool[np.ndarray, " proposals"]:
        """Which measured changes have a direction."""
        moved: Bool[np.ndarray, " proposals"] = np.abs(self.measured) > NO_CHANGE
        return moved

    @property
    def right(self) -> Bool[np.ndarray, " proposals"]:
        """Which of those were predicted in that direction."""
        right: Bool[np.ndarray, " proposals"] = self.moved & (
            np.sign(self.predicted) == np.sign(self.measured)
        )
        return right

    @property
    def sign_agreement(self) -> float | None:
        """Share of changes whose direction was predicted; None without any change."""
        if not self.moved.any():
            return None
        return sign_agreement(self.predicted, self.measured, noise=NO_CHANGE)

    @property
    def kendall_tau(self) -> float | None:
        """Rank correlation of predicted and measured changes; None where it is undefined."""
        if len(self) < FEWEST_FOR_TAU or not (np.ptp(self.predicted) and np.ptp(self.measured)):
            return None
        return kendall_tau(self.predicted, self.measured)

    @property
    def mean_error(self) -> float | None:
        """Mean absolute difference of predicted and measured, a fraction."""
        return float(np.mean(np.abs(self.predicted - self.measured))) if len(self) else None

    def within(self, spreads: float) -> float | None:
        """Share of measured changes at most so many spreads from the prediction.

        For a calibrated Gaussian prediction it is 0.68 within one spread and 0.95 within two.
        """
        known = self.spread > 0
        if not known.any():
            return None
        error = np.abs(self.measured - self.predicted)[known]
        return float(np.mean(error <= spreads * self.spread[known]))


def predicted_changes(history: History) -> Changes:
    """Every finished proposal with a prediction and an evaluated parent."""
    accuracy = {trial.number: trial.accuracy for trial in history.finished}
    rows = []
    for trial in history.finished:
        proposal = trial.proposal
        before = None if proposal.parent is None else accuracy.get(proposal.parent)
        if proposal.predicted_delta is None or before is None or trial.accuracy is None:
            continue
        change = trial.accuracy - before
        rows.append((trial.number, proposal.predicted_delta, proposal.spread or 0.0, change))
    table = np.array(rows, dtype=float).reshape(len(rows), 4)
    return Changes(table[:, 0].astype(int), table[:, 1], table[:, 2], table[:, 3])
