"""Every predictor keeps the contract, and the contract notices when one does not."""

import numpy as np
import pytest

from deltanas.pairs import pairs_of
from deltanas.predictor import AdditiveDelta, AlwaysZero, DeltaPredictor, MeanPerEdit, Prediction
from deltanas.predictor.asking import check_asked, check_learnable
from deltanas.predictor.neural import NeuralDelta
from deltanas.spaces import BlockSpace
from deltanas.testing.predictors import PredictorContract

BLOCKS = {"depth": [2, 4, 8], "norm": ["batch", "layer"], "width": [16, 32], "act": list("abcd")}


class TestAlwaysZero(PredictorContract):
    def make_predictor(self, space):
        del space
        return AlwaysZero()


class TestMeanPerEdit(PredictorContract):
    def make_space(self):
        return BlockSpace(BLOCKS)

    def make_predictor(self, space):
        del space
        return MeanPerEdit()


class TestAdditiveDelta(PredictorContract):
    def make_predictor(self, space):
        return AdditiveDelta(space)


class TestAdditiveDeltaOfBlocks(TestAdditiveDelta):
    def make_space(self):
        return BlockSpace(BLOCKS)


class TestNeuralDelta(PredictorContract):
    def make_predictor(self, space):
        return NeuralDelta(space, members=3)


class TestNeuralDeltaWithoutContext(PredictorContract):
    def make_predictor(self, space):
        return NeuralDelta(space, members=3, context="free")


class TestNeuralDeltaOfBlocks(TestNeuralDelta):
    def make_space(self):
        return BlockSpace(BLOCKS)


class Plain(DeltaPredictor):
    """Keeps all promises, to be broken below: some weights for the sum of the code."""

    def __init__(self):
        self.slope, self.decisions = 1.0, None

    def fit(self, pairs):
        check_learnable(pairs)
        self.slope, self.decisions = float(pairs.accuracies.mean()), len(pairs.space.decisions)

    def predict(self, before, after):
        check_asked(before, after, self.decisions)
        mean = self.slope * (after.sum(axis=1) - before.sum(axis=1))
        return Prediction(mean.astype(float), np.abs(mean).astype(float))


class Lopsided(Plain):
    def predict(self, before, after):
        found = super().predict(before, after)
        return Prediction(found.mean + 0.01 * after[:, 0] ** 2 * before[:, 1], found.spread)


class Surer(Plain):
    def predict(self, before, after):
        found = super().predict(before, after)
        return Prediction(found.mean, found.spread + after[:, 0])


class Restless(Plain):
    def predict(self, before, after):
        found = super().predict(before, after)
        return Prediction(found.mean + 1e-12, found.spread)


class Endless(Plain):
    def predict(self, before, after):
        found = super().predict(before, after)
        return Prediction(found.mean, np.full_like(found.spread, np.inf))


class Negative(Plain):
    def predict(self, before, after):
        found = super().predict(before, after)
        return Prediction(found.mean, found.spread - 1)


class Continuing(Plain):
    def fit(self, pairs):
        old = self.slope
        super().fit(pairs)
        self.slope += 0.1 * old


class Tiring(Plain):
    def predict(self, before, after):
        found = super().predict(before, after)
        self.slope *= 0.5
        return found


class Overwriting(Plain):
    def predict(self, before, after):
        found = super().predict(before, after)
        before[:] = after
        return found


class Talkative(Plain):
    def predict(self, before, after):
        if not len(before):
            return Prediction(np.zeros(1), np.zeros(1))
        return super().predict(before, after)


class Guessing(Plain):
    def __init__(self):
        super().__init__()
        self.decisions = 6


class Careless(Plain):
    def fit(self, pairs):
        self.slope, self.decisions = 1.0, len(pairs.space.decisions)


def contract(make):
    class Contract(PredictorContract):
        def make_predictor(self, space):
            del space
            return make()

    return Contract()


@pytest.mark.parametrize(
    ("predictor", "promise"),
    [
        (Lopsided, "test_swapping_the_two_flips_the_sign_and_keeps_the_spread"),
        (Surer, "test_swapping_the_two_flips_the_sign_and_keeps_the_spread"),
        (Restless, "test_an_architecture_differs_from_itself_by_nothing"),
        (Endless, "test_predictions_are_finite_and_spreads_not_negative"),
        (Negative, "test_predictions_are_finite_and_spreads_not_negative"),
        (Continuing, "test_fitting_starts_anew_and_is_deterministic"),
        (Tiring, "test_asking_changes_nothing"),
        (Overwriting, "test_asking_changes_nothing"),
        (Talkative, "test_no_question_gets_no_answer"),
        (Guessing, "test_what_cannot_be_answered_is_refused"),
        (Careless, "test_a_single_architecture_is_too_little_to_learn_from"),
    ],
)
def test_a_predictor_that_breaks_a_promise_is_found_out(predictor, promise):
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(contract(predictor), promise)()


def test_a_predictor_that_keeps_its_promises_passes():
    promises = [name for name in dir(PredictorContract) if name.startswith("test_")]
    for name in promises:
        getattr(contract(Plain), name)()
    assert len(promises) == 8


def test_codes_of_another_space_are_refused():
    space = BlockSpace(BLOCKS)
    codes = space.all_codes()[:9]
    predictor = AlwaysZero()
    predictor.fit(pairs_of(space, codes, np.linspace(0.6, 0.8, 9)))
    with pytest.raises(ValueError, match="codes of 4 decisions, as those learned from, got 3"):
        predictor.predict(codes[:, :3], codes[:, :3])
