"""Studies in a real PostgreSQL: one coordinator at a time, and nothing lost."""

import logging
import os
import signal
import threading
import time

import optuna
import pytest
import sqlalchemy
import typer

from deltanas.cli.status import interruptible
from deltanas.cli.supervising import stop
from deltanas.errors import StudyError, StudyLockedError
from deltanas.spaces import NasBench201
from deltanas.study import Ending, Evaluated, Proposed, Study, patience
from deltanas.study.stopping import Wish
from tests.study import dying_process
from tests.study.dying_process import train
from tests.study.postgres import PASSWORD, Server

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def url(server, request):
    return server.database(f"db{abs(hash(request.node.name))}")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    for module, name, seconds in dying_process.QUICK:
        monkeypatch.setattr(module, name, seconds)


def make(url, function=train, **settings):
    return Study(NasBench201(), function, storage=url, method="random", seed=3, **settings)


def whole(budget):
    study = Study(NasBench201(), train, method="random", seed=3)
    study.run(budget)
    return outcomes(study)


def outcomes(study):
    return [(each.proposal, each.accuracy) for each in study.trials]


def test_a_study_in_a_database_equals_one_in_memory_and_goes_on(url):
    for budget in (3, 8):
        with make(url) as study:
            assert study.run(budget) is Ending.BUDGET_REACHED
            assert outcomes(study) == whole(budget)
    assert outcomes(Study.open(url)) == whole(8)
    storage = optuna.storages.RDBStorage(url)
    assert storage.get_n_trials(1) == 8
    storage.engine.dispose()


def test_a_study_of_several_objectives_has_all_its_values_in_a_database(url):
    settings = dying_process.SEVERAL
    whole = Study(NasBench201(), dying_process.train_and_tell, **settings)
    whole.run(9)
    for budget in (6, 9):
        with Study(NasBench201(), dying_process.train_and_tell, storage=url, **settings) as study:
            study.run(budget)
    assert outcomes(Study.open(url)) == outcomes(whole)
    storage = optuna.storages.RDBStorage(url)
    stored = optuna.load_study(study_name="deltanas", storage=storage)
    assert stored.metric_names == ["accuracy", "energy", "speed"]
    best = sorted(each.number for each in stored.best_trials)
    assert best == sorted(each.number for each in whole.front)
    metrics = [each.evaluation.metrics for each in whole.history.finished]
    told = [[each["energy"], each["speed"]] for each in metrics]
    assert [each.values[1:] for each in stored.trials if each.values] == told
    storage.engine.dispose()


def test_a_second_search_is_refused_with_the_name_of_the_first(url):
    with make(url) as first:
        first.run(2)
        with pytest.raises(StudyLockedError) as error:
            make(url)
        said = str(error.value)
        assert f"is being worked on by process {os.getpid()} on " in said
        assert "last seen at 20" in said
        assert PASSWORD not in said
        assert first.run(4) is Ending.BUDGET_REACHED
    with make(url) as second:
        second.run(6)
        assert outcomes(second) == whole(6)


def test_of_many_that_start_at_once_on_an_empty_database_one_works(processes, url):
    answers = processes.Queue()
    children = [
        processes.Process(target=dying_process.run_in_database, args=(url, 5, answers))
        for _ in range(2)
    ]
    for each in children:
        each.start()
    said = sorted(answers.get(timeout=60) for _ in children)
    for each in children:
        each.join(60)
    assert said.count("budget reached") == 1, said
    assert outcomes(Study.open(url)) == whole(5)


def test_a_killed_search_is_taken_over_and_loses_nothing(processes, url, caplog):
    answers = processes.Queue()
    child = processes.Process(target=dying_process.run_in_database, args=(url, 500, answers))
    child.start()
    end = time.monotonic() + 60
    while time.monotonic() < end and known(url) < 4:
        time.sleep(0.2)
    os.kill(child.pid, signal.SIGKILL)
    child.join(60)
    told = {each.number: each.accuracy for each in Study.open(url).history.finished}
    with make(url) as study:
        study.run(len(study.trials) + 2)
        assert {number: study.trials[number].accuracy for number in told} == told
        assert outcomes(study) == whole(len(study.trials))
    assert f"was last worked on by process {child.pid} on " in caplog.text
    assert "It does not; this process goes on" in caplog.text
    assert PASSWORD not in caplog.text


def known(url):
    try:
        return len(Study.open(url).trials)
    except StudyError:
        return 0


def test_a_search_whose_study_was_taken_over_stops_at_its_next_write(url):
    with make(url) as frozen:
        frozen.run(2)
        frozen._ledger._store._lease._pulse._is_over.set()  # as a suspended machine: no renewals
        with make(url) as other:
            other.run(3)
            with pytest.raises(StudyLockedError, match="was taken over by process"):
                frozen.run(5)
            assert other.run(5) is Ending.BUDGET_REACHED
            assert outcomes(other) == whole(5)


