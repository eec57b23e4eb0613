"""Ablation of the ensemble: the likeliest vector of hyperparameters predicts alone."""

from deltanas.predictor import GaussianDelta
from deltanas.search import DeltaEvolution
from deltanas.spaces import SearchSpace


def one_vector(space: SearchSpace, *, seed: int, starts: int, **settings: int) -> DeltaEvolution:
    """Maximum likelihood over the same vectors that are averaged otherwise."""
    predictor = GaussianDelta(space, averaged=False)
    return DeltaEvolution(space, seed=seed, starts=starts, predictor=predictor, **settings)
