import pytest

from deltanas.records import Evaluation, History, Proposal, Status, Trial
from deltanas.report.changes import predicted_changes


def test_predicted_and_measured_changes_are_child_minus_parent(history):
    changes = predicted_changes(history)
    assert changes.numbers.tolist() == [2, 3, 4]
    assert changes.predicted.tolist() == [0.06, -0.01, -0.08]
    # 0.70 - 0.60, 0.73 - 0.70, 0.61 - 0.73
    assert changes.measured.tolist() == pytest.approx([0.10, 0.03, -0.12])


def test_scores_worked_by_hand(history):
    changes = predicted_changes(history)
    # Right, wrong, right.
    assert changes.right.tolist() == [True, False, True]
    assert changes.sign_agreement == pytest.approx(2 / 3)
    # Predicted and measured rank the three alike: all three pairs concordant.
    assert changes.kendall_tau == pytest.approx(1.0)
    # |0.04|, |0.04|, |0.04|
    assert changes.mean_error == pytest.approx(0.04)
    # In spreads: 0.8, 2, 4.
    assert changes.within(1.0) == pytest.approx(1 / 3)
    assert changes.within(2.01) == pytest.approx(2 / 3)


def test_without_predictions_there_is_nothing_to_score(trial):
    changes = predicted_changes(History([trial(0, 8, "relu", 0.6)]))
    assert len(changes) == 0
    assert changes.sign_agreement is None
    assert changes.kendall_tau is None
    assert changes.mean_error is None
    assert changes.within(1.0) is None


def test_a_child_of_a_failed_parent_has_no_measured_change(trial, space):
    failed = trial(0, 8, "relu", None)
    child = Proposal(1, space.architecture({"width": 16, "act": "relu"}), 0, (), 0.1, 0.1)
    history = History([failed, Trial(child, Evaluation(1, Status.FINISHED, 0.5))])
    assert len(predicted_changes(history)) == 0


def test_an_unchanged_accuracy_has_no_direction(trial):
    first = trial(0, 8, "relu", 0.6)
    changes = predicted_changes(History([first, trial(1, 16, "relu", 0.6, first, 0.1, 0.1)]))
    assert changes.moved.tolist() == [False]
    assert changes.right.tolist() == [False]
    assert changes.sign_agreement is None
