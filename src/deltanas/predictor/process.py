"""A Gaussian process that does not trust any one choice of its hyperparameters.

With 5 to 50 labels the likelihood of kernel widths is flat, and the best one is often
badly wrong. This process spreads a fixed set of hyperparameter vectors over their prior,
conditions one process on the data for each, and weighs them by marginal likelihood. The
scale of the function is integrated out. Pure arrays: architectures are not known here.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import scipy
from jaxtyping import Float, Int

from deltanas.predictor.linear_memory import Columns, LinearMemory
from deltanas.predictor.posterior import PerVector, Posterior, Vector
from deltanas.predictor.vectors import VECTORS, Group, Vectors

Matrix = Float[np.ndarray, "_ _"]
"""A design matrix: one row per architecture, the columns of one group."""
Projected = Float[np.ndarray, "vectors labels rows"]

BLOCK = 512
"""Rows that are predicted at a time: more do not fit into a processor's cache."""
NEGLIGIBLE = 0.01
"""Vectors with less than this share of the best one's weight predict nothing."""
CONSTANT = 1.0
"""Prior variance of the unknown level, in units of the kernel part."""
SCALE_SHAPE, SCALE_RATE = 2.0, 2.0
"""Inverse-gamma prior of the overall variance, which is integrated out."""


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
        self._vectors = Vectors(self._groups)
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
        slopes = np.repeat(self._vectors.slope[kept], [each.shape[1] for each in designs], axis=1)
        prior = np.column_stack([np.full(len(kept), CONSTANT), slopes])
        # What the kernels could explain, a variance of 1, is noise to the linear terms.
        memory = LinearMemory.of(_columns(more), further, prior, 1.0 + self._vectors.noise[kept])
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
        covariance[:, diagonal, diagonal] += self._vectors.noise[vectors, None]
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
                    self._vectors.slope[self._kept, g, None] * np.sum(design**2, axis=1)
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
            squares = (after[g] - before[g]) ** 2
            alike = group.kernel(self._vectors.distances(g, self._kept, squares))
            prior += 2 * self._vectors.share[self._kept, g, None] * (1.0 - alike)
            if old.white is None:
                prior += self._vectors.slope[self._kept, g, None] * np.sum(squares, axis=1)
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
            alike = self._alike(g, design, product, vectors)
            for place, (vector, each) in enumerate(zip(vectors, alike, strict=True)):
                total[place] += np.multiply(each, self._vectors.share[vector, g], out=part)
                if group.linear and plain:
                    slope = self._vectors.slope[vector, g]
                    total[place] += np.multiply(product, slope, out=part)
        return total

    def _alike(
        self, g: int, design: Matrix, product: Matrix, vectors: Sequence[int]
    ) -> Iterator[Matrix]:
        """Similarity of each label with each row in one group, vector by vector."""
        labels, kernel = self._designs[g], self._groups[g].kernel
        squared = None
        by_level: dict[int, Matrix] = {}
        for vector in vectors:
            scales = self._vectors.scales(g, vector)
            if scales is not None:
                left, right = labels * scales, design * scales
                yield kernel(_squared(left, right, left @ right.T))
                continue
            level = int(self._vectors.level[vector, g])
            if level not in by_level:
                squared = _squared(labels, design, product) if squared is None else squared
                by_level[level] = kernel(squared / self._vectors.widths[g, level] ** 2)
            yield by_level[level]


def _squared(labels: Matrix, design: Matrix, product: Matrix) -> Matrix:
    """Squared distance of each label from each row of a design."""
    squared: Matrix = np.sum(labels**2, axis=1)[:, None] + np.sum(design**2, axis=1)
    squared -= 2 * product
    np.maximum(squared, 0.0, out=squared)
    return squared


def _columns(designs: Sequence[Matrix]) -> Columns:
    """What linear terms see: a constant and the columns of all groups."""
    return np.column_stack([np.ones(len(designs[0])), *designs])
