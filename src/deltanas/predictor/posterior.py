"""What a mixture of Gaussian processes predicts, and what may be gained by it."""

from dataclasses import dataclass
from typing import final

import numpy as np
import scipy
from jaxtyping import Float

Values = Float[np.ndarray, "..."]
Vector = Float[np.ndarray, " rows"]
PerVector = Float[np.ndarray, "vectors rows"]

LEAST_VARIANCE = 1e-12
"""What is known for sure has this variance, so that gains stay defined."""


@final
@dataclass(frozen=True, slots=True)
class Posterior:
    """What each vector of hyperparameters predicts, and how far it is trusted."""

    weights: Float[np.ndarray, " vectors"]
    """Trust in each vector; sums to 1."""
    mean: PerVector
    """Expected value under each vector."""
    variance: PerVector
    """Variance under each vector."""

    def moments(self) -> tuple[Vector, Vector]:
        """Mean and standard deviation of the mixture."""
        mean = self.weights @ self.mean
        second = self.weights @ (self.variance + self.mean**2)
        return mean, np.sqrt(np.maximum(second - mean**2, 0.0))

    def expected_improvements(
        self, levels: Float[np.ndarray, " levels"]
    ) -> Float[np.ndarray, "rows levels"]:
        """Expected gain of each row over each of several values, averaged over the vectors."""
        deviation = np.sqrt(np.maximum(self.variance, LEAST_VARIANCE))
        gains = [
            self.weights @ expected_improvement(self.mean, deviation, best)
            for best in levels.tolist()
        ]
        return np.stack(gains, axis=1)


def expected_improvement(mean: Values, deviation: Values, best: float) -> Values:
    """Expected gain over `best` of a Gaussian at each place.

    Args:
        mean: Expected value.
        deviation: Standard deviation, above 0; same shape.
        best: What is to be exceeded.

    Source: Mockus et al. 1978.
    """
    gain = mean - best
    units = gain / deviation
    density = np.exp(-0.5 * units**2) / np.sqrt(2 * np.pi)
    expected: Values = gain * scipy.special.ndtr(units) + deviation * density
    return expected
