"""What thousands of labels say about linear terms: their posterior, at a cost linear in the labels.

A kernel's weights are as many as labels, and solving for them grows with the cube. The weights of
linear terms are as many as columns, whatever the number of labels. So a label that the
kernels cannot afford is not forgotten: it still teaches the linear terms, on which differences
rest where edits have the same effect in all contexts. Pure arrays.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
import scipy
from jaxtyping import Float, Int

Columns = Float[np.ndarray, "rows columns"]
PerVector = Float[np.ndarray, "vectors rows"]
Slopes = Float[np.ndarray, "vectors columns"]


@final
@dataclass(frozen=True, slots=True)
class LinearMemory:
    """Posterior of linear terms under several vectors of hyperparameters.

    With y = phi(x) w + e, w ~ N(0, diag(slopes)) and e ~ N(0, noise), the posterior of w has the
    covariance S A^-1 S, S = diag(slopes)^(1/2), A = I + S phi' phi S / noise = L L'. Columns
    S phi(x) / L' are *white*: prior covariances become their plain products.

    Source: Rasmussen & Williams 2006, section 2.1. Teaching the linear terms by labels that the
    kernels do not see, with all that the kernels could explain counted as noise, is ours.
    """

    roots: Float[np.ndarray, "vectors columns columns"]
    """L of each vector, lower triangular."""
    slopes: Slopes
    """Square roots of the prior variances."""
    weights: Float[np.ndarray, "vectors columns"]
    """Posterior means of the weights of white columns."""

    @classmethod
    def of(
        cls,
        columns: Columns,
        values: Float[np.ndarray, " rows"],
        variances: Slopes,
        noises: Float[np.ndarray, " vectors"],
    ) -> "LinearMemory":
        """Learn from labels.

        Args:
            columns: What the linear terms see.
            values: Value at each row.
            variances: Prior variance of the weight of each column.
            noises: Variance of what the linear terms do not explain.
        """
        slopes = np.sqrt(variances)
        gram, moment = columns.T @ columns, columns.T @ values
        scaled = slopes[:, :, None] * gram * slopes[:, None] / noises[:, None, None]
        roots = np.linalg.cholesky(np.eye(columns.shape[1]) + scaled)
        weights = [
            scipy.linalg.solve_triangular(
                root, slope * moment / noise, lower=True, check_finite=False
            )
            for root, slope, noise in zip(roots, slopes, noises, strict=True)
        ]
        return cls(roots, slopes, np.array(weights))

    def only(self, vectors: Int[np.ndarray, " kept"]) -> "LinearMemory":
        """Of some vectors."""
        return LinearMemory(self.roots[vectors], self.slopes[vectors], self.weights[vectors])

    def white(self, columns: Columns) -> Float[np.ndarray, "vectors columns rows"]:
        """White columns of each row: their products are prior covariances."""
        return np.stack(
            [
                scipy.linalg.solve_triangular(
                    root, (columns * slope).T, lower=True, check_finite=False
                )
                for root, slope in zip(self.roots, self.slopes, strict=True)
            ]
        )

    def mean(self, white: Float[np.ndarray, "vectors columns rows"]) -> PerVector:
        """Expected linear part of rows whose columns are white."""
        mean: PerVector = np.einsum("vc,vcr->vr", self.weights, white)
        return mean
