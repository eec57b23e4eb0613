"""Predictors of differences keep their promises on cells whose edges come and go."""

import numpy as np

from deltanas.predictor import GaussianDelta
from deltanas.predictor.neural import NeuralDelta
from deltanas.seeds import generator
from deltanas.spaces import CellSpace
from deltanas.testing import PredictorContract


class TestGaussianDeltaOnNodes(PredictorContract):
    def make_space(self):
        return CellSpace(4, ["conv", "pool"], max_edges=7, costs=lambda cell: {"size": len(cell)})

    def make_predictor(self, space):
        return GaussianDelta(space)


class TestGaussianDeltaOnEdges(TestGaussianDeltaOnNodes):
    def make_space(self):
        return CellSpace(3, ["conv", "pool"], on="edges")


class TestNeuralDeltaOnEdges(TestGaussianDeltaOnEdges):
    def make_predictor(self, space):
        return NeuralDelta(space, members=2)


def test_neural_differences_on_nodes_are_antisymmetric_and_not_all_zero():
    contract = TestGaussianDeltaOnNodes()
    space = contract.make_space()
    predictor = NeuralDelta(space, members=2)
    predictor.fit(contract.evaluated(space))
    codes = space.sample_codes(12, generator(4, "asked"))
    there, back = (
        predictor.predict(*pair) for pair in ((codes[:6], codes[6:]), (codes[6:], codes[:6]))
    )
    np.testing.assert_array_equal(there.mean, -back.mean)
    assert np.abs(there.mean).max() > 0
