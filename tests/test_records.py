import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.errors import ProtocolError
from deltanas.records import Evaluation, History, Proposal, Status, Trial
from deltanas.spaces import BlockSpace

SPACE = BlockSpace({"a": range(20)})


def trial(number, accuracy=None, status=Status.FINISHED):
    proposal = Proposal(number, SPACE.architecture({"a": number}))
    if status is None:
        return Trial(proposal)
    return Trial(proposal, Evaluation(number, status, accuracy))


HISTORY = History(
    [
        trial(7, 0.75),
        trial(2, 0.5),
        trial(5, status=Status.FAILED),
        trial(9, status=None),
        trial(3, 0.75),
        trial(4, 0.25),
    ]
)


def numbers(trials):
    return [each.number for each in trials]


def test_a_history_is_ordered_by_number():
    assert numbers(HISTORY.trials) == [2, 3, 4, 5, 7, 9]
    assert numbers(HISTORY.finished) == [2, 3, 4, 7]
    assert numbers(HISTORY.pending) == [9]
    assert HISTORY.next_number == 10
    assert len(HISTORY) == 6


def test_the_earliest_of_equals_is_the_best():
    best = HISTORY.best
    assert best is not None
    assert (best.number, best.accuracy) == (3, 0.75)


def test_keys_are_those_of_all_trials():
    assert HISTORY.keys == {"2", "3", "4", "5", "7", "9"}


def test_an_empty_history_has_nothing():
    assert History().best is None
    assert History([trial(0, status=None)]).best is None
    assert History().next_number == 0
    assert History().keys == frozenset()
    assert (History().finished, History().pending) == ((), ())


@given(st.permutations(HISTORY.trials))
def test_order_of_arrival_is_forgotten(trials):
    assert History(trials).trials == HISTORY.trials


def test_accuracies_below_zero_have_a_best_too():
    best = History([trial(0, -3.0), trial(1, -2.0)]).best
    assert best is not None
    assert best.number == 1


def test_two_trials_of_one_number_are_refused():
    with pytest.raises(ProtocolError, match="number of its own, got two of number 4; keep"):
        History([trial(4, 0.5), trial(3, 0.5), trial(4, status=None)])


def test_a_trial_shows_its_proposal_and_accuracy():
    running = trial(6, status=None)
    assert (running.number, running.architecture["a"], running.accuracy) == (6, 6, None)
    assert trial(6, 0.125).accuracy == 0.125
    assert trial(6, status=Status.TIMED_OUT).accuracy is None


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.FINISHED])
def test_an_accuracy_needs_a_finished_evaluation(status):
    with pytest.raises(ProtocolError, match=rf"accuracy=0.5 with status '{status}' .*proposal 3"):
        Evaluation(3, status, 0.5)
    assert Evaluation(3, status, reason="why").accuracy is None


def test_a_finished_evaluation_needs_an_accuracy():
    with pytest.raises(ProtocolError, match="exactly if it finished, got accuracy=None"):
        Evaluation(3, Status.FINISHED)


@pytest.mark.parametrize("accuracy", [math.nan, math.inf, -math.inf, float(np.float32("nan"))])
def test_an_accuracy_is_finite(accuracy):
    with pytest.raises(ProtocolError, match=r"finite number, got .* for proposal 3; .*FAILED"):
        Evaluation(3, Status.FINISHED, accuracy)


@pytest.mark.parametrize(
    "measured",
    [
        {"status": Status.PRUNED, "rungs": {3: math.nan}},
        {"status": Status.INFEASIBLE, "metrics": {"accuracy": math.inf}},
    ],
)
def test_no_number_is_an_accuracy_anywhere(measured):
    with pytest.raises(ProtocolError, match="an accuracy is a finite number"):
        Evaluation(0, reason="because", **measured)
