"""Predictors of differences keep their promises on cells whose edges come and go."""

from deltanas.predictor import GaussianDelta
from deltanas.predictor.neural import NeuralDelta
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


class TestNeuralDeltaOnNodes(TestGaussianDeltaOnNodes):
    def make_predictor(self, space):
        return NeuralDelta(space, members=2)


class TestNeuralDeltaOnEdges(TestGaussianDeltaOnEdges):
    def make_predictor(self, space):
        return NeuralDelta(space, members=2)
