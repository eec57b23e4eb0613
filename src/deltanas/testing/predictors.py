"""What every delta predictor promises, as tests to inherit."""

from abc import ABC, abstractmethod

import numpy as np
import pytest

from deltanas.errors import NotFittedError, PairsError, ShapeError
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

    def test_asking_changes_nothing(self) -> None:
        space = self.make_space()
        predictor = self.make_predictor(space)
        predictor.fit(self.evaluated(space))
        before, after = self.asked(space)
        given = before.copy(), after.copy()
        first = predictor.predict(before, after)
        np.testing.assert_array_equal(before, given[0], "predict() changed its argument")
        np.testing.assert_array_equal(after, given[1], "predict() changed its argument")
        second = predictor.predict(before, after)
        np.testing.assert_array_equal(first.mean, second.mean, "asking twice gives two answers")
        np.testing.assert_array_equal(first.spread, second.spread)

    def test_no_question_gets_no_answer(self) -> None:
        space = self.make_space()
        predictor = self.make_predictor(space)
        predictor.fit(self.evaluated(space))
        before, after = self.asked(space)
        nothing = predictor.predict(before[:0], after[:0])
        assert nothing.mean.shape == nothing.spread.shape == (0,), "an answer without a question"

    def test_what_cannot_be_answered_is_refused(self) -> None:
        space = self.make_space()
        predictor = self.make_predictor(space)
        before, after = self.asked(space)
        with pytest.raises(NotFittedError):
            predictor.predict(before, after)
        predictor.fit(self.evaluated(space))
        with pytest.raises(ShapeError):
            predictor.predict(before, after[:-1])

    def test_a_single_architecture_is_too_little_to_learn_from(self) -> None:
        space = self.make_space()
        codes = space.sample_codes(1, generator(1, "contract"))
        with pytest.raises(PairsError):
            self.make_predictor(space).fit(pairs_of(space, codes, np.array([0.7])))
