"""WeakNAS: rank the whole space with a weak predictor, train some of its top, repeat."""

from collections.abc import Sequence
from typing import final

import numpy as np
from sklearn.ensemble import RandomForestRegressor

from deltanas.compare.peers.candidates import evaluated, pool
from deltanas.encoding import OneHot
from deltanas.records import History
from deltanas.search import Choice, Searcher
from deltanas.spaces import SearchSpace


@final
class WeakNas(Searcher):
    """Trains architectures drawn at random from the `top` that a weak predictor ranks highest.

    Source: Wu et al., "Stronger NAS with Weaker Predictors", NeurIPS 2021: one-hot codes, a
    weak regressor (multi-layer perceptron, regression forest or boosted trees; the forest
    here), the whole space ranked in each round, 10 drawn uniformly from the predicted top
    and added to what was trained before. Differs: accuracies are not standardised with the
    mean and deviation of the whole table, which nobody knows during a search (a forest does
    not need it); the forest has 200 trees of depth 10.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        seed: int,
        starts: int,
        top: int = 100,
        trees: int = 200,
        most: int = 20_000,
    ) -> None:
        """Keep the settings.

        Args:
            space: What to search.
            seed: Seed of the run.
            starts: How many random architectures come first.
            top: How many of the highest ranked are drawn from.
            trees: Trees of the forest.
            most: Spaces larger than this are sampled instead of listed.
        """
        super().__init__(space, seed=seed, starts=starts)
        self.top = top
        self.trees = trees
        self.most = most
        self._encoding = OneHot(space)

    def choose(self, history: History, n: int, rng: np.random.Generator) -> Sequence[Choice]:
        """`n` random ones of the predicted top."""
        if not history.finished:
            return []
        codes, accuracies = evaluated(history)
        forest = RandomForestRegressor(
            self.trees, max_depth=10, random_state=int(rng.integers(2**31))
        )
        forest.fit(self._encoding.encode(codes), accuracies)
        candidates = pool(self.space, history, self.most, rng)
        if not len(candidates):
            return []
        predicted = forest.predict(self._encoding.encode(candidates))
        # A forest gives many equal values: a random order among them.
        top = np.lexsort((rng.random(len(predicted)), -predicted))[: self.top]
        chosen = candidates[rng.permutation(top)[:n]]
        return [Choice(architecture) for architecture in self.space.from_codes(chosen)]
