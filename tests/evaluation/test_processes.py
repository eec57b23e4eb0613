import contextlib
import os
import signal
import socket
import time
from functools import partial

import pytest

from deltanas.errors import ProtocolError, TrainingError
from deltanas.evaluation import (
    Crew,
    FunctionEvaluator,
    ProcessEvaluator,
    Trainer,
    Workplace,
    trained_by,
)
from deltanas.evaluation.trainers import Itself
from deltanas.records import Status
from deltanas.study import Study
from deltanas.testing.evaluators import (
    SPACE,
    EvaluatorContract,
    proposal_of,
    proposals,
    run,
    train_well,
)
from tests.evaluation import bad_trainings as bad

pytestmark = pytest.mark.process


@pytest.fixture
def make():
    """Makes evaluators, and ends their processes after the test."""
    made = []

    def evaluator(train, workers=1, **settings):
        made.append(ProcessEvaluator(partial(FunctionEvaluator, train), workers, **settings))
        return made[-1]

    yield evaluator
    for each in made:
        each.close()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(bad.FOLDER, str(tmp_path))
    return tmp_path


def is_gone(pid):
    """Whether a process is no more, waiting a little for it."""
    for _ in range(100):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except OSError:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 0)
                time.sleep(0.1)
                continue
            return True
        time.sleep(0.1)
    return False


class TestProcessEvaluator(EvaluatorContract):
    @pytest.fixture(autouse=True)
    def _ends(self, make):
        self.evaluator = make

    def make(self, train):
        return self.evaluator(train, workers=2)


def test_a_killed_training_is_repeated_then_failed_and_the_others_are_none_the_worse(make, folder):
    found = run(make(bad.killed_where_b_is_4, 2, tries=2), proposals())
    assert len(found) == 6
    for each in found:
        architecture = proposal_of(each.number).architecture
        if architecture["b"] == 4:
            assert each.status is Status.FAILED
            assert each.reason == (
                "its process died 2 times, the last time it was killed by SIGKILL; "
                "it last printed: the very last words"
            )
            notes = (folder / f"killed-{architecture['a']}").read_text()
            assert len(set(notes.splitlines())) == 2, "in two processes"
        else:
            assert each.accuracy == train_well(architecture)


def test_a_training_that_is_killed_once_succeeds_the_second_time(make, folder):
    evaluator, losses = make(bad.killed_once), []
    evaluator.on_loss = lambda *loss: losses.append(loss)
    (found,) = run(evaluator, [proposal_of(3)])
    assert losses == [(3, "it was killed by SIGKILL")]
    assert found.accuracy == train_well(proposal_of(3).architecture)
    assert len((folder / "once-5-4").read_text().splitlines()) == 2


def test_an_exit_code_is_told(make):
    (found,) = run(make(bad.exits_at_once, tries=1), [proposal_of(0)])
    assert found.reason == "its process died 1 times, the last time it ended with exit code 3"


def test_a_training_past_its_time_limit_is_ended_with_its_children(make, folder):
    found = run(make(bad.hangs_where_b_is_4, time_limit_s=1.5), [proposal_of(1), proposal_of(2)])
    assert [each.number for each in found] == [1, 2]
    hung, well = found
    assert hung.status is Status.TIMED_OUT
    assert "longer than the limit of 1.5 s" in hung.reason
    assert hung.seconds >= 1.5
    assert well.accuracy == train_well(proposal_of(2).architecture)
    assert is_gone(int((folder / "child-3").read_text()))


def test_a_result_that_was_there_in_time_counts_although_nobody_listened(make, tmp_path):
    # So it is when the search waits for a database that is away.
    work = Workplace(tmp_path, seed=0)
    evaluator = ProcessEvaluator(Trainer(Itself(bad.reports), work), 1, time_limit_s=0.6)
    first, second = proposal_of(1), proposal_of(2)
    evaluator.submit(first)
    found = evaluator.collect()
    evaluator.submit(second)
    time.sleep(1.2)
    found += evaluator.collect()
    evaluator.close()
    assert [each.status for each in found] == [Status.FINISHED] * 2


