"""Random search: the yardstick that every other searcher must beat."""

from collections.abc import Sequence
from typing import final

import numpy as np

from deltanas.records import History
from deltanas.search.base import Choice, Searcher, random_unseen


@final
class RandomSearch(Searcher):
    """Proposes networks drawn at random from the space, none twice.

    Source: Li & Talwalkar, "Random Search and Reproducibility for NAS", UAI 2019. Drawing
    without repetition is ours.
    """

    def choose(self, history: History, n: int, rng: np.random.Generator) -> Sequence[Choice]:
        """Choose `n` random new networks."""
        new = random_unseen(self.space, set(history.keys), n, rng)
        return [Choice(architecture) for architecture in new]
