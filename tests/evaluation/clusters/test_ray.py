"""Evaluation on a real Ray; one file, so that one process starts one cluster for all of it."""

import os
import socket
import sys
import time

import pytest

from deltanas.errors import TrainingError
from deltanas.evaluation import Crew, RayEvaluator
from deltanas.records import Status
from deltanas.study import Study
from deltanas.study.place import Place
from deltanas.study.stopping import Wish, ask_to_stop
from deltanas.study.study import NAME
from deltanas.testing.evaluators import (
    EvaluatorContract,
    proposal_of,
    proposals,
    run,
    train_well,
)
from tests.evaluation import bad_trainings as bad
from tests.evaluation.test_processes import is_gone

pytestmark = pytest.mark.process


class TestRayEvaluator(EvaluatorContract):
    @pytest.fixture(autouse=True)
    def _ends(self, make):
        self.evaluator = make

    def make(self, train):
        return self.evaluator(train, workers=1)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's list of sockets is read")
def test_a_ray_that_we_start_listens_on_loopback_only(cluster):
    assert cluster.opened == set()


def test_a_lost_worker_is_replaced_and_its_training_given_up_after_three_times(make, folder):
    evaluator, losses = make(bad.kills_its_supervisor_where_b_is_4), []
    evaluator.on_loss = lambda *loss: losses.append(loss)
    found = {each.number: each for each in run(evaluator, [proposal_of(n) for n in (6, 7)])}
    assert found[6].accuracy == train_well(proposal_of(6).architecture)
    assert found[7].status is Status.FAILED
    assert found[7].reason.startswith("its Ray worker was lost 3 times, the last time: ")
    assert len((folder / "lost-3").read_text().splitlines()) == 3
    assert [number for number, _ in losses] == [7, 7]
    assert all(words.startswith("its Ray worker was lost: ") for _, words in losses)


def test_a_process_that_dies_beside_its_ray_worker_is_told_of_with_the_result(make, folder):
    evaluator, losses = make(bad.killed_once), []
    evaluator.on_loss = lambda *loss: losses.append(loss)
    (found,) = run(evaluator, [proposal_of(3)])
    assert found.accuracy == train_well(proposal_of(3).architecture)
    assert losses == [(3, "it was killed by SIGKILL")]


def test_a_training_past_its_time_limit_is_ended_with_its_children(make, folder):
    (hung,) = run(make(bad.hangs_where_b_is_4, time_limit_s=1.0), [proposal_of(1)])
    assert hung.status is Status.TIMED_OUT
    assert "longer than the limit of 1 s" in hung.reason
    assert is_gone(int((folder / "child-3").read_text()))


def test_a_training_that_takes_too_much_memory_is_ended_with_its_children(make, folder):
    (hungry,) = run(make(bad.leaks_where_b_is_4, memory_limit_bytes=400_000_000), [proposal_of(1)])
    assert hungry.status is Status.FAILED
    assert "more than the limit of 0.40 GB, and was ended" in hungry.reason
    assert is_gone(int((folder / "child-3").read_text()))


def test_what_trainings_print_stays_away_from_the_screen_and_they_have_one_thread(make, capfd):
    (found,) = run(make(bad.says_its_threads), [proposal_of(0)])
    assert found.metrics == {"threads": 1.0}
    assert "loud and clear" not in "".join(capfd.readouterr())


def test_a_cancelled_training_ends_with_its_children_and_frees_its_place(make, folder):
    evaluator = make(bad.waits, workers=1)
    evaluator.submit(proposal_of(0))
    wait_for_note(folder, "pids-*")
    pids = list(map(int, next(folder.glob("pids-*")).read_text().split()))
    evaluator.cancel(0)
    assert evaluator.capacity == 1
    assert all(is_gone(pid) for pid in pids)


def wait_for_note(folder, pattern):
    for _ in range(300):
        if any(each.read_text().count(" ") for each in folder.glob(pattern)):
            return
        time.sleep(0.1)
    raise AssertionError("waited for half a minute in vain")


def test_functions_within_functions_travel_as_code(make):
    (found,) = run(make(lambda architecture: architecture["a"] / 10), [proposal_of(0)])
    assert found.accuracy == 0.3


def test_capacity_is_what_fits_on_the_machines_unless_workers_are_named(make):
    assert make(bad.good).capacity == 2
    assert make(bad.good, cpus=2.0).capacity == 1
    assert make(bad.good, workers=7).capacity == 7


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        ({"gpus": 1.0}, r"with CPU 1, GPU 1 for a training, its machines have CPU 2"),
        ({"custom": {"tpu": 3.0}}, r"with CPU 1, tpu 3 for a training"),
    ],
)
def test_what_no_machine_has_is_an_error_that_says_what_there_is(make, needs, words):
    with pytest.raises(TrainingError, match=words):
        _ = make(bad.good, **needs).capacity


def test_an_evaluator_that_cannot_be_made_is_an_error_of_the_run(cluster):
    evaluator = RayEvaluator(bad.cannot_be_made, Crew(ray="local"))
    evaluator.submit(proposal_of(0))
    with pytest.raises(TrainingError, match="OSError: no data here"):
        evaluator.collect()
    evaluator.close()


