"""A Gaussian process that does not trust any one choice of its hyperparameters.

With 5 to 50 labels the likelihood of kernel widths is flat, and the best one is often
badly wrong. This process spreads a fixed set of hyperparameter vectors over their prior,
conditions one process on the data for each, and weighs them by marginal likelihood. The
scale of the function is integrated out. Pure arrays: architectures are not known here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Float, Int
from scipy.linalg import solve_triangular
from scipy.special import ndtr, ndtri
from scipy.stats import qmc

Matrix = Float[np.ndarray, "_ _"]
"""A design matrix: one row per architecture, the columns of one group."""
Values = Float[np.ndarray, "..."]
Vector = Float[np.ndarray, " rows"]
PerVector = Float[np.ndarray, "vectors rows"]
Projected = Float[np.ndarray, "vectors labels rows"]
Kernel = Callable[[Values], Values]

VECTORS = 32
"""Hyperparameter vectors spread over the prior."""
LEVELS = 5
"""Widths tried for each group; the vectors share them, so each kernel is computed once."""
BLOCK = 512
"""Rows that are predicted at a time: more do not fit into a processor's cache."""
NEGLIGIBLE = 0.01
"""Vectors with less than this share of the best one's weight predict nothing."""
CONSTANT = 1.0
"""Prior variance of the unknown level, in units of the kernel part."""
SCALE_SHAPE, SCALE_RATE = 2.0, 2.0
"""Inverse-gamma prior of the overall variance, which is integrated out."""
NOISE_LOG = (-3.0, 1.5)
"""Mean and deviation of the log noise variance, in units of the kernel part."""
SLOPE_LOG = (-1.0, 1.0)
"""The same for the variance of a group's linear term."""
SHARE_LOG_DEVIATION = 2.0
"""Deviation of the log share that a group has in the kernel part."""


@final
@dataclass(frozen=True, slots=True)
class Group:
    """Columns that share one kernel."""

    kernel: Kernel
    """Squared scaled distances to similarities: 1 at 0, falling."""
    width_log: tuple[float, float]
    """Mean and deviation of the log-normal prior of the width."""
    linear: bool = False
    """Whether a linear term in the columns is added."""


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


def matern(squared: Values) -> Values:
    """Matern kernel of smoothness 5/2 (Rasmussen & Williams 2006, eq. 4.17)."""
    scaled = np.sqrt(5.0 * squared)
    similarity: Values = (1.0 + scaled + scaled * scaled / 3.0) * np.exp(-scaled)
    return similarity


def exponential(squared: Values) -> Values:
    """Exponential of the squared distance: of Hamming distance where columns are one-hot."""
    similarity: Values = np.exp(-squared)
    return similarity


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
    expected: Values = gain * ndtr(units) + deviation * density
    return expected


