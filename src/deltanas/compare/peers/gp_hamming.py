"""A Gaussian process on the choices alone: how many differ, and how far numbers are apart."""

from collections.abc import Sequence
from typing import Literal, final

import numpy as np
from jaxtyping import Float, Int

from deltanas.compare.peers.candidates import choices, neighbours_of_best, pool
from deltanas.compare.peers.gaussian_process import Regression, log_errors
from deltanas.encoding.ordinal import has_numbers, ranks_of
from deltanas.predictor.posterior import expected_improvement
from deltanas.records import History
from deltanas.search import Choice, Searcher, evaluated
from deltanas.spaces import ABSENT, SearchSpace

LENGTHS = np.geomspace(0.5, 20.0, 10)
"""Lengths tried, in edits."""
NOISES = (1e-4, 1e-3, 1e-2, 1e-1)
"""Noise variances tried, in units of the function's variance."""


@final
class GpHamming(Searcher):
    """Expected improvement under exp(-edits / length); length and noise by likelihood.

    Decisions about quantities, three numbers or more, count by how far the two are apart in their
    order: 1 for two different ones on average, as others do.

    Source: the kernel of Hutter, Hoos & Leyton-Brown, "Sequential Model-Based Optimization
    for General Algorithm Configuration", LION 2011, with one length for all decisions;
    hyperparameters by maximum likelihood (ML-II, Rasmussen & Williams 2006, chapter 5) on
    a grid; log errors as in NAS-BOWL (Ru et al. 2021). The grid is ours.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        seed: int,
        starts: int,
        where: Literal["neighbours", "space"] = "neighbours",
        best: int = 10,
        most: int = 20_000,
    ) -> None:
        """Keep the settings.

        Args:
            space: What to search.
            seed: Seed of the run.
            starts: How many random architectures come first.
            where: `neighbours`: one edit away from the best ones; `space`: everywhere.
            best: How many of the best have neighbours.
            most: Spaces larger than this are sampled instead of listed.
        """
        super().__init__(space, seed=seed, starts=starts)
        self.where = where
        self.best = best
        self.most = most
        self._ranks = [
            np.array(ranks_of(each)) if has_numbers(each) else None for each in space.decisions
        ]

    def choose(self, history: History, n: int, rng: np.random.Generator) -> Sequence[Choice]:
        """The `n` of highest expected improvement."""
        if not history.finished:
            return []
        codes, accuracies = evaluated(history)
        if self.where == "neighbours":
            candidates = neighbours_of_best(self.space, history, self.best)
        else:
            candidates = pool(self.space, history, self.most, rng)
        if not len(candidates):
            return []
        edits, values = self._edits(codes, codes), log_errors(accuracies)
        length, model = max(
            (
                (length, Regression.fit(np.exp(-edits / length), noise, values))
                for length in LENGTHS
                for noise in NOISES
            ),
            key=lambda pair: pair[1].evidence,
        )
        cross = np.exp(-self._edits(codes, candidates) / length)
        mean, spread = model.predict(cross, np.ones(len(candidates)))
        gain = expected_improvement(mean, spread, float(values.max()))
        # Equal gains are common (equal distances): a random one of them.
        order = np.lexsort((rng.random(len(gain)), -gain))[:n]
        return choices(self.space, candidates[order])

    def _edits(
        self,
        one: Int[np.ndarray, "one decisions"],
        other: Int[np.ndarray, "other decisions"],
    ) -> Float[np.ndarray, "one other"]:
        """How many decisions each pair differs in, numbers by how far they are apart."""
        differ = np.zeros((len(one), len(other)))
        for place, ranks in enumerate(self._ranks):
            left, right = one[:, None, place], other[None, :, place]
            if ranks is not None:
                apart = 3 * np.abs(ranks[left] - ranks[right]) / (len(ranks) + 1)
                differ += np.where((left == ABSENT) | (right == ABSENT), left != right, apart)
            else:
                differ += left != right
        return differ
