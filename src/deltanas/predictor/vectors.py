"""Hyperparameters of a process: a fixed set of vectors, spread over their prior."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import final

import numpy as np
import scipy
from jaxtyping import Float, Int

from deltanas.predictor.kernels import Kernel

VECTORS = 32
"""Hyperparameter vectors spread over the prior."""
LEVELS = 5
"""Widths tried for each group; the vectors share them, so each kernel is computed once."""
NOISE_LOG = (-3.0, 1.5)
"""Mean and deviation of the log noise variance, in units of the kernel part."""
SLOPE_LOG = (-1.0, 1.0)
"""The same for the variance of a group's linear term."""
SHARE_LOG_DEVIATION = 2.0
"""Deviation of the log share that a group has in the kernel part."""
RELEVANCE_LOG_DEVIATION = 1.0
"""Deviation of the log relevance of a column, where columns have their own."""


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
    relevances: int = 0
    """How many columns it has, where some may matter more to the kernel; 0: all matter alike.

    Source: automatic relevance determination (MacKay 1994; Neal 1996).
    """


@final
class Vectors:
    """`VECTORS` draws from the prior, the same ones whenever the groups are."""

    def __init__(self, groups: Sequence[Group]) -> None:
        """Spread them."""
        count = len(groups)
        ends = 3 * count + 1 + np.cumsum([0, *(group.relevances for group in groups)])
        sobol = scipy.stats.qmc.Sobol(int(ends[-1]), scramble=True, rng=0)
        uniform = sobol.random(VECTORS)
        normal = scipy.special.ndtri(np.clip(uniform, 1e-3, 1 - 1e-3))
        quantiles = scipy.special.ndtri((np.arange(LEVELS) + 0.5) / LEVELS)
        self.level: Int[np.ndarray, "vectors groups"] = np.minimum(
            (uniform[:, :count] * LEVELS).astype(int), LEVELS - 1
        )
        """Which of a group's widths each vector has."""
        self.widths: Float[np.ndarray, "groups levels"] = np.array(
            [np.exp(g.width_log[0] + g.width_log[1] * quantiles) for g in groups]
        )
        share = np.exp(SHARE_LOG_DEVIATION * normal[:, count : 2 * count])
        self.share: Float[np.ndarray, "vectors groups"] = share / share.sum(axis=1, keepdims=True)
        """Of each group in the kernel part."""
        slope = np.exp(SLOPE_LOG[0] + SLOPE_LOG[1] * normal[:, 2 * count : 3 * count])
        self.slope: Float[np.ndarray, "vectors groups"] = slope * [g.linear for g in groups]
        """Variance of each group's linear term."""
        self.noise: Float[np.ndarray, " vectors"] = np.exp(
            NOISE_LOG[0] + NOISE_LOG[1] * normal[:, 3 * count]
        )
        """Noise variance."""
        self.relevance: list[Float[np.ndarray, "vectors columns"] | None] = [
            np.exp(RELEVANCE_LOG_DEVIATION * normal[:, first:end]) if end > first else None
            for first, end in pairwise(ends)
        ]
        """By what each column is stretched, where columns matter more or less."""

    def scales(self, group: int, vector: int) -> Float[np.ndarray, " columns"] | None:
        """What the columns of a group are multiplied with; None where all matter alike."""
        relevance = self.relevance[group]
        if relevance is None:
            return None
        scales: Float[np.ndarray, " columns"] = (
            relevance[vector] / self.widths[group, self.level[vector, group]]
        )
        return scales

    def distances(
        self, group: int, vectors: Int[np.ndarray, " chosen"], squares: Float[np.ndarray, "rows _"]
    ) -> Float[np.ndarray, "chosen rows"]:
        """Squared scaled length of each row of squared differences under some of the vectors."""
        widths = self.widths[group, self.level[vectors, group]]
        relevance = self.relevance[group]
        if relevance is None:
            length = np.sum(squares, axis=1)
        else:
            length = relevance[vectors] ** 2 @ squares.T
        squared: Float[np.ndarray, "chosen rows"] = length / widths[:, None] ** 2
        return squared
