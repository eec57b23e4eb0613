"""What every delta predictor promises, as tests to inherit."""

from abc import ABC, abstractmethod

import numpy as np

from deltanas.pairs import Pairs, pairs_of
from deltanas.predictor import DeltaPredictor
from deltanas.seeds import generator
from deltanas.spaces import Codes, NasBench201, SearchSpace


class PredictorContract(ABC):
    """The promises of `DeltaPredictor`, for pytest.

    Inherit and say how to make the predictor; every test runs on it:

        class TestMyPredictor(PredictorContract):
            def make_predictor(self, space: SearchSpace) -> DeltaPredictor:
                return MyPredictor(space)
    """

    labels = 30
    """Evaluated architectures that a test learns from."""

    @abstractmethod
    def make_predictor(self, space: SearchSpace) -> DeltaPredictor:
        """A fresh predictor for the space."""

    def make_space(self) -> SearchSpace:
        """The space that is tested on."""
        return NasBench201()

    def evaluated(self, space: SearchSpace, seed: int = 1) -> Pairs:
        """Architectures with made-up accuracies, and the pairs among them."""
        rng = generator(seed, "contract")
        codes = space.sample_codes(self.labels, rng)
        accuracies = 0.5 + 0.02 * codes.sum(axis=1) + 0.01 * rng.normal(size=len(codes))
        return pairs_of(space, codes, accuracies, edits=len(space.decisions))

    def asked(self, space: SearchSpace) -> tuple[Codes, Codes]:
        """Parents and their children, one edit apart."""
        parents = space.sample_codes(6, generator(2, "contract"))
        rows, children = space.children(parents)
        return parents[rows], children

    def test_swapping_the_two_flips_the_sign_and_keeps_the_spread(self) -> None:
        space = self.make_space()
        predictor = self.make_predictor(space)
        predictor.fit(self.evaluated(space))
        before, after = self.asked(space)
        there, back = predictor.predict(before, after), predictor.predict(after, before)
        np.testing.assert_allclose(there.mean, -back.mean, atol=1e-9)
        np.testing.assert_allclose(there.spread, back.spread, atol=1e-9)

    def test_an_architecture_differs_from_itself_by_nothing(self) -> None:
        space = self.make_space()
        predictor = self.make_predictor(space)
        predictor.fit(self.evaluated(space))
        before, _ = self.asked(space)
        assert np.all(predictor.predict(before, before).mean == 0), "a difference from itself"

    def test_predictions_are_finite_and_spreads_not_negative(self) -> None:
        space = self.make_space()
        predictor = self.make_predictor(space)
        predictor.fit(self.evaluated(space))
        prediction = predictor.predict(*self.asked(space))
        assert np.isfinite(prediction.mean).all(), "a mean is not finite"
        assert np.isfinite(prediction.spread).all(), "a spread is not finite"
        assert np.all(prediction.spread >= 0), "a spread is negative"

    def test_fitting_starts_anew_and_is_deterministic(self) -> None:
        space = self.make_space()
        fresh, used = self.make_predictor(space), self.make_predictor(space)
        used.fit(self.evaluated(space, seed=9))
        for predictor in (fresh, used):
            predictor.fit(self.evaluated(space))
        first, second = (each.predict(*self.asked(space)) for each in (fresh, used))
        np.testing.assert_array_equal(first.mean, second.mean)
        np.testing.assert_array_equal(first.spread, second.spread)
