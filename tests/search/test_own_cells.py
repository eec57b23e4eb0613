"""Searchers keep their promises on cells whose edges come and go, and find what is good."""

import numpy as np
import pytest

from deltanas.records import Evaluation, History, Proposal, Status, Trial
from deltanas.search import DeltaEvolution, LocalSearch, RandomSearch, RegularizedEvolution
from deltanas.spaces import CellSpace
from deltanas.testing import SearcherContract

NODES = CellSpace(4, ["conv", "pool"], max_edges=7)
EDGES = CellSpace(3, ["conv", "pool"], on="edges")


class TestDeltaEvolutionOnNodes(SearcherContract):
    steps = 10

    def make(self, space, seed):
        return DeltaEvolution(space, seed=seed, starts=4, generations=2)

    def large_space(self):
        return CellSpace(4, ["conv", "pool"], max_edges=7)


class TestLocalSearchOnEdges(SearcherContract):
    def make(self, space, seed):
        return LocalSearch(space, seed=seed, starts=4)

    def large_space(self):
        return CellSpace(3, ["conv", "pool"], on="edges")


def accuracy(architecture):
    """A point for each convolution, 0.2 for each pooling, and half a point less per edge."""
    matrix, operations = CellSpace.matrix(architecture)
    if operations[:1] == ("none",):
        operations = [operations[position] for position in matrix[matrix > 0]]
        # Here an edge costs nothing up to four of them, and two points from then on.
        price = 0.02 * max(len(operations) - 4, 0)
    else:
        price = 0.005 * np.count_nonzero(matrix)
    worth = 0.01 * operations.count("conv") + 0.002 * operations.count("pool")
    return float(0.9 + worth - price)


def best_of(searcher, budget):
    trials = []
    while len(trials) < budget:
        trials += [
            Trial(each, Evaluation(each.number, Status.FINISHED, accuracy(each.architecture)))
            for each in searcher.propose(History(trials), 1)
        ]
    return History(trials).best.accuracy


@pytest.mark.parametrize("space", [NODES, EDGES], ids=["nodes", "edges"])
def test_delta_evolution_finds_the_known_optimum(space):
    # Four convolutions on four edges; or in a row, where it takes five edges to join them.
    optimum = 0.94 if space.on == "edges" else 0.9 + 4 * 0.01 - 5 * 0.005
    assert best_of(DeltaEvolution(space, seed=1), 30) == pytest.approx(optimum)
    assert best_of(RandomSearch(space, seed=1), 30) < optimum - 1e-6


@pytest.mark.parametrize("space", [NODES, EDGES], ids=["nodes", "edges"])
@pytest.mark.parametrize("searcher", [RegularizedEvolution, LocalSearch, RandomSearch])
def test_other_searchers_go_on_without_repeating_a_network(searcher, space):
    trials = []
    for _ in range(30):
        (proposal,) = searcher(space, seed=2, starts=5).propose(History(trials), 1)
        assert proposal.architecture in space
        value = accuracy(proposal.architecture)
        trials.append(Trial(proposal, Evaluation(proposal.number, Status.FINISHED, value)))
    assert len({trial.architecture.key for trial in trials}) == 30


def test_edits_of_proposals_add_and_remove_edges():
    searcher = LocalSearch(NODES, seed=0, starts=2)
    trials, kinds = [], set()
    for _ in range(25):
        (proposal,) = searcher.propose(History(trials), 1)
        assert isinstance(proposal, Proposal)
        kinds |= {edit.kind.value for edit in proposal.edits}
        value = accuracy(proposal.architecture)
        trials.append(Trial(proposal, Evaluation(proposal.number, Status.FINISHED, value)))
    assert kinds == {"replace", "add edge", "remove edge"}