def test_a_training_that_takes_too_much_memory_is_ended_with_its_children(make, folder):
    crew = Crew(workers=1, memory_limit_bytes=400_000_000)
    hungry, well = run(make(bad.leaks_where_b_is_4, crew), [proposal_of(1), proposal_of(2)])
    assert hungry.status is Status.FAILED
    assert "more than the limit of 0.40 GB, and was ended" in hungry.reason
    assert well.accuracy == train_well(proposal_of(2).architecture)
    assert is_gone(int((folder / "child-3").read_text()))


def test_a_limit_that_no_process_keeps_to_ends_the_run_and_fails_no_training(make):
    evaluator = make(bad.good, Crew(workers=1, memory_limit_bytes=9_000_000))
    evaluator.submit(proposal_of(0))
    with pytest.raises(TrainingError, match=r"limit of 0.01 GB, one takes 0\.\d\d GB before it tr"):
        evaluator.collect()


def test_gpus_are_shared_out_among_workers(make, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,7")  # names only: nothing asks for the devices
    found = run(make(bad.sees_gpus, Crew(workers=4, gpus=0.5)), [proposal_of(n) for n in range(4)])
    assert sorted(each.metrics["gpu"] for each in found) == [4.0, 4.0, 7.0, 7.0]


def test_too_few_gpus_are_an_error_that_says_how_many_there_are(make, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    with pytest.raises(TrainingError, match="2 trainings .* with 1 each, this machine has 1, enou"):
        make(bad.sees_gpus, Crew(workers=2, gpus=1.0)).submit(proposal_of(0))


def test_a_clock_that_is_set_ahead_ends_no_training(make, monkeypatch):
    evaluator = make(bad.slow_without_notes, time_limit_s=30.0)
    evaluator.submit(proposal_of(0))
    monkeypatch.setattr(time, "time", lambda: 4e9)
    (found,) = evaluator.collect()
    assert found.accuracy == train_well(proposal_of(0).architecture)


def test_a_hundred_megabytes_of_prints_do_no_harm_and_two_are_kept(make, tmp_path):
    (found,) = run(
        make(bad.prints_a_lot, log=lambda slot: tmp_path / f"worker-{slot}.txt"), [proposal_of(0)]
    )
    assert found.accuracy == train_well(proposal_of(0).architecture)
    logs = list(tmp_path.iterdir())
    assert {each.name for each in logs} == {"worker-0.txt", "worker-0.txt.old"}
    assert sum(each.stat().st_size for each in logs) < 2_100_000


@pytest.mark.parametrize(
    ("train", "words"),
    [(bad.raises_unpicklable, "no pickle of this"), (bad.raises_unprintable, "Unprintable")],
)
def test_whatever_is_raised_is_a_reason(make, train, words):
    (found,) = run(make(train), [proposal_of(0)])
    assert found.status is Status.FAILED
    assert words in found.reason
    assert "bad_trainings.py" in found.reason


def test_each_process_computes_with_one_thread(make, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    (found,) = run(make(bad.threads), [proposal_of(0)])
    assert found.metrics == {"threads": 1.0}
    assert os.environ["OMP_NUM_THREADS"] == "7"


@pytest.mark.parametrize("cpus", [1, 2])
def test_torch_has_as_many_threads_as_a_training_has_cpus(make, cpus):
    pytest.importorskip("torch")
    (found,) = run(make(bad.threads_of_torch, Crew(workers=1, cpus=float(cpus))), [proposal_of(0)])
    assert found.metrics == {"threads": cpus}


def test_a_cancelled_training_ends_with_its_children_and_close_ends_all(make, folder):
    evaluator = make(bad.waits, 2)
    for number in range(2):
        evaluator.submit(proposal_of(number))
    with pytest.raises(StopIteration):
        collect_until(evaluator, lambda: len(list(folder.glob("pids-*"))) == 2)
    pids = [list(map(int, each.read_text().split())) for each in folder.glob("pids-*")]
    evaluator.cancel(0)
    evaluator.cancel(1)
    assert evaluator.capacity == 2
    assert evaluator.processes == {socket.gethostname(): ()}
    assert all(is_gone(pid) for pair in pids for pid in pair)


def collect_until(evaluator, condition):
    """Collect, until a condition holds; then leave by StopIteration."""
    look_at = evaluator._look_at

    def look_and_leave(job):
        look_at(job)
        if condition():
            raise StopIteration

    evaluator._look_at = look_and_leave
    evaluator.collect()


def test_an_idle_process_that_was_killed_is_replaced(make):
    evaluator = make(bad.good)
    run(evaluator, [proposal_of(0)])
    (pid,) = evaluator.processes[socket.gethostname()]
    os.kill(pid, signal.SIGKILL)
    assert is_gone(pid)
    (found,) = run(evaluator, [proposal_of(1)])
    assert found.accuracy == train_well(proposal_of(1).architecture)


@pytest.mark.parametrize(
    ("way", "words"),
    [
        (bad.cannot_be_made, r"could not make its evaluator \(OSError: no data here\)"),
        (bad.dies_when_made, "3 died before they were ready.*exit code 9"),
    ],
)
def test_what_no_process_can_make_is_an_error_of_the_run(way, words):
    evaluator = ProcessEvaluator(way, 1)
    evaluator.submit(proposal_of(0))
    with pytest.raises(TrainingError, match=words):
        evaluator.collect()
    evaluator.close()


def test_functions_within_functions_travel_as_code(make):
    pytest.importorskip("cloudpickle")
    (found,) = run(make(lambda architecture: architecture["a"] / 10), [proposal_of(0)])
    assert found.accuracy == 0.3


def test_what_cannot_travel_is_refused_in_words():
    hold = (each for each in ())
    evaluator = ProcessEvaluator(lambda: FunctionEvaluator(lambda _: next(hold)), 1)
    with pytest.raises(TrainingError, match="cannot be handed over: .*or use one worker"):
        evaluator.submit(proposal_of(0))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"workers": 0}, "whole number of workers, 1 or more, got 0"),
        ({"workers": True}, "got True"),
        ({"workers": 1, "tries": 0}, "whole number of tries"),
        ({"workers": 1, "time_limit_s": 0.0}, "more than 0 seconds as time limit, got 0.0"),
    ],
)
def test_settings_that_are_none_are_refused(settings, words):
    with pytest.raises(TrainingError, match=words):
        ProcessEvaluator(bad.cannot_be_made, **settings)


