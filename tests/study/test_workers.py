"""Studies whose trainings run in processes: the coordinator killed, resumed, reproducible."""

import subprocess
import sys
import time
from functools import partial

import pytest

from deltanas.errors import StudyError
from deltanas.evaluation import (
    FunctionEvaluator,
    ProcessEvaluator,
    SequentialEvaluator,
    SimulatedEvaluator,
    evaluation_of,
)
from deltanas.evaluation.shipping import MARK
from deltanas.seeds import generator
from deltanas.spaces import NasBench201
from deltanas.study import Study, lease
from tests.evaluation import bad_trainings as bad
from tests.evaluation.test_processes import is_gone
from tests.study.dying_process import train

COORDINATOR = """
import sys
from deltanas.study import Study
from deltanas.testing.evaluators import SPACE
from tests.evaluation import bad_trainings as bad

def watch(event):
    print(type(event).__name__, getattr(event, "trial", event).number
          if hasattr(event, "trial") else event.proposal.number, flush=True)

if __name__ == "__main__":
    function = getattr(bad, sys.argv[2])
    Study(SPACE, function, storage=sys.argv[1], workers=2, seed=1).run(6, watch)
"""


@pytest.fixture
def coordinator(tmp_path, monkeypatch):
    """Starts a study with two workers in a process of its own; kills it after the test."""
    monkeypatch.setenv(bad.FOLDER, str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", ":".join(each for each in sys.path if each))
    script = tmp_path / "coordinator.py"
    script.write_text(COORDINATOR)
    started = []

    def start(function):
        words = [sys.executable, str(script), str(tmp_path / "s.db"), function]
        started.append(subprocess.Popen(words, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.wait()
        each.stdout.close()


def wait_for(condition):
    for _ in range(300):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("waited for half a minute in vain")


@pytest.mark.process
def test_when_the_coordinator_is_killed_workers_and_their_children_end(coordinator, tmp_path):
    killed = coordinator("waits")
    wait_for(lambda: len(list(tmp_path.glob("pids-*"))) == 2)
    wait_for(lambda: all(each.read_text().count(" ") for each in tmp_path.glob("pids-*")))
    pids = [int(pid) for each in tmp_path.glob("pids-*") for pid in each.read_text().split()]
    killed.kill()
    killed.wait()
    assert all(is_gone(pid) for pid in pids)
    assert len(Study.open(tmp_path / "s.db").history.pending) == 2


@pytest.mark.process
def test_a_killed_coordinator_loses_no_result_that_it_told_and_the_study_goes_on(
    coordinator, tmp_path
):
    rng = generator(4, "kills")
    told = set()
    kills = 0
    for _ in range(20):
        one = coordinator("slow")
        last = int(rng.integers(2, 7)) if kills < 2 else 1_000
        for lines, line in enumerate(one.stdout, start=1):
            what, number = line.split()
            told |= {int(number)} if what == "Evaluated" else set()
            if lines == last:
                one.kill()
        if one.wait() == 0:
            break
        kills += 1
        stored = Study.open(tmp_path / "s.db").history
        assert told <= {each.number for each in stored.finished}
    assert kills == 2
    trials = Study.open(tmp_path / "s.db").trials
    assert [each.accuracy is None for each in trials] == [False] * 6
    assert len({each.architecture.key for each in trials}) == 6
    trained = (tmp_path / "trained").read_text().splitlines()
    assert 6 <= len(trained) <= 6 + 2 * kills, "only what ran at a kill is trained again"


def test_proposals_made_while_others_run_differ_and_none_waits_for_them():
    evaluator = SimulatedEvaluator(FunctionEvaluator(train), 8)
    study = Study(NasBench201(), evaluator, seed=3)
    study.run(24)
    assert len({each.architecture.key for each in study.trials}) == 24


@pytest.mark.parametrize("method", ["delta-evolution", "regularized-evolution"])
def test_a_simulated_parallel_study_that_was_interrupted_goes_on(tmp_path, method):
    class StopError(Exception):
        pass

    def stop(event):
        if event.budget and study.history.next_number == 14:
            raise StopError

    def new():
        evaluator = SimulatedEvaluator(FunctionEvaluator(train), 4)
        return Study(NasBench201(), evaluator, seed=3, method=method, storage=tmp_path / "s.db")

    study = new()
    with pytest.raises(StopError):
        study.run(18, stop)
    before = {each.number: each.proposal for each in study.trials}
    assert study.history.pending
    study = new()
    study.run(18)
    assert len(study.trials) == 18
    assert not study.history.pending
    assert {number: study.trials[number].proposal for number in before} == before
    assert len({each.architecture.key for each in study.trials}) == 18


class Losing(SequentialEvaluator):
    """Says of each training that it was lost once."""

    def evaluate(self, proposal):
        self.on_loss(proposal.number, "it last printed: \x1b[31mred\nand more")
        return evaluation_of(proposal.number, 0.5)


def test_a_training_that_is_begun_again_is_told_of_and_steers_no_terminal(caplog):
    Study(NasBench201(), Losing(), seed=3).run(1)
    said = "Training 0 is begun again: it last printed: ?[31mred and more."
    assert caplog.messages == [said]


def test_workers_of_an_evaluator_are_its_own():
    evaluator = ProcessEvaluator(partial(FunctionEvaluator, train), 2)
    with pytest.raises(StudyError, match="workers and time limits are for a training function"):
        Study(NasBench201(), evaluator, workers=2)


UNGUARDED = """
import sys
import deltanas as dn

def train(architecture):
    return architecture["a"] / 10

with dn.Study(dn.BlockSpace({"a": [1, 2, 3]}), train, workers=2, storage=sys.argv[1]) as study:
    study.run(3)
"""


@pytest.mark.process
def test_a_script_that_searches_when_it_is_imported_is_told_what_to_write(tmp_path):
    script = tmp_path / "mine.py"
    script.write_text(UNGUARDED)
    command = [sys.executable, str(script), str(tmp_path / "s.db")]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    assert done.returncode == 1
    said = done.stderr.splitlines()[-1]
    assert "perhaps the search that started this one; put what starts the search under" in said
    assert "`if __name__ == '__main__':`" in said


def test_the_same_is_said_where_the_study_is_in_a_database(monkeypatch):
    holder = lease.Holder.myself()
    plain = str(lease._refusal("x", holder, "is being worked on by"))
    assert plain.endswith("; wait until it ends, or stop it and try again")
    monkeypatch.setitem(sys.modules, MARK, lease)
    said = str(lease._refusal("x", holder, "is being worked on by"))
    assert "the search that started this process, put what starts the search under `if" in said


PIPED = """
import deltanas as dn

def train(architecture):
    return architecture["a"] / 10

with dn.Study(dn.BlockSpace({"a": [1, 2, 3]}), train, workers=2) as study:
    study.run(3)
    print(study.best.accuracy)
"""


def test_functions_that_were_piped_into_python_travel_as_code_as_those_of_notebooks_do():
    pytest.importorskip("cloudpickle")
    command = [sys.executable, "-"]
    done = subprocess.run(command, input=PIPED, text=True, capture_output=True, check=False)
    assert (done.stdout, done.returncode) == ("0.3\n", 0), done.stderr