@final
class Process:
    """The mixture of processes. `fit` first; equal data give equal answers."""

    def __init__(self, groups: Sequence[Group], *, negligible: float = NEGLIGIBLE) -> None:
        """Spread the hyperparameter vectors over the prior.

        Args:
            groups: One description per design matrix, in the order of the matrices.
            negligible: Share of the best one's weight below which a vector predicts nothing;
                with 1 the likeliest vector predicts alone.
        """
        self._negligible = negligible
        self._groups = tuple(groups)
        count = len(self._groups)
        uniform = qmc.Sobol(3 * count + 1, scramble=True, rng=0).random(VECTORS)
        normal = ndtri(np.clip(uniform, 1e-3, 1 - 1e-3))
        level_of = np.minimum((uniform[:, :count] * LEVELS).astype(int), LEVELS - 1)
        quantiles = ndtri((np.arange(LEVELS) + 0.5) / LEVELS)
        self._level: Int[np.ndarray, "vectors groups"] = level_of
        self._widths = np.array(
            [np.exp(g.width_log[0] + g.width_log[1] * quantiles) for g in self._groups]
        )
        share = np.exp(SHARE_LOG_DEVIATION * normal[:, count : 2 * count])
        self._share = share / share.sum(axis=1, keepdims=True)
        slope = np.exp(SLOPE_LOG[0] + SLOPE_LOG[1] * normal[:, 2 * count : 3 * count])
        self._slope = slope * np.array([group.linear for group in self._groups])
        self._noise = np.exp(NOISE_LOG[0] + NOISE_LOG[1] * normal[:, -1])
        self._designs: list[Matrix] = []

    def fit(self, designs: Sequence[Matrix], values: Vector) -> None:
        """Condition on values at the rows of the designs.

        Args:
            designs: One matrix per group, the same rows in each.
            values: Value at each row, mean about 0 and deviation about 1.
        """
        self._designs = [np.asarray(design, dtype=float) for design in designs]
        rows = len(values)
        similar = self._similarities(self._designs, range(VECTORS))
        covariance = np.stack([similar[vector] for vector in range(VECTORS)])
        covariance += self._noise[:, None, None] * np.eye(rows)
        factor = np.linalg.cholesky(covariance)
        white = np.linalg.solve(factor, np.broadcast_to(values[:, None], (VECTORS, rows, 1)))[
            ..., 0
        ]
        misfit = np.sum(white**2, axis=1)
        shape, rate = SCALE_SHAPE + rows / 2, SCALE_RATE + misfit / 2
        evidence = -np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
        evidence -= shape * np.log(rate)
        weights = np.exp(evidence - evidence.max())
        kept = np.flatnonzero(weights >= self._negligible)
        self._kept = kept
        self._weights = weights[kept] / weights[kept].sum()
        self._factor, self._white = factor[kept], white[kept]
        self._scale = (rate / shape)[kept]

    def posterior(self, designs: Sequence[Matrix]) -> Posterior:
        """The values at the rows of other designs, without the noise of measuring them."""
        starts = range(0, max(len(designs[0]), 1), BLOCK)
        blocks = [[design[start : start + BLOCK] for design in designs] for start in starts]
        parts = [self._values(block, *self._project(block)) for block in blocks]
        mean, variance = ([getattr(each, name) for each in parts] for name in ("mean", "variance"))
        return Posterior(
            self._weights, np.concatenate(mean, axis=1), np.concatenate(variance, axis=1)
        )

    def difference(self, before: Sequence[Matrix], after: Sequence[Matrix]) -> Posterior:
        """Value at each row of `after` minus value at the same row of `before`."""
        return self.pair(before, after)[2]

    def pair(
        self, before: Sequence[Matrix], after: Sequence[Matrix]
    ) -> tuple[Posterior, Posterior, Posterior]:
        """The values on either side, and their differences, row by row."""
        old, new = self._project(before), self._project(after)
        difference = self._differences(before, after, old, new)
        return self._values(before, *old), self._values(after, *new), difference

    def _values(
        self, designs: Sequence[Matrix], mean: PerVector, projected: Projected
    ) -> Posterior:
        prior = (
            CONSTANT
            + 1.0
            + sum(
                self._slope[self._kept, g, None] * np.sum(design**2, axis=1)
                for g, design in enumerate(designs)
            )
        )
        variance = prior - np.sum(projected**2, axis=1)
        return self._scaled(mean, variance)

    def _differences(
        self,
        before: Sequence[Matrix],
        after: Sequence[Matrix],
        old: tuple[PerVector, Projected],
        new: tuple[PerVector, Projected],
    ) -> Posterior:
        (mean_before, projected_before), (mean_after, projected_after) = old, new
        prior = np.zeros_like(mean_after)
        for g, group in enumerate(self._groups):
            squared = np.sum((after[g] - before[g]) ** 2, axis=1)
            widths = self._widths[g, self._level[self._kept, g]]
            alike = group.kernel(squared / widths[:, None] ** 2)
            prior += 2 * self._share[self._kept, g, None] * (1.0 - alike)
            prior += self._slope[self._kept, g, None] * squared
        variance = prior - np.sum((projected_after - projected_before) ** 2, axis=1)
        return self._scaled(mean_after - mean_before, variance)

    def _scaled(self, mean: PerVector, variance: PerVector) -> Posterior:
        bounded = np.maximum(variance, 0.0) * self._scale[:, None]
        return Posterior(self._weights, mean, bounded)

    def _project(self, designs: Sequence[Matrix]) -> tuple[PerVector, Projected]:
        """Means, and the covariances with the labels in the basis where labels are white."""
        similar = self._similarities(designs, self._kept.tolist())
        projected = np.stack(
            [
                solve_triangular(factor, similar[vector], lower=True, check_finite=False)
                for factor, vector in zip(self._factor, self._kept.tolist(), strict=True)
            ]
        )
        mean = np.einsum("vl,vlr->vr", self._white, projected)
        return mean, projected

    def _similarities(self, designs: Sequence[Matrix], vectors: Sequence[int]) -> dict[int, Matrix]:
        """Prior covariance of each label (row) with each row of the designs (column)."""
        shape = (len(self._designs[0]), len(designs[0]))
        total = {vector: np.full(shape, CONSTANT) for vector in vectors}
        for g, (group, design) in enumerate(zip(self._groups, designs, strict=True)):
            labels = self._designs[g]
            product = labels @ design.T
            squared = np.sum(labels**2, axis=1)[:, None] + np.sum(design**2, axis=1)
            squared = np.maximum(squared - 2 * product, 0.0)
            by_level: dict[int, Matrix] = {}
            for vector in vectors:
                level = int(self._level[vector, g])
                if level not in by_level:
                    by_level[level] = group.kernel(squared / self._widths[g, level] ** 2)
                total[vector] += self._share[vector, g] * by_level[level]
                if group.linear:
                    total[vector] += self._slope[vector, g] * product
        return total
