import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from deltanas.cli import status
from deltanas.errors import StudyError
from deltanas.evaluation import SequentialEvaluator, evaluation_of
from deltanas.records import Evaluation, History, Status
from deltanas.study import Ending, Evaluated, Study, StudyRecord
from deltanas.study.attendance import Attendance
from deltanas.study.lease import Holder
from deltanas.study.place import Place
from deltanas.study.stopping import StopFile, Wish, ask_to_stop, is_worked_on
from deltanas.study.study import NAME
from deltanas.testing.evaluators import SPACE, train_well


def asked_and_told(path):
    """A study of five trials: two finished, one failed, one timed out, one running."""
    study = Study(SPACE, storage=path, seed=1)
    trials = [study.ask() for _ in range(5)]
    study.tell(trials[0], 0.5, seconds=10.0)
    study.tell(trials[1], 0.75, seconds=30.0)
    study.tell(trials[2], None, reason="no \x1b[31mluck", seconds=20.0)
    study._ledger.learn(Evaluation(3, Status.TIMED_OUT, reason="too long"))
    return study


def test_status_says_what_there_is(run, tmp_path):
    study = asked_and_told(tmp_path / "s.db")
    said = run("status", "s.db", "--budget", 7).stdout
    assert "2 finished, 1 failed, 1 timed out, 1 running" in said
    assert "75.000 %, training 1" in said
    assert SPACE.write(study.best.architecture) in said
    assert "last: training 3, too long" in said
    # Mean of 10, 30 and 20 seconds; of 7 trainings 4 have ended, so 3 are left, one at a time.
    assert "20 s a training, mean of the last 3" in said
    assert "3 of 7 trainings, about 1 min 00 s with 1 at a time; end about " in said
    assert "search    at work" in said
    assert "workers   none yet" in said


def test_status_names_the_method_as_it_was_asked_for(run, tmp_path):
    Study(SPACE, storage=tmp_path / "s.db", objectives=["accuracy", "energy:min"]).ask()
    assert f"{SPACE.name}, delta-evolution, seed 0" in run("status", "s.db").stdout


def test_status_of_a_study_that_nobody_works_on(run, tmp_path):
    study = asked_and_told(tmp_path / "s.db")
    study._ledger._lock.give_back()
    said = run("status", "s.db").stdout
    assert "none is at work; 1 that ran then are taken up again by the same command" in said
    assert "left" not in said
    assert run("status", "none.db").exit_code == 1


class Slow(SequentialEvaluator):
    """Takes a moment, and has the search stopped during its third training."""

    def __init__(self, during):
        super().__init__()
        self.count = 0
        self.during = during

    def evaluate(self, proposal):
        self.count += 1
        if self.count == 3:
            self.during()
        return evaluation_of(proposal.number, train_well(proposal.architecture))


def test_stop_lets_the_running_one_finish_and_the_next_run_is_not_stopped(run, tmp_path):
    path = tmp_path / "s.db"
    study = Study(SPACE, Slow(lambda: run("stop", "s.db")), storage=path, seed=1)
    assert study.run(6) is Ending.STOPPED
    assert len(study.history.finished) == 3
    assert not study.history.pending
    assert not list(tmp_path.glob("s.db.stop*"))
    assert study.run(6) is Ending.BUDGET_REACHED


def test_status_knows_the_budget_of_the_search_and_whether_that_was_asked_to_stop(run, tmp_path):
    path = tmp_path / "s.db"
    said = []

    def look():
        said.append(run("status", "s.db").stdout)
        for words in (["stop", "s.db"], ["stop", "s.db", "--now"]):
            run(*words)
            said.append(run("status", "s.db").stdout)

    study = Study(SPACE, Slow(look), storage=path, seed=1)
    for number in range(2):  # these have seconds, others of this evaluator have none
        study.tell(study.ask(), 0.5, seconds=60.0 * (number + 1))
    study._evaluator.count = 2
    assert study.run(6) is Ending.STOPPED
    before, asked, at_once = said
    # Of six trainings two have ended and one runs: four take 90 s each, one at a time.
    assert "left      4 of 6 trainings, about 6 min 00 s with 1 at a time; end about 2" in before
    assert "search    at work\n" in before
    assert "search    at work; asked to stop, what runs is finished first\n" in asked
    assert "left" not in asked
    assert "search    at work; asked to stop at once\n" in at_once
    ended = run("status", "s.db").stdout
    assert "search    none is at work" in ended
    assert "left" not in ended


def test_a_search_that_is_asked_while_it_starts_stops_and_what_a_killed_one_left_stops_none(
    run, tmp_path
):
    path = tmp_path / "s.db"
    StopFile(Place.of(path)).write(Wish.FINISH)  # to a search that was killed
    study = Study(SPACE, train_well, storage=path, seed=1)
    assert study.stop_request.wish is None
    study.stop_request.write(Wish.FINISH)
    assert study.run(6) is Ending.STOPPED
    assert not study.trials
    assert study.run(6) is Ending.BUDGET_REACHED


def test_a_search_that_is_stopped_before_its_first_result_names_the_command_that_goes_on(
    run, tmp_path, monkeypatch
):
    opened = Study.__init__

    def stopped(study, *words, **settings):
        opened(study, *words, **settings)
        study.stop_request.write(Wish.FINISH)

    monkeypatch.setattr(Study, "__init__", stopped)
    words = ("search", "small:table", "--budget", 5, "--study", "s.db")
    said = run(*words)
    assert said.exit_code == 0, said.output
    assert "Stopped as asked, after 0 evaluations of 5" in said.stdout
    assert "continue  deltanas search small:table --budget 5 --seed 0 --study s.db" in said.stdout