def test_a_database_that_restarts_in_the_middle_is_waited_for(server, url, caplog):
    caplog.set_level(logging.WARNING)
    restarted = []

    def restart(event):
        if isinstance(event, Evaluated) and event.done in {3, 6}:
            server.stop()
            back = threading.Timer(1.5, server.start)
            back.start()
            restarted.append(back)

    with make(url) as study:
        assert study.run(8, restart) is Ending.BUDGET_REACHED
        assert outcomes(study) == whole(8)
    assert len(restarted) == 2
    assert outcomes(Study.open(url)) == whole(8)
    assert caplog.text.count("does not answer") >= 2
    assert "The database answers again, after" in caplog.text
    assert PASSWORD not in caplog.text


def test_a_database_that_stays_away_ends_the_search_and_loses_nothing(server, url, monkeypatch):
    monkeypatch.setattr(patience, "PATIENCE_S", 0.5)
    study = make(url)
    study.run(3)
    server.stop()
    try:
        with pytest.raises(StudyError, match="failed: .*What was stored before is untouched") as e:
            study.run(6)
        assert PASSWORD not in str(e.value)
    finally:
        server.start()
    study.run(6)
    study.close()
    assert outcomes(Study.open(url)) == whole(6)


@pytest.mark.parametrize("step", ["create_new_trial", "set_trial_state_values"])
def test_a_write_whose_answer_was_lost_is_not_made_twice(url, monkeypatch, step):
    # The connection breaks after the server has committed, before it has said so.
    original = getattr(optuna.storages.RDBStorage, step)
    lost = []

    def loses_its_answer(self, *words):
        answer = original(self, *words)
        if not lost:
            lost.append(words)
            cause = ConnectionError("server closed the connection unexpectedly")
            raise sqlalchemy.exc.OperationalError("COMMIT", None, cause)
        return answer

    with make(url) as study:
        study.run(2)
        monkeypatch.setattr(optuna.storages.RDBStorage, step, loses_its_answer)
        study.run(4)
        assert lost
        assert outcomes(study) == whole(4)
    assert outcomes(Study.open(url)) == whole(4)


def test_a_study_of_another_seed_is_refused_at_once(url):
    with make(url) as study:
        study.run(1)
        with pytest.raises(StudyError, match="was made with seed 3, got 4"):
            Study(NasBench201(), train, storage=url, method="random", seed=4)


def test_the_lease_is_free_when_the_study_object_is_gone(url):
    study = make(url)
    study.run(1)
    del study
    make(url).close()


def test_stop_lets_what_runs_finish_and_the_next_run_is_not_stopped(url, capsys):
    wishes = []

    def ask(event):
        if isinstance(event, Proposed) and event.proposal.number == 2:
            wishes.append(Study.open(url).wish)
            stop(url)
            wishes.append(Study.open(url).wish)

    with make(url) as study:
        assert study.run(8, ask) is Ending.STOPPED
        assert len(study.trials) == 3
        assert not study.history.pending
        assert wishes == [None, Wish.FINISH]
        assert study.run(8) is Ending.BUDGET_REACHED
        assert outcomes(study) == whole(8)
    assert "Asked to stop; what runs is finished first" in capsys.readouterr().out


def test_stop_now_is_a_ctrl_c_and_what_ran_is_begun_again(url):
    def train_slowly(architecture):
        if len(study.trials) == 3:
            threading.Thread(target=stop, args=(url,), kwargs={"now": True}).start()
            time.sleep(20)
        return train(architecture)

    with make(url, train_slowly) as study:
        with pytest.raises(KeyboardInterrupt), interruptible(study.stop_request):
            study.run(8)
        assert [len(study.trials), len(study.history.pending)] == [3, 1]
    with make(url) as study:  # the wish was for a search that is no more
        assert study.run(8) is Ending.BUDGET_REACHED
        assert outcomes(study) == whole(8)


def test_stopping_what_does_not_run_or_does_not_live_is_refused(url, capsys):
    with make(url) as study:
        study.run(1)
        study._ledger._store._lease._pulse._is_over.set()  # as a machine that was switched off
        with pytest.raises(typer.Exit):
            stop(url)
        said = capsys.readouterr().err
        assert f"process {os.getpid()} on" in said
        assert "was asked to stop and gives no sign of life since 20" in said
    with pytest.raises(typer.Exit):
        stop(url)
    said = capsys.readouterr().err
    assert "there is none; nothing is to be stopped" in said
    assert PASSWORD not in said


def test_a_database_that_knows_no_letters_is_as_good_as_any(server):
    url = server.database("plain", "--encoding=SQL_ASCII", "--template=template0")
    with make(url) as study:
        study.run(4)
    assert outcomes(Study.open(url)) == whole(4)
