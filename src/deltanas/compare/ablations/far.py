"""Ablation of caution: as many generations, however little the predictor knows."""

from typing import final

from deltanas.predictor import GaussianDelta
from deltanas.search import DeltaEvolution
from deltanas.spaces import SearchSpace


@final
class Unexamined:
    """The closed form as an advisor that does not tell its skill."""

    def __init__(self, space: SearchSpace) -> None:
        self._predictor = GaussianDelta(space)
        self.fit_accuracies = self._predictor.fit_accuracies
        self.predict = self._predictor.predict
        self.believed = self._predictor.believed
        self.expected_improvement = self._predictor.expected_improvement


def far(space: SearchSpace, *, seed: int, starts: int, **settings: int) -> DeltaEvolution:
    """The method with `generations` generations at all times."""
    return DeltaEvolution(space, seed=seed, starts=starts, predictor=Unexamined(space), **settings)
