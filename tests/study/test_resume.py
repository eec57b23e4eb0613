"""A study that is killed and continued equals the one that was never interrupted."""

import contextlib
import itertools
import os
import shutil
import signal

import optuna
import pytest
import sqlalchemy

from deltanas.errors import StudyLockedError, StudyMismatchError
from deltanas.records import Evaluation, Status
from deltanas.search import names
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, NasBench201
from deltanas.study import Ending, Evaluated, Proposed, Study
from tests.study import dying_process
from tests.study.dying_process import train

BUDGET = 18


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    # Making the tables of a database takes most of a second: once is enough.
    path = tmp_path_factory.mktemp("blank") / "study.db"
    new(path)
    return path


@pytest.fixture
def path(blank, tmp_path):
    return shutil.copy(blank, tmp_path / "study.db")


def outcomes(trials):
    """Proposals, bit for bit, and what came of them, without seconds and lines of code."""
    return [
        (
            each.proposal,
            each.accuracy,
            each.evaluation.status,
            each.evaluation.reason and each.evaluation.reason.partition(" (")[0],
        )
        for each in trials
    ]


def uninterrupted(method, seed):
    study = Study(NasBench201(), train, method=method, seed=seed)
    study.run(BUDGET)
    return study


@pytest.mark.process
@pytest.mark.parametrize("method", names())
def test_killed_between_any_two_statements_it_resumes_bit_for_bit(processes, tmp_path, method):
    path = tmp_path / "study.db"
    kill_and_finish(processes, dying_process.run, (str(path), method, 3, BUDGET), method)
    resumed, whole = Study.open(path), uninterrupted(method, 3)
    assert outcomes(resumed.trials) == outcomes(whole.trials)
    assert [each.number for each in resumed.trials] == list(range(BUDGET))
    assert Status.FAILED in {each.evaluation.status for each in resumed.trials}
    stored = optuna.load_study(study_name=None, storage=f"sqlite:///{path}")
    assert [each.value for each in stored.trials] == [each.accuracy for each in whole.trials]


def kill_and_finish(processes, target, words, label):
    """Run something in processes that die at random statements, until one gets to the end."""
    rng = generator(5, "kills", label)
    kills = 0
    for _ in range(200):
        # Opening takes about 20 statements and a trial about 50, so few children get far.
        moment = int(rng.integers(1, 160)) if kills < 11 else 0
        child = processes.Process(target=target, args=(*words, moment))
        child.start()
        child.join(60)
        assert child.exitcode in (0, -signal.SIGKILL)
        if child.exitcode == 0:
            break
        kills += 1
    assert child.exitcode == 0
    assert kills >= 10


@pytest.mark.process
def test_killed_with_several_objectives_it_resumes_bit_for_bit(processes, tmp_path):
    path, budget = tmp_path / "study.db", 12
    kill_and_finish(processes, dying_process.run_for_several, (str(path), budget), "several")
    whole = Study(
        NasBench201(),
        dying_process.train_and_tell,
        storage=tmp_path / "whole.db",
        **dying_process.SEVERAL,
    )
    whole.run(budget)
    assert outcomes(Study.open(path).trials) == outcomes(whole.trials)
    stored, reference = (
        optuna.load_study(study_name=None, storage=f"sqlite:///{each}").trials
        for each in (path, tmp_path / "whole.db")
    )
    assert [each.values for each in stored] == [each.values for each in reference]
    assert [each.state for each in stored] == [each.state for each in reference]
    assert {len(each.values) for each in stored if each.values} == {3}


@pytest.mark.process
def test_killed_from_outside_at_any_time_it_resumes_bit_for_bit(processes, tmp_path):
    path = tmp_path / "study.db"
    rng = generator(6, "kills")
    for kill in range(100):
        child = processes.Process(target=dying_process.run_slowly, args=(str(path), BUDGET))
        child.start()
        child.join(float(rng.uniform(0.1, 0.5)) if kill < 10 else 60)
        child.kill()
        child.join(60)
        if child.exitcode == 0:
            break
    assert child.exitcode == 0
    assert outcomes(Study.open(path).trials) == outcomes(uninterrupted("random", 3).trials)


@pytest.mark.process
def test_a_study_open_in_another_process_is_refused_until_that_one_is_killed(processes, path):
    started, go_on = processes.Event(), processes.Event()
    child = processes.Process(
        target=dying_process.run_and_wait, args=(str(path), started, go_on), daemon=True
    )
    child.start()
    assert started.wait(60)
    with pytest.raises(StudyLockedError, match="is being worked on by another process"):
        new(path)
    assert len(Study.open(path).history.pending) == 1, "reports may read it meanwhile"
    os.kill(child.pid, signal.SIGKILL)
    child.join(60)
    study = new(path)
    assert study.run(1) is Ending.BUDGET_REACHED


def new(path, function=train):
    return Study(NasBench201(), function, storage=path, method="random", seed=3)


class Stop:
    """Trains, and presses Ctrl-C during the training with this number."""

    def __init__(self, at):
        self.left = at

    def __call__(self, architecture):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return train(architecture)


