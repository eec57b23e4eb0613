"""What searchers share that learn what brings no result."""

import copy
from collections.abc import Sequence

from deltanas.limits import Limit
from deltanas.search.base import Searcher
from deltanas.search.feasibility import Feasibility
from deltanas.spaces import SearchSpace


class LearningSearcher(Searcher):
    """Learns where trainings fail, and under limits, how likely architectures keep to them."""

    def __init__(self, space: SearchSpace, *, seed: int, starts: int, predictor: object) -> None:
        """Keep the settings.

        Args:
            space: What to search.
            seed: The study's seed, 0 or more.
            starts: How many random architectures come first.
            predictor: What predicts accuracy; what predicts results sees the same.

        Raises:
            SeedError: The seed is negative or not a whole number.
            ProtocolError: Fewer than one start.
        """
        super().__init__(space, seed=seed, starts=starts)
        self._feasibility = Feasibility(space, like=predictor)

    def under(self, limits: Sequence[Limit]) -> "LearningSearcher":
        """The same searcher, which learns how likely children keep to these limits, if any."""
        if not limits:
            return self
        limited = copy.copy(self)
        limited._feasibility = self._feasibility.under(limits)  # noqa: SLF001 - a copy of its own
        return limited
