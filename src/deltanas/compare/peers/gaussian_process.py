"""An exact Gaussian process on a given covariance: what the two kernel methods share."""

from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Float
from scipy.linalg import cho_solve, cholesky, solve_triangular

Covariance = Float[np.ndarray, "labels labels"]
Values = Float[np.ndarray, " labels"]


@final
@dataclass(frozen=True, slots=True)
class Regression:
    """A process with unknown constant mean and unknown variance, conditioned on values."""

    factor: Float[np.ndarray, "labels labels"]
    """Lower Cholesky factor of the correlations, noise included."""
    weights: Values
    """Correlations solved for the centred values."""
    mean: float
    """Most likely constant mean."""
    variance: float
    """Most likely variance of the function."""
    evidence: float
    """Log marginal likelihood at that mean and variance, up to a constant."""

    @classmethod
    def fit(cls, correlations: Covariance, noise: float, values: Values) -> "Regression":
        """Condition on values.

        Args:
            correlations: Correlations of the values' places, 1 on the diagonal or below.
            noise: Variance of the noise, in units of the function's variance.
            values: What was measured.

        Source: Rasmussen & Williams 2006, algorithm 2.1; mean and variance by maximum
        likelihood in closed form.
        """
        n = len(values)
        factor = cholesky(correlations + noise * np.eye(n), lower=True)
        ones = cho_solve((factor, True), np.ones(n))
        mean = float(ones @ values / ones.sum())
        weights = cho_solve((factor, True), values - mean)
        variance = max(float((values - mean) @ weights) / n, 1e-12)
        evidence = -0.5 * n * np.log(variance) - float(np.log(np.diag(factor)).sum())
        return cls(factor, weights, mean, variance, evidence)

    def predict(
        self, cross: Float[np.ndarray, "labels places"], prior: Float[np.ndarray, " places"]
    ) -> tuple[Float[np.ndarray, " places"], Float[np.ndarray, " places"]]:
        """Mean and standard deviation of the function at other places.

        Args:
            cross: Correlations of the values' places with the others.
            prior: Correlation of each other place with itself.
        """
        mean = self.mean + cross.T @ self.weights
        white = solve_triangular(self.factor, cross, lower=True)
        left = np.maximum(prior - np.sum(white**2, axis=0), 1e-12)
        return mean, np.sqrt(self.variance * left)


def log_errors(accuracies: Values) -> Values:
    """Accuracies as negative log errors: small differences at the top become large ones.

    A score that is no accuracy below 1 (a negative loss, say) is left as it is.

    Source: NAS-BOWL (Ru et al. 2021) models log errors. On raw accuracies the architectures
    that do not train at all set the scale of everything.
    """
    if accuracies.max() >= 1.0:
        return accuracies
    transformed: Values = -np.log(1.0 - accuracies)
    return transformed