def test_ctrl_c_leaves_the_trial_to_be_evaluated_again(path, caplog):
    study = new(path, Stop(4))
    with pytest.raises(KeyboardInterrupt):
        study.run(BUDGET)
    assert [len(study.history.finished) + failures(study), len(study.history.pending)] == [4, 1]
    events = []
    assert not caplog.messages
    again = new(path)
    assert again.run(BUDGET, events.append) is Ending.BUDGET_REACHED
    assert events[0] == Proposed(study.trials[4].proposal, BUDGET, is_repeat=True)
    assert caplog.messages[1:] == [
        "What ran when this study was last left is begun again: training 4."
    ]
    assert outcomes(again.trials) == outcomes(uninterrupted("random", 3).trials)


def failures(study):
    return sum(
        each.evaluation is not None and each.evaluation.status is Status.FAILED
        for each in study.trials
    )


@pytest.mark.parametrize("in_memory", [False, True])
def test_after_ctrl_c_the_same_object_goes_on(path, in_memory):
    trainer = Stop(4)
    study = new(None if in_memory else path, trainer)
    with pytest.raises(KeyboardInterrupt):
        study.run(BUDGET)
    trainer.left = 1000
    assert study.run(BUDGET) is Ending.BUDGET_REACHED
    assert outcomes(study.trials) == outcomes(uninterrupted("random", 3).trials)


@pytest.mark.parametrize("moment", [Proposed, Evaluated])
def test_a_watcher_that_stops_the_run_loses_nothing(path, moment):
    def stop(event):
        if isinstance(event, moment) and study.history.next_number == 6:
            raise KeyboardInterrupt

    study = new(path)
    with pytest.raises(KeyboardInterrupt):
        study.run(BUDGET, stop)
    study.run(BUDGET)
    assert outcomes(study.trials) == outcomes(uninterrupted("random", 3).trials)


def test_runs_in_pieces_equal_one_run(path):
    for budget in (1, 7, 7, BUDGET):
        new(path).run(budget)
    assert outcomes(new(path).trials) == outcomes(uninterrupted("random", 3).trials)


def test_a_result_stored_just_before_a_kill_is_not_lost(path, monkeypatch):
    study = new(path)
    study.run(5)

    def die(*_):
        raise KeyboardInterrupt

    # The kill falls between the two transactions of a result.
    monkeypatch.setattr("deltanas.study.store.Store._close", die)
    with pytest.raises(KeyboardInterrupt):
        study.run(6)
    monkeypatch.undo()
    assert Study.open(path).trials[5].evaluation is not None
    stored = optuna.load_study(study_name=None, storage=f"sqlite:///{path}")
    assert stored.trials[5].state == optuna.trial.TrialState.RUNNING
    assert new(path).run(6) is Ending.NOTHING_TO_DO
    stored = optuna.load_study(study_name=None, storage=f"sqlite:///{path}")
    assert stored.trials[5].state.is_finished()


def test_two_studies_of_one_process_take_turns(path):
    one, two = new(path), new(path)
    for budget, study in ((3, one), (5, two), (8, one), (9, two)):
        study.run(budget)
    reference = Study(NasBench201(), train, method="random", seed=3)
    reference.run(9)
    assert outcomes(two.trials) == outcomes(reference.trials)


def test_what_was_asked_and_never_told_is_asked_again(path):
    study = new(path, None)
    first, second = study.ask(), study.ask()
    study.tell(first, 0.5)
    with pytest.raises(StudyLockedError):
        new(path)
    del study
    again = new(path, None)
    asked = again.ask()
    assert asked == second
    assert again.ask().number == 2
    again.tell(asked, 0.25)
    again.tell(2, None, reason="no power")
    assert [each.accuracy for each in again.trials] == [0.5, 0.25, None]
    assert again.trials[2].evaluation == Evaluation(2, Status.FAILED, reason="no power")


def test_ctrl_c_inside_any_statement_leaves_a_study_that_goes_on(blank, tmp_path):
    reference = outcomes(uninterrupted("random", 3).trials)
    for moment in range(1, 90, 8):
        path = shutil.copy(blank, tmp_path / f"{moment}.db")
        study = new(path)
        with interruption(moment) as statements, contextlib.suppress(KeyboardInterrupt):
            study.run(2)
        study.run(3)
        assert outcomes(study.trials) == reference[:3], f"interrupted at statement {moment}"
        assert outcomes(Study.open(path).trials) == reference[:3]
    assert next(statements) <= moment, "the last moments lie beyond the end of the run"


@contextlib.contextmanager
def interruption(moment):
    """Press Ctrl-C when SQLite is about to execute the statement with this number."""
    statements = itertools.count(1)

    def interrupt(*_):
        if next(statements) == moment:
            raise KeyboardInterrupt

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", interrupt)
    try:
        yield statements
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", interrupt)


def test_costs_that_are_objectives_are_what_they_were(tmp_path):
    def study(cost):
        space = BlockSpace({"a": (1, 2, 3, 4)}, costs=lambda each: {"p": float(cost(each["a"]))})
        return Study(
            space, lambda each: each["a"] / 10, storage=tmp_path / "s.db",
            objectives=["accuracy", "p"],
        )  # fmt: skip

    with study(lambda a: a) as first:
        first.run(2)
    with pytest.raises(StudyMismatchError, match=r"knows trial \d with p \d, now it has -\d; use"):
        study(lambda a: -a)
    with study(lambda a: a) as again:
        again.run(3)
