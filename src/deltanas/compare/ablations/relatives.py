"""Ablations of the predictor: one that is learned from pairs, in the place of the closed form."""

from deltanas.predictor import AdditiveDelta
from deltanas.predictor.graph_neural import GraphDelta
from deltanas.predictor.neural import NeuralDelta
from deltanas.predictor.relatives import Relatives
from deltanas.search import DeltaEvolution
from deltanas.spaces import SearchSpace


def neural(
    space: SearchSpace,
    *,
    seed: int,
    starts: int,
    edits: int = 0,
    members: int = 10,
    **settings: int,
) -> DeltaEvolution:
    """The neural predictor of differences.

    Args:
        space: What to search.
        seed: Seed of the run, and of weights, folds and batches.
        starts: How many random architectures come first.
        edits: Most edits between the architectures of a pair that it learns from; 0 for all.
        members: Networks in the ensemble.
        settings: Of the evolution.
    """
    predictor = NeuralDelta(space, members=members, seed=seed)
    advisor = Relatives(space, predictor, edits=edits or None)
    return DeltaEvolution(space, seed=seed, starts=starts, predictor=advisor, **settings)


def one_edit(
    space: SearchSpace, *, seed: int, starts: int, members: int = 10, **settings: int
) -> DeltaEvolution:
    """The neural predictor, without pairs beyond one edit."""
    return neural(space, seed=seed, starts=starts, edits=1, members=members, **settings)


def graph(
    space: SearchSpace, *, seed: int, starts: int, members: int = 5, **settings: int
) -> DeltaEvolution:
    """Graph networks that see both cells and where they differ."""
    advisor = Relatives(space, GraphDelta(space, members=members, seed=seed))
    return DeltaEvolution(space, seed=seed, starts=starts, predictor=advisor, **settings)


def context_free(space: SearchSpace, *, seed: int, starts: int, **settings: int) -> DeltaEvolution:
    """One weight per column of the difference: an edit is worth the same wherever it is made."""
    advisor = Relatives(space, AdditiveDelta(space))
    return DeltaEvolution(space, seed=seed, starts=starts, predictor=advisor, **settings)
