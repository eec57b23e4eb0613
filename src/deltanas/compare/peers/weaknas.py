"""WeakNAS: rank the whole space with a weak predictor, train some of its top, repeat."""

import warnings
from collections.abc import Sequence
from typing import Literal, final

import numpy as np
from jaxtyping import Float
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

from deltanas.compare.peers.candidates import choices, pool, standardised
from deltanas.encoding import OneHot
from deltanas.records import History
from deltanas.search import Choice, Searcher, evaluated
from deltanas.spaces import Codes, SearchSpace


@final
class WeakNas(Searcher):
    """Trains architectures drawn at random from the `top` that a weak predictor ranks highest.

    Source: Wu et al., "Stronger NAS with Weaker Predictors", NeurIPS 2021: one-hot codes, a
    weak regressor (a perceptron of four layers of 1,000, 100 iterations; or a regression
    forest), the whole space ranked in each round, 10 drawn uniformly from the predicted top
    100 and added to what was trained before. Differs: accuracies are standardised with the
    mean and deviation of what was trained, not with those of the whole table, which nobody
    knows during a search; the forest has 200 trees of depth 10.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        seed: int,
        starts: int,
        top: int = 100,
        predictor: Literal["mlp", "forest"] = "mlp",
        width: int = 1_000,
        trees: int = 200,
        most: int = 20_000,
    ) -> None:
        """Keep the settings.

        Args:
            space: What to search.
            seed: Seed of the run.
            starts: How many random architectures come first.
            top: How many of the highest ranked are drawn from.
            predictor: `mlp`, or `forest`, which is cheaper.
            width: Width of each of the perceptron's four hidden layers.
            trees: Trees of the forest.
            most: Spaces larger than this are sampled instead of listed.
        """
        super().__init__(space, seed=seed, starts=starts)
        self.top = top
        self.predictor = predictor
        self.width = width
        self.trees = trees
        self.most = most
        self._encoding = OneHot(space)

    def choose(self, history: History, n: int, rng: np.random.Generator) -> Sequence[Choice]:
        """`n` random ones of the predicted top."""
        if not history.finished:
            return []
        codes, accuracies = evaluated(history)
        encoded = self._encode(codes)
        regressor = self._regressor(int(rng.integers(2**31)))
        with warnings.catch_warnings():
            # A weak predictor is one that has not converged.
            warnings.simplefilter("ignore", ConvergenceWarning)
            regressor.fit(encoded, standardised(accuracies))
        candidates = pool(self.space, history, self.most, rng)
        if not len(candidates):
            return []
        predicted = regressor.predict(self._encode(candidates))
        # A forest gives many equal values: a random order among them.
        top = np.lexsort((rng.random(len(predicted)), -predicted))[: self.top]
        chosen = candidates[rng.permutation(top)[:n]]
        return choices(self.space, chosen)

    def _encode(self, codes: Codes) -> Float[np.ndarray, "architectures columns"]:
        # The perceptron keeps to the precision of its data: single takes a quarter less time.
        return self._encoding.encode(codes).astype(np.float32)

    def _regressor(self, seed: int) -> RandomForestRegressor | MLPRegressor:
        if self.predictor == "forest":
            return RandomForestRegressor(self.trees, max_depth=10, random_state=seed)
        return MLPRegressor(hidden_layer_sizes=4 * (self.width,), max_iter=100, random_state=seed)
