"""What a delta predictor is: evaluated pairs in, predicted differences with a spread out."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol, final, runtime_checkable

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from deltanas.pairs import Pairs
from deltanas.spaces import Codes


@final
@dataclass(frozen=True, slots=True)
class Prediction:
    """Predicted differences in accuracy, child minus parent, one per pair."""

    mean: Float[np.ndarray, " pairs"]
    """Expected difference, an accuracy fraction."""
    spread: Float[np.ndarray, " pairs"]
    """Standard deviation of the true difference around it, an accuracy fraction."""


class DeltaPredictor(ABC):
    """Predicts how accuracy changes from one architecture to a similar one.

    What every predictor promises; `deltanas.testing.PredictorContract` checks it:

    - Antisymmetric: swapping the two architectures flips the mean's sign and keeps the
      spread; an architecture differs from itself by exactly 0.
    - `fit` starts anew and is deterministic: equal pairs give equal predictions.
    - Means and spreads are finite, spreads are not negative.
    """

    @abstractmethod
    def fit(self, pairs: Pairs) -> None:
        """Learn from evaluated similar pairs.

        Raises:
            PairsError: There are too few pairs to learn from.
        """

    @abstractmethod
    def predict(self, before: NDArray[np.integer], after: NDArray[np.integer]) -> Prediction:
        """Predict accuracy of `after` minus accuracy of `before`, row by row.

        Args:
            before: Codes of the first architectures, shape `(pairs, decisions)`.
            after: Codes of the second ones, same shape and order.

        Raises:
            NotFittedError: `fit` was not called.
            ShapeError: The two arrays differ in shape.
        """


@runtime_checkable
class Advisor(Protocol):
    """What the modified evolution asks of its predictor; `GaussianDelta` is one.

    `fit_accuracies` starts anew and equal data give equal answers, as `DeltaPredictor` promises.
    """

    def fit_accuracies(self, codes: Codes, accuracies: Float[np.ndarray, " architectures"]) -> None:
        """Learn from evaluated architectures, one row each, at least two."""
        ...

    def predict(self, before: NDArray[np.integer], after: NDArray[np.integer]) -> Prediction:
        """Predict accuracy of `after` minus accuracy of `before`, row by row."""
        ...

    def believed(self, codes: Codes) -> Float[np.ndarray, " architectures"]:
        """Expected accuracy of each architecture, a fraction."""
        ...

    def expected_improvement(
        self, codes: Codes, incumbent: float
    ) -> Float[np.ndarray, " architectures"]:
        """Expected gain of each over an accuracy; only the order matters."""
        ...
