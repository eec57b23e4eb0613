"""Machines of a Ray cluster come and go; the second machine is this one again."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

from deltanas.testing.evaluators import proposal_of, train_well
from tests.evaluation import bad_trainings as bad

pytestmark = pytest.mark.process


@pytest.fixture
def start_machine(cluster):
    """Starts a machine with one CPU that joins the cluster; it is lost after the test."""
    words = "start --node-ip-address=127.0.0.1 --num-cpus=1 --object-store-memory=100000000 --block"
    command = [sys.executable, "-m", "ray.scripts.scripts", *words.split()]
    started = []

    def start():
        started.append(
            subprocess.Popen(
                [*command, f"--address={cluster.address}"], stdout=subprocess.DEVNULL
            )
        )
        return started[-1]

    yield start
    for each in started:
        lose(each)
        each.wait()


def lose(machine):
    """End everything of a machine at once, as a power cut does."""
    processes = [machine.pid, *descendants(machine.pid)]
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def descendants(pid):
    table = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    parents = dict(map(int, line.split()) for line in table.splitlines())
    found = {pid}
    for _ in range(10):
        found |= {each for each, parent in parents.items() if parent in found}
    return found - {pid}


def test_a_machine_that_joins_gets_a_training_and_when_lost_costs_it_a_start_and_no_result(
    make, folder, start_machine
):
    evaluator = make(bad.waits_for_the_flag)
    assert evaluator.capacity == 2
    for number in (0, 1):
        evaluator.submit(proposal_of(number))
    machine = start_machine()
    assert evaluator.collect() == [], "there is suddenly room for more"
    assert evaluator.capacity == 1
    evaluator.submit(proposal_of(2))
    wait_for_starts(folder, 3)
    lose(machine)
    (folder / "flag").touch()
    results = []
    for _ in range(100):
        results += evaluator.collect() if len(results) < 3 else []
    assert {each.number: each.accuracy for each in results} == {
        number: train_well(proposal_of(number).architecture) for number in (0, 1, 2)
    }
    assert starts(folder) == 4, "only the lost one began again"


def starts(folder):
    notes = folder / "begun"
    return len(notes.read_text().splitlines()) if notes.exists() else 0


def wait_for_starts(folder, count):
    for _ in range(600):
        if starts(folder) == count:
            return
        time.sleep(0.1)
    raise AssertionError(f"{starts(folder)} trainings began, expected {count}")
