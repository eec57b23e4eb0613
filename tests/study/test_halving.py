"""Successive halving over epochs: who is stopped, what is stored of it, exact resume."""

import pytest

from deltanas.errors import BudgetError, ObjectiveError, StudyMismatchError
from deltanas.records import Evaluation, History, Proposal, Status, Trial
from deltanas.search.judged import judged
from deltanas.spaces import BlockSpace
from deltanas.study import Halving, Study
from deltanas.study.halving import checked_halving
from deltanas.testing.evaluators import SPACE

HALVING = Halving(2, 2)
WIDE = BlockSpace({"width": list(range(12)), "depth": list(range(5))})


def trial(number, accuracy, rungs):
    status = Status.FINISHED if accuracy is not None else Status.PRUNED
    evaluation = Evaluation(number, status, accuracy, rungs=rungs)
    return Trial(Proposal(number, SPACE.from_codes(SPACE.all_codes())[number]), evaluation)


def needed(halving, *trials):
    return {rung.epoch: rung.needed for rung in halving.rungs(History(trials))[:3]}


def test_what_is_needed_is_the_best_one_in_reduction_of_those_before():
    first = trial(0, 0.9, {2: 0.5, 4: 0.7, 6: 0.9})
    assert needed(HALVING, first) == {2: None, 4: None, 8: None}
    second = trial(1, 0.8, {2: 0.6, 4: 0.65, 6: 0.8})
    # With the next one they are three at rung 2: one in two goes on, so it must be the best.
    assert needed(HALVING, first, second) == {2: 0.6, 4: 0.7, 8: None}
    third = trial(2, None, {2: 0.4})
    # Four at rung 2: the best two go on, so the second best of three is needed.
    assert needed(HALVING, first, second, third) == {2: 0.5, 4: 0.7, 8: None}


def test_nobody_is_stopped_after_the_last_epoch_or_where_nobody_reports():
    ended = [trial(number, 0.5, {2: 0.3, 4: 0.5}) for number in range(4)]
    assert needed(HALVING, *ended) == {2: 0.3, 4: None, 8: None}
    silent = [trial(number, 0.5, {}) for number in range(4)]
    assert needed(HALVING, *silent) == {2: None, 4: None, 8: None}


def test_a_stopped_training_is_taken_for_what_others_gained_from_there():
    trials = [
        trial(0, 0.9, {2: 0.5, 6: 0.9}),
        trial(1, 0.8, {2: 0.6, 6: 0.8}),
        trial(2, 0.95, {2: 0.65, 6: 0.95}),
        trial(3, None, {2: 0.4}),
    ]
    # Gains .4, .2, .3: median .3.
    known, codes, accuracies = judged(History(trials))
    assert [each.number for each in known] == [0, 1, 2, 3]
    assert len(codes) == 4
    assert accuracies.tolist() == pytest.approx([0.9, 0.8, 0.95, 0.7])


class Trainer:
    """Six epochs whose curves depend on the network; counts them, and can be interrupted."""

    def __init__(self):
        self.epochs, self.dies_at = 0, None

    def __call__(self, architecture, context):
        done = max(context.reported, default=0)
        good = (architecture["width"] * 7 + architecture["depth"] * 3) % 13 / 26
        for epoch in range(done + 1, 7):
            self.epochs += 1
            if self.epochs == self.dies_at:
                raise KeyboardInterrupt
            context.report(epoch, good + epoch / 20)
        return good + 0.3


def search(path, trainer, budget=14, **settings):
    study = Study(WIDE, trainer, storage=path, seed=3, halving=HALVING, **settings)
    study.run(budget)
    return study.trials


def outcomes(trials):
    return [
        (each.proposal, each.accuracy, each.evaluation.status, each.evaluation.rungs)
        for each in trials
    ]


def test_poor_trainings_are_stopped_with_a_reason_and_good_ones_go_on(tmp_path):
    trainer = Trainer()
    trials = search(tmp_path / "s.db", trainer)
    stopped = [each for each in trials if each.evaluation.status is Status.PRUNED]
    finished = [each for each in trials if each.accuracy is not None]
    assert len(stopped) + len(finished) == 14
    assert len(stopped) >= 4
    assert trainer.epochs < 14 * 6
    assert "stopped after epoch 2: " in stopped[0].evaluation.reason
    for each in stopped:
        last = max(each.evaluation.rungs)
        rung = next(rung for rung in each.proposal.rungs if rung.epoch == last)
        assert each.evaluation.rungs[last] < rung.needed
    for each in finished:
        assert set(each.evaluation.rungs) == {2, 4, 6}
        for rung in each.proposal.rungs[:2]:
            assert rung.needed is None or each.evaluation.rungs[rung.epoch] >= rung.needed


@pytest.mark.parametrize("dies_at", [3, 20, 31, 40])
def test_interrupted_in_a_training_it_goes_on_bit_for_bit(tmp_path, dies_at):
    whole = search(tmp_path / "whole.db", Trainer())
    trainer = Trainer()
    trainer.dies_at = dies_at
    with pytest.raises(KeyboardInterrupt):
        search(tmp_path / "s.db", trainer)
    assert outcomes(search(tmp_path / "s.db", trainer)) == outcomes(whole)


@pytest.mark.process
def test_trainings_in_other_processes_are_stopped_too(tmp_path):
    trials = search(tmp_path / "s.db", train, workers=2)
    assert Status.PRUNED in {each.evaluation.status for each in trials}
    assert {each.evaluation.status for each in trials} <= {Status.PRUNED, Status.FINISHED}


def train(architecture, context):
    return Trainer()(architecture, context)


def test_other_settings_do_not_continue_a_study(tmp_path):
    search(tmp_path / "s.db", Trainer(), 2)
    with pytest.raises(StudyMismatchError, match="halving of min_epochs 2, reduction 2, got none"):
        Study(WIDE, Trainer(), storage=tmp_path / "s.db", seed=3)


def test_settings_that_are_none_and_several_objectives_are_refused():
    with pytest.raises(BudgetError, match="needs reduction of 2 or more, got 1"):
        Halving(2, 1)
    with pytest.raises(BudgetError, match="needs min_epochs of 1 or more, got 0"):
        Halving(0)
    with pytest.raises(ObjectiveError, match="stops what is less accurate"):
        checked_halving(HALVING, ["accuracy", "width"], (), None)
