"""What happens to the file of a study while a search runs: told in one line, and nothing lost."""

import contextlib
import shutil
import sqlite3
import threading
import time
from datetime import datetime, timedelta

import optuna
import pytest

from deltanas.errors import ProtocolError
from deltanas.evaluation import Evaluator
from deltanas.records import Evaluation, Status
from deltanas.spaces import NasBench201
from deltanas.study import Study
from tests.study import broken_process
from tests.study.broken_process import HOLD, make
from tests.study.dying_process import train

BUDGET = 8


class Search:
    """One search in a process of its own."""

    def __init__(self, processes, path, **settings):
        self.path = path
        self._said = path.with_name("said.txt")
        self._started, self._go_on = processes.Event(), processes.Event()
        if "most_bytes" not in settings:
            settings |= {"started": self._started, "go_on": self._go_on}
        self._process = processes.Process(
            target=broken_process.run, args=(path, BUDGET, self._said), kwargs=settings
        )
        self._process.start()

    def is_held(self):
        """Wait until three results are stored, and the next training has begun."""
        return self._started.wait(60)

    def end(self):
        """Let it go on; its exit code and what it said."""
        self._go_on.set()
        self._process.join(60)
        return self._process.exitcode, self._said.read_text()

    def fails(self):
        """Let it go on to its error: one line that names the file."""
        code, said = self.end()
        assert (code, said.count("\n")) == (1, 1), said
        assert said.startswith("error: ")
        assert str(self.path) in said
        return said


@pytest.fixture(scope="module")
def whole():
    study = make(None)
    study.run(BUDGET)
    return outcomes(study)


@pytest.fixture
def path(blank, tmp_path):
    return shutil.copy(blank, tmp_path / "study.db")


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    path = tmp_path_factory.mktemp("blank") / "study.db"
    make(path).close()
    return path


def outcomes(study):
    return [(each.proposal, each.accuracy) for each in study.trials]


def goes_on(path, whole):
    """Whether the study can be continued, and then equals one that met no fault."""
    with make(path) as study:
        study.run(BUDGET)
        return outcomes(study) == whole


@pytest.mark.process
def test_a_disk_that_is_full_is_told_and_finished_results_are_kept(processes, path, whole):
    search = Search(processes, path, most_bytes=path.stat().st_size)
    said = search.fails()
    assert "to the study" in said
    assert "free some space" in said
    kept = [each for each in outcomes(Study.open(path)) if each[1] is not None]
    assert kept
    assert set(kept) <= set(whole)
    assert goes_on(path, whole)


@pytest.mark.process
def test_a_study_that_another_program_locks_for_a_while_is_waited_for(processes, path, whole):
    search = Search(processes, path)
    assert search.is_held()
    with locked(path) as connection:
        ended = threading.Thread(target=search.end)
        ended.start()
        time.sleep(0.5)
        assert ended.is_alive()
        connection.rollback()
        ended.join(60)
    assert search.end() == (0, "")
    assert outcomes(Study.open(path)) == whole


@pytest.mark.process
def test_a_study_that_stays_locked_ends_the_search_and_loses_nothing(processes, path, whole):
    search = Search(processes, path, patience_s=0.2)
    assert search.is_held()
    with locked(path):
        assert f"trial {HOLD - 1} to the study" in search.fails()
    assert "database is locked" in search.end()[1]
    assert outcomes(Study.open(path))[: HOLD - 1] == whole[: HOLD - 1]
    assert goes_on(path, whole)


@contextlib.contextmanager
def locked(path):
    """Let nobody else read or write the file."""
    with contextlib.closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield connection


@pytest.mark.process
def test_a_study_that_is_cut_off_meanwhile_is_told_and_left_alone(processes, path, whole, tmp_path):
    search = Search(processes, path)
    assert search.is_held()
    before = shutil.copy(path, tmp_path / "before.db")
    cut = path.read_bytes()[: path.stat().st_size // 2]
    path.write_bytes(cut)
    said = search.fails()
    assert "malformed" in said
    assert "put a copy from before back" in said
    assert path.read_bytes() == cut
    before.replace(path)
    assert goes_on(path, whole)


@pytest.mark.process
@pytest.mark.parametrize("in_place", [False, True])
def test_a_study_in_whose_place_another_is_put_is_told_and_that_one_left_alone(
    processes, path, whole, tmp_path, in_place
):
    search = Search(processes, path)
    assert search.is_held()
    mine, other = tmp_path / "mine.db", tmp_path / "other.db"
    shutil.copy(path, mine)
    with Study(NasBench201(), storage=other, method="random", seed=4) as study:
        for _ in range(HOLD):  # its last trial is under way, as that of the search
            study.tell(study.ask(), 0.5) if len(study.trials) < HOLD - 1 else study.ask()
    theirs = other.read_bytes()
    if in_place:
        path.write_bytes(theirs)
    else:
        other.replace(path)
    said = search.fails()
    assert "another file was put in its place; nothing was written to that. Put the fi" in said
    assert path.read_bytes() == theirs
    mine.replace(path)
    assert goes_on(path, whole)


@pytest.mark.parametrize("jump", [timedelta(hours=-5), timedelta(days=400)])
def test_a_clock_that_jumps_changes_neither_order_nor_durations(path, whole, monkeypatch, jump):
    jumps = iter(range(10_000))

    class Jumping(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + next(jumps) * jump

    monkeypatch.setattr("optuna.storages._rdb.storage.datetime", Jumping)
    monkeypatch.setattr(time, "time", lambda: 1.7e9 + next(jumps) * jump.total_seconds())
    with make(path) as study:
        study.run(BUDGET)
        assert outcomes(study) == whole
    stored = Study.open(path).trials
    assert [each.number for each in stored] == list(range(BUDGET))
    assert all(0 <= each.evaluation.seconds < 60 for each in stored)


class Repeating(Evaluator):
    """Gives the first result twice."""

    def __init__(self):
        self._waiting = []

    @property
    def capacity(self):
        return 1 - len(self._waiting)

    def submit(self, proposal):
        self._waiting = [Evaluation(proposal.number, Status.FINISHED, train(proposal.architecture))]

    def collect(self):
        found, self._waiting = self._waiting, []
        return found * 2

    def cancel(self, number):
        self._waiting = []


def test_a_result_that_an_evaluator_gives_twice_is_refused_the_second_time(path, whole):
    with (
        make(path, Repeating()) as study,
        pytest.raises(ProtocolError, match="got a result for trial 0, which has its result alread"),
    ):
        study.run(BUDGET)
    assert outcomes(Study.open(path)) == whole[:1]
    assert goes_on(path, whole)


def test_a_result_that_another_program_told_first_stays(path):
    with make(path) as study:
        trial = study.ask()
        theirs = optuna.load_study(study_name=None, storage=f"sqlite:///{path}")
        theirs.tell(trial.number, 0.75)
        with pytest.raises(ProtocolError, match="has its result already"):
            study.tell(trial, 0.5)
        assert study.trials[0].accuracy == 0.75
    with pytest.raises(ValueError, match="Cannot tell a COMPLETE"):
        theirs.tell(0, 0.25)