def test_a_search_that_was_done_anyway_was_not_stopped(tmp_path):
    path = tmp_path / "s.db"
    study = Study(SPACE, train_well, storage=path, seed=1)

    def stop(event):
        if isinstance(event, Evaluated) and event.done == 3:
            ask_to_stop(Place.of(path), NAME, Wish.FINISH)

    assert study.run(3, stop) is Ending.BUDGET_REACHED


@pytest.mark.parametrize("ctrl_c", [signal.default_int_handler, signal.SIG_IGN])
def test_stop_now_is_a_ctrl_c_also_where_a_script_has_that_ignored(tmp_path, monkeypatch, ctrl_c):
    monkeypatch.setattr(status, "LOOK_S", 0.02)
    earlier = signal.signal(signal.SIGINT, ctrl_c)
    path = tmp_path / "s.db"

    def wait():
        ask_to_stop(Place.of(path), NAME, Wish.NOW)
        time.sleep(20)
        raise AssertionError("nobody pressed Ctrl-C")

    study = Study(SPACE, Slow(wait), storage=path, seed=1)
    try:
        with pytest.raises(KeyboardInterrupt), status.interruptible(study.stop_request):
            study.run(6)
    finally:
        signal.signal(signal.SIGINT, earlier)
    assert len(study.history.finished) == 2
    assert len(study.history.pending) == 1
    assert not [each for each in threading.enumerate() if "watch" in each.name]


def test_stopping_what_does_not_run_is_refused(run, tmp_path):
    Study(SPACE, train_well, storage=tmp_path / "s.db", seed=1).run(1)
    refused = run("stop", "s.db")
    assert refused.exit_code == 1
    assert "there is none; nothing is to be stopped" in refused.output
    assert "there is no study" in run("stop", "other.db").output
    assert not os.path.exists(tmp_path / "other.db.lock")
    with pytest.raises(StudyError, match="press Ctrl-C where the search runs"):
        ask_to_stop(Place.of(None), NAME, Wish.NOW)


def test_whether_a_study_is_worked_on(tmp_path):
    place = Place.of(tmp_path / "s.db")
    assert not is_worked_on(place)
    study = Study(SPACE, storage=tmp_path / "s.db", seed=1)
    assert not is_worked_on(place)
    trial = study.ask()
    assert is_worked_on(place)
    study.tell(trial, 0.5)
    assert not is_worked_on(place)


def test_status_counts_the_workers_that_are_there(run, tmp_path):
    path = tmp_path / "s.db"
    said = []

    def look(event):
        if isinstance(event, Evaluated):
            said.append(run("status", "s.db").stdout)

    with Study(SPACE, train_well, storage=path, seed=1, workers=2) as study:
        study.run(3, look)
    assert "workers   2 alive" in said[0]
    # One of them runs, the other one has just ended.
    assert "1 finished, 1 running" in said[0]
    assert "left      2 of 3 trainings, about 0 s with 2 at a time" in said[0]
    assert "alive" not in run("status", "s.db").stdout


def test_workers_that_died_and_those_of_other_machines_are_told():
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    here = (os.getpid(), dead.pid)
    assert status._workers(Attendance({socket.gethostname(): here})) == "1 alive of 2"
    elsewhere = {"moon": (1, 2), "mars": (3,)}
    said = "1 on mars and 2 on moon, as the search says"
    assert status._workers(Attendance(elsewhere)) == said
    both = Attendance({socket.gethostname(): here[:1], **elsewhere})
    assert status._workers(both) == f"1 alive; {said}"
    assert status._workers(Attendance({})) == "none yet"
    assert Attendance.from_record({"processes": {"x": ["1"]}}) is None
    assert Attendance.from_record({"host": "x", "pids": [1]}) is None
    assert Attendance.from_record(both.to_record()) == both
    assert Attendance.from_record({"processes": {}, "budget": "x"}) == Attendance({})
    assert Attendance.from_record(Attendance({}, 7).to_record()).budget == 7


def test_status_counts_every_kind_of_ending(run, tmp_path):
    study = Study(SPACE, storage=tmp_path / "s.db", seed=1)
    for status_ in (Status.FAILED, Status.INFEASIBLE, Status.PRUNED):
        trial = study.ask()
        study._ledger.learn(Evaluation(trial.number, status_, reason="so it is"))
    assert "1 failed, 1 infeasible, 1 pruned, 0 running" in run("status", "s.db").stdout


def test_the_holder_of_a_study_in_a_database_is_named():
    history, made = History(), Study(SPACE, seed=1).description
    holder = Holder("process 7 on moon", "t", 1, datetime.now(UTC).isoformat())
    record = StudyRecord(SPACE, made, history, "postgresql://host/x", holder)
    url = "postgresql://host/x"
    assert status._is_at_work(url, record)
    assert status._search(True, record) == "at work, process 7 on moon, seen 0 s ago"
    old = replace(record, holder=replace(holder, seen="2026-01-01T00:00:00+00:00"))
    assert not status._is_at_work(url, old)
    said = status._search(False, old)
    assert said.startswith("none is at work; the last one was process 7 on moon, seen ")
