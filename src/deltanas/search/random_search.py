"""Random search: the yardstick that every other searcher must beat."""

from collections.abc import Sequence
from typing import final

import numpy as np

from deltanas.records import History
from deltanas.search.base import Choice, Searcher, random_unseen
from deltanas.spaces import SearchSpace


@final
class RandomSearch(Searcher):
    """Proposes networks drawn at random from the space, none twice.

    Source: Li & Talwalkar, "Random Search and Reproducibility for NAS", UAI 2019. Drawing
    without repetition is ours.
    """

    def __init__(self, space: SearchSpace, *, seed: int, starts: int = 10) -> None:
        """Keep the settings; see `Searcher`."""
        super().__init__(space, seed=seed, starts=starts)

    def choose(self, history: History, n: int, rng: np.random.Generator) -> Sequence[Choice]:
        """Choose `n` random new networks."""
        new = random_unseen(self.space, set(history.keys), n, rng)
        return [Choice(architecture) for architecture in new]