def test_all_processes_share_the_folder_of_the_trials(tmp_path):
    place = Workplace(tmp_path / "trials", seed=3, device="cpu")
    evaluator = trained_by(bad.with_context, place, Crew(workers=2))
    found = run(evaluator, proposals())
    evaluator.close()
    assert [each.accuracy for each in found] == [0.5] * 6
    for proposal in proposals():
        folder = place.folder_of(proposal)
        assert int((folder / "pid").read_text()) != os.getpid()
        assert place.context(proposal).reported == {1: 0.25}


def test_a_temporary_folder_is_shared_too():
    place = Workplace()
    evaluator = ProcessEvaluator(Trainer(Itself(bad.with_context), place), 1)
    run(evaluator, [proposal_of(0)])
    evaluator.close()
    assert (place.folder_of(proposal_of(0)) / "pid").exists()


def test_one_worker_without_a_limit_trains_in_this_process():
    assert isinstance(trained_by(bad.good, None, Crew()), FunctionEvaluator)
    assert isinstance(trained_by(bad.good, None, Crew(time_limit_s=5.0)), ProcessEvaluator)


def test_a_study_with_workers_proposes_while_others_train_and_never_twice(tmp_path):
    study = Study(SPACE, bad.good, storage=tmp_path / "s.db", workers=2, seed=1)
    study.run(6)
    assert sorted(each.accuracy for each in study.trials) == sorted(
        train_well(each) for each in SPACE.from_codes(SPACE.all_codes())
    )
    study._evaluator.close()
    with pytest.raises(ProtocolError, match="nothing to collect"):
        study._evaluator.collect()