def test_workers_without_a_proposal_give_their_resources_back(make):
    evaluator = make(bad.good)
    assert len(run(evaluator, proposals())) == 6
    assert evaluator._idle
    evaluator.submit(proposal_of(0))
    evaluator.collect()
    assert len(evaluator._idle) == 1


def test_without_ray_one_line_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(TrainingError, match=r"not installed; pip install 'deltanas\[ray\]'"):
        _ = RayEvaluator(bad.cannot_be_made, Crew(ray="auto")).capacity


def test_a_cluster_that_does_not_answer_is_named(cluster, monkeypatch):
    monkeypatch.setattr(sys.modules["ray"], "is_initialized", lambda: False)
    with pytest.raises(TrainingError, match=r"join the Ray cluster 'ray://127.0.0.1:1', got .*ef"):
        _ = RayEvaluator(bad.cannot_be_made, Crew(ray="ray://127.0.0.1:1")).capacity


def test_epochs_are_heard_while_a_training_runs_and_once_each(make, folder):
    evaluator = make(bad.reports_and_waits_for_the_flag)
    heard, lived = [], []

    def hear(*report):
        heard.append(report)
        (folder / "flag").touch()

    def look():
        ((host, pids),) = evaluator.processes.items()
        lived.append((host, [os.kill(pid, 0) for pid in pids]))

    evaluator.on_report, evaluator.on_change = hear, look
    (found,) = run(evaluator, [proposal_of(3)])
    assert heard == [(3, 1, 0.25, {"loss": 2.0}), (3, 2, found.accuracy, {})]
    assert lived == [(socket.gethostname(), [None])]
    assert evaluator.processes == {}


def test_a_machine_that_joins_gets_a_training_and_when_lost_costs_it_a_start_and_no_result(
    make, folder, start_machine
):
    evaluator = make(bad.waits_for_the_flag)
    assert evaluator.capacity == 2
    for number in (0, 1):
        evaluator.submit(proposal_of(number))
    trainings(folder, 2)
    machine = start_machine()
    assert evaluator.collect() == [], "there is suddenly room for more"
    assert evaluator.capacity == 1
    evaluator.submit(proposal_of(2))
    there = trainings(folder, 3)[2]
    machine.lose()
    assert is_gone(there)
    (folder / "flag").touch()
    results = []
    for _ in range(100):
        results += evaluator.collect() if len(results) < 3 else []
    assert {each.number: each.accuracy for each in results} == {
        number: train_well(proposal_of(number).architecture) for number in (0, 1, 2)
    }
    assert len(trainings(folder, 4)) == 4, "only the lost one began again"


def test_trainings_share_a_gpu_and_whatever_else_a_machine_has(make, start_machine):
    # Ray believes what a machine says of itself; nothing asks for the device.
    start_machine(num_cpus=2, num_gpus=1, resources={"tpu": 1.0})
    evaluator = make(bad.sees_gpus, workers=3, gpus=0.5, custom={"tpu": 0.25})
    found = run(evaluator, [proposal_of(number) for number in range(3)])
    assert [each.metrics for each in found] == [{"gpu": 0.0}] * 3
    assert make(bad.sees_gpus, gpus=0.5, custom={"tpu": 0.25}).capacity == 2
    assert make(bad.sees_gpus, gpus=1.0).capacity == 1


def trainings(folder, count):
    """Wait until so many have begun; their processes, in that order."""
    notes = folder / "begun"
    for _ in range(600):
        found = list(map(int, notes.read_text().split())) if notes.exists() else []
        if len(found) >= count:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{len(found)} trainings began, expected {count}")


def test_a_search_that_is_killed_or_stopped_ends_its_trainings_and_goes_on_at_once(
    search, tmp_path
):
    store = tmp_path / "s.db"
    (tmp_path / "quick").touch()  # the first training ends at once
    killed = search()
    trained = training(tmp_path)
    assert workers_alive(store) == 1
    killed.kill()
    assert is_gone(trained)
    told, running = Study.open(store).history.trials
    assert told.accuracy == told.architecture["depth"] / 8
    assert running.evaluation is None

    stopped = search()
    trained = training(tmp_path)
    ask_to_stop(Place.of(store), NAME, Wish.NOW)  # presses Ctrl-C
    assert stopped.wait(60) == 130
    assert is_gone(trained)
    assert "everything that ended is saved" in (tmp_path / "said").read_text()

    finishing = search("other", "../")  # what is not shipped is found where all machines see it
    training(tmp_path)
    ask_to_stop(Place.of(store), NAME, Wish.FINISH)
    (tmp_path / "flag").touch()
    assert finishing.wait(60) == 0
    kept, ended = Study.open(store).history.trials
    assert kept == told
    assert ended.accuracy == ended.architecture["depth"] / 8


def training(folder):
    """Wait until one trains; its process."""
    for _ in range(900):
        for note in folder.glob("training-*"):
            note.unlink()
            return int(note.name.partition("-")[2])
        time.sleep(0.1)
    raise AssertionError(f"nothing trains: {(folder / 'said').read_text()}")


def workers_alive(store):
    """Wait until the study says where it trains; how many live there."""
    for _ in range(300):
        attendance = Study.open(store).attendance
        if attendance is not None and attendance.here:
            return attendance.alive
        time.sleep(0.1)
    raise AssertionError(f"the study says {attendance}")
