"""A Gaussian process that does not trust any one choice of its hyperparameters.

With 5 to 50 labels the likelihood of kernel widths is flat, and the best one is often
badly wrong. This process spreads a fixed set of hyperparameter vectors over their prior,
conditions one process on the data for each, and weighs them by marginal likelihood. The
scale of the function is integrated out. Pure arrays: architectures are not known here.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import scipy
from jaxtyping import Float, Int

from deltanas.predictor.kernels import Kernel
from deltanas.predictor.linear_memory import Columns, LinearMemory
from deltanas.predictor.posterior import PerVector, Posterior, Vector

Matrix = Float[np.ndarray, "_ _"]
"""A design matrix: one row per architecture, the columns of one group."""
Projected = Float[np.ndarray, "vectors labels rows"]

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
class _Seen:
    """Rows as the labels see them."""

    mean: PerVector
    """Expected value under each vector."""
    projected: Projected
    """Covariances with the labels, in the basis where labels are white."""
    white: Float[np.ndarray, "vectors columns rows"] | None
    """White columns, where linear terms know further labels."""


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
        uniform = scipy.stats.qmc.Sobol(3 * count + 1, scramble=True, rng=0).random(VECTORS)
        normal = scipy.special.ndtri(np.clip(uniform, 1e-3, 1 - 1e-3))
        level_of = np.minimum((uniform[:, :count] * LEVELS).astype(int), LEVELS - 1)
        quantiles = scipy.special.ndtri((np.arange(LEVELS) + 0.5) / LEVELS)
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
        self._memory: LinearMemory | None = None
        self._kept: Int[np.ndarray, " kept"] = np.arange(VECTORS)

    def fit(self, designs: Sequence[Matrix], values: Vector) -> None:
        """Condition on values at the rows of the designs.

        Args:
            designs: One matrix per group, the same rows in each.
            values: Value at each row, mean about 0 and deviation about 1.
        """
        self._designs = [np.asarray(design, dtype=float) for design in designs]
        self._memory = None
        self._condition(np.arange(VECTORS), np.broadcast_to(values, (VECTORS, len(values))))

    def refit(
        self,
        designs: Sequence[Matrix],
        values: Vector,
        more: Sequence[Matrix] = (),
        further: Float[np.ndarray, " further"] | None = None,
    ) -> None:
        """Condition the vectors that `fit` trusts on other labels: they are few, so on more.

        Args:
            designs: One matrix per group.
            values: Value at each row.
            more: The same of labels that teach the linear terms only; see `LinearMemory`.
            further: Value at each of their rows.
        """
        kept = self._kept
        self._designs = [np.asarray(design, dtype=float) for design in designs]
        if further is None:
            self._condition(kept, np.broadcast_to(values, (len(kept), len(values))))
            return
        slopes = np.repeat(self._slope[kept], [each.shape[1] for each in designs], axis=1)
        prior = np.column_stack([np.full(len(kept), CONSTANT), slopes])
        # What the kernels could explain, a variance of 1, is noise to the linear terms.
        memory = LinearMemory.of(_columns(more), further, prior, 1.0 + self._noise[kept])
        self._memory, self._white_labels = memory, memory.white(_columns(designs))
        self._condition(kept, values - memory.mean(self._white_labels))

    def _condition(
        self, vectors: Int[np.ndarray, " vectors"], values: Float[np.ndarray, "vectors rows"]
    ) -> None:
        """Condition some vectors on values at the labels, less what each knows beforehand."""
        rows = values.shape[1]
        covariance = self._similarities(self._designs, vectors.tolist())
        if self._memory is not None:
            covariance += self._white_labels.transpose(0, 2, 1) @ self._white_labels
        diagonal = np.arange(rows)
        covariance[:, diagonal, diagonal] += self._noise[vectors, None]
        factor = np.linalg.cholesky(covariance)
        white = np.linalg.solve(factor, values[..., None])[..., 0]
        misfit = np.sum(white**2, axis=1)
        shape, rate = SCALE_SHAPE + rows / 2, SCALE_RATE + misfit / 2
        evidence = -np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
        evidence -= shape * np.log(rate)
        weights = np.exp(evidence - evidence.max())
        self._kept, self._weights = vectors, weights
        self._factor, self._white, self._scale = factor, white, rate / shape
        self._keep(np.flatnonzero(weights >= self._negligible))

    def likeliest(self) -> "Process":
        """The same process with its most trusted vector alone; it shares what was learned."""
        alone = copy.copy(self)
        alone._keep(np.array([np.argmax(self._weights)]))  # noqa: SLF001 - a copy of its own
        return alone

    def _keep(self, places: Int[np.ndarray, " kept"]) -> None:
        """Let only some of the vectors predict."""
        self._kept = self._kept[places]
        self._weights = self._weights[places] / self._weights[places].sum()
        self._factor, self._white = self._factor[places], self._white[places]
        self._scale = self._scale[places]
        if self._memory is not None:
            self._memory = self._memory.only(places)
            self._white_labels = self._white_labels[places]

    def posterior(self, designs: Sequence[Matrix]) -> Posterior:
        """The values at the rows of other designs, without the noise of measuring them."""
        starts = range(0, max(len(designs[0]), 1), BLOCK)
        blocks = [[design[start : start + BLOCK] for design in designs] for start in starts]
        parts = [self._values(block, self._project(block)) for block in blocks]
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
        return self._values(before, old), self._values(after, new), difference

    def _values(self, designs: Sequence[Matrix], seen: _Seen) -> Posterior:
        if seen.white is None:
            prior = (
                CONSTANT
                + 1.0
                + sum(
                    self._slope[self._kept, g, None] * np.sum(design**2, axis=1)
                    for g, design in enumerate(designs)
                )
            )
        else:
            prior = 1.0 + np.sum(seen.white**2, axis=1)
        return self._scaled(seen.mean, prior - np.sum(seen.projected**2, axis=1))

    def _differences(
        self,
        before: Sequence[Matrix],
        after: Sequence[Matrix],
        old: _Seen,
        new: _Seen,
    ) -> Posterior:
        prior = np.zeros_like(new.mean)
        for g, group in enumerate(self._groups):
            squared = np.sum((after[g] - before[g]) ** 2, axis=1)
            widths = self._widths[g, self._level[self._kept, g]]
            alike = group.kernel(squared / widths[:, None] ** 2)
            prior += 2 * self._share[self._kept, g, None] * (1.0 - alike)
            if old.white is None:
                prior += self._slope[self._kept, g, None] * squared
        if old.white is not None and new.white is not None:
            prior += np.sum((new.white - old.white) ** 2, axis=1)
        variance = prior - np.sum((new.projected - old.projected) ** 2, axis=1)
        return self._scaled(new.mean - old.mean, variance)

    def _scaled(self, mean: PerVector, variance: PerVector) -> Posterior:
        bounded = np.maximum(variance, 0.0) * self._scale[:, None]
        return Posterior(self._weights, mean, bounded)

    def _project(self, designs: Sequence[Matrix]) -> _Seen:
        """Means, and the covariances with the labels in the basis where labels are white."""
        similar = self._similarities(designs, self._kept.tolist())
        white = None if self._memory is None else self._memory.white(_columns(designs))
        if white is not None:
            for place in range(len(similar)):
                similar[place] += self._white_labels[place].T @ white[place]
        # Labels lie next to each other, as LAPACK has them and as they are added up.
        projected = np.empty_like(similar.transpose(0, 2, 1), order="C").transpose(0, 2, 1)
        solve = scipy.linalg.lapack.dtrtrs
        for place, factor in enumerate(self._factor):
            # As scipy's solve_triangular does, without its checks, which take as long here.
            projected[place], _ = solve(factor.T, similar[place], lower=0, trans=1)
        mean = np.einsum("vl,vlr->vr", self._white, projected)
        if self._memory is not None and white is not None:
            mean += self._memory.mean(white)
        return _Seen(mean, projected, white)

    def _similarities(self, designs: Sequence[Matrix], vectors: Sequence[int]) -> Projected:
        """Prior covariance of each label with each row of the designs, under each vector.

        With a memory it is that of the kernels: the linear terms are the memory's.
        """
        shape = (len(self._designs[0]), len(designs[0]))
        plain = self._memory is None
        total = np.full((len(vectors), *shape), CONSTANT if plain else 0.0)
        part = np.empty(shape)  # a new one for each product would take half of the time
        for g, (group, design) in enumerate(zip(self._groups, designs, strict=True)):
            labels = self._designs[g]
            product = labels @ design.T
            squared = np.sum(labels**2, axis=1)[:, None] + np.sum(design**2, axis=1)
            squared -= np.multiply(product, 2, out=part)
            np.maximum(squared, 0.0, out=squared)
            by_level: dict[int, Matrix] = {}
            for place, vector in enumerate(vectors):
                level = int(self._level[vector, g])
                if level not in by_level:
                    scaled = np.divide(squared, self._widths[g, level] ** 2, out=part)
                    by_level[level] = group.kernel(scaled)
                total[place] += np.multiply(by_level[level], self._share[vector, g], out=part)
                if group.linear and plain:
                    total[place] += np.multiply(product, self._slope[vector, g], out=part)
        return total


def _columns(designs: Sequence[Matrix]) -> Columns:
    """What linear terms see: a constant and the columns of all groups."""
    return np.column_stack([np.ones(len(designs[0])), *designs])
