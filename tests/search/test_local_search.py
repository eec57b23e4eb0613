from collections import Counter

import pytest

from deltanas.errors import ProtocolError
from deltanas.records import Evaluation, History, Proposal, Status, Trial
from deltanas.search import LocalSearch
from deltanas.spaces import BlockSpace, edits_between
from deltanas.testing import SearcherContract

# Two decisions on a grid; neighbours share a row or a column, 3 + 3 = 6 each.
GRID = BlockSpace({"x": range(4), "y": range(4)})
# Two local optima: .9 at (0, 0) and .8 at (3, 3). Row = x, column = y.
HEIGHT = (
    (0.90, 0.50, 0.40, 0.10),
    (0.55, 0.30, 0.20, 0.15),
    (0.45, 0.25, 0.35, 0.60),
    (0.12, 0.22, 0.65, 0.80),
)


class TestLocalSearch(SearcherContract):
    def make(self, space, seed):
        return LocalSearch(space, seed=seed, starts=3)


class TestLocalSearchWithManyRestarts(SearcherContract):
    def make(self, space, seed):
        return LocalSearch(space, seed=seed, starts=3, restarts=4)


def height(architecture):
    return HEIGHT[architecture["x"]][architecture["y"]]


def trial(number, x, y, parent=None, status=Status.FINISHED):
    """A trial at (x, y); `status=None` is still running."""
    architecture = GRID.architecture({"x": x, "y": y})
    edits = ()
    if parent is not None:
        edits = edits_between(GRID.decisions, parent.architecture.code, architecture.code)
    proposal = Proposal(number, architecture, None if parent is None else parent.number, edits)
    if status is None:
        return Trial(proposal)
    accuracy = height(architecture) if status is Status.FINISHED else None
    return Trial(proposal, Evaluation(number, status, accuracy))


def next_choice(*trials, starts=1, restarts=1):
    searcher = LocalSearch(GRID, seed=0, starts=starts, restarts=restarts)
    return searcher.propose(History(trials))[0]


def position(proposal):
    return proposal.architecture["x"], proposal.architecture["y"]


def test_the_first_climb_begins_at_the_best_start():
    # Heights .2, .65, .35.
    proposal = next_choice(trial(0, 1, 2), trial(1, 3, 2), trial(2, 2, 2), starts=3)
    assert proposal.parent == 1


def test_it_stays_while_no_neighbour_is_better():
    first = trial(0, 3, 2)
    # Both lower than .65: (3, 1) has .22 and (1, 2) has .2.
    proposal = next_choice(first, trial(1, 3, 1, first), trial(2, 1, 2, first))
    assert proposal.parent == 0
    assert position(proposal) in {(3, 0), (3, 3), (0, 2), (2, 2)}


def test_it_moves_to_the_first_better_neighbour():
    first = trial(0, 3, 2)
    assert next_choice(first, trial(1, 3, 1, first), trial(2, 3, 3, first)).parent == 2


def test_of_a_batch_with_several_better_ones_it_moves_to_the_best():
    first = trial(0, 1, 2)
    # From .2 up to .3 at (1, 1), .55 at (1, 0) and .35 at (2, 2).
    batch = [trial(1, 1, 1, first), trial(2, 1, 0, first), trial(3, 2, 2, first)]
    assert next_choice(first, *batch).parent == 2


def test_a_better_neighbour_known_from_before_costs_nothing():
    # The climb begins at (1, 0) with .55; (0, 0) with .9 is known from the starts.
    searcher_starts = [trial(0, 0, 0), trial(1, 3, 3)]
    neighbours = [(0, 1), (0, 2), (0, 3), (1, 0), (2, 0), (3, 0)]
    done = [trial(2 + k, *at, searcher_starts[0]) for k, at in enumerate(neighbours)]
    restart = trial(8, 1, 1)
    # From (1, 1) with .3 the known (0, 1) and (1, 0) are better, and from there (0, 0), which
    # is done with; (3, 3), the other start, was never climbed. So it draws a new point.
    proposal = next_choice(*searcher_starts, *done, restart, starts=2)
    assert proposal.parent is None


def test_it_draws_a_random_point_where_no_neighbour_is_better():
    first = trial(0, 0, 0)
    neighbours = [(0, 1), (0, 2), (0, 3), (1, 0), (2, 0), (3, 0)]
    done = [trial(1 + k, *at, first) for k, at in enumerate(neighbours)]
    assert next_choice(first, *done).parent is None


def test_a_restart_draws_as_many_points_as_asked_and_climbs_from_the_best():
    first = trial(0, 0, 0)
    neighbours = [(0, 1), (0, 2), (0, 3), (1, 0), (2, 0), (3, 0)]
    done = [trial(1 + k, *at, first) for k, at in enumerate(neighbours)]
    drawn = [trial(7, 1, 1), trial(8, 2, 3), trial(9, 1, 2)]
    assert next_choice(first, *done, *drawn[:1], restarts=3).parent is None
    assert next_choice(first, *done, *drawn[:2], restarts=3).parent is None
    # Heights .3, .6, .2.
    assert next_choice(first, *done, *drawn, restarts=3).parent == 8


def test_a_failed_neighbour_is_passed_over():
    first = trial(0, 3, 2)
    proposal = next_choice(first, trial(1, 3, 3, first, status=Status.FAILED))
    assert proposal.parent == 0
    assert position(proposal) != (3, 3)


def test_a_climb_left_early_goes_on_when_a_late_neighbour_is_better():
    first = trial(0, 3, 2)
    others = [(3, 0), (3, 1), (0, 2), (1, 2), (2, 2)]
    done = [trial(1 + k, *at, first) for k, at in enumerate(others)]
    # While the last neighbour ran, a random point was drawn, which has now failed.
    late, drawn = trial(6, 3, 3, first), trial(7, 0, 1, status=Status.FAILED)
    running = trial(6, 3, 3, first, status=None)
    assert next_choice(first, *done, running).parent is None
    assert next_choice(first, *done, late, drawn).parent == 6


def test_it_climbs_to_the_top_of_the_grid():
    searcher = LocalSearch(GRID, seed=2, starts=1)
    trials = []
    for _ in range(16):
        for proposal in searcher.propose(History(trials)):
            accuracy = height(proposal.architecture)
            evaluation = Evaluation(proposal.number, Status.FINISHED, accuracy)
            trials.append(Trial(proposal, evaluation))
    assert max(each.accuracy for each in trials) == 0.9
    for each in trials:
        if each.proposal.parent is not None:
            assert len(each.proposal.edits) == 1


def test_a_restart_of_no_points_is_refused():
    with pytest.raises(ProtocolError, match="needs restarts >= 1, got 0"):
        LocalSearch(GRID, seed=0, restarts=0)


def test_a_first_climb_does_not_wait_for_the_points_of_a_restart():
    assert next_choice(trial(0, 3, 2), starts=1, restarts=3).parent == 0


def test_neighbours_come_in_random_order():
    # Six neighbours, 120 seeds: each comes first 20 times on average. Chi-square with 5
    # degrees of freedom is below 20.5 in 99.9 % of cases.
    history = History([trial(0, 1, 2)])
    first = Counter(
        position(LocalSearch(GRID, seed=seed, starts=1).propose(history)[0]) for seed in range(120)
    )
    assert len(first) == 6
    assert sum((count - 20) ** 2 / 20 for count in first.values()) < 20.5
