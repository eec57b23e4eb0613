"""Machines of a Ray cluster come and go; the second machine is this one again."""

import importlib
import time
from types import SimpleNamespace

import pytest

from deltanas.testing.evaluators import proposal_of, train_well
from tests.evaluation import bad_trainings as bad
from tests.evaluation.test_processes import is_gone

pytestmark = pytest.mark.process


@pytest.fixture
def start_machine(cluster):
    """Starts a machine with one CPU that joins the cluster; it is lost after the test."""
    testing = importlib.import_module("ray.cluster_utils")
    machines = testing.Cluster(shutdown_at_exit=False)
    machines.head_node = SimpleNamespace(gcs_address=cluster.address)
    started = []

    def start():
        settings = {"num_cpus": 1, "object_store_memory": 100_000_000}
        started.append(machines.add_node(wait=False, node_ip_address="127.0.0.1", **settings))
        return started[-1]

    yield start
    for each in started:
        lose(each)


def lose(machine):
    """End everything of a machine at once, as a power cut does."""
    machine.kill_all_processes(check_alive=False, allow_graceful=False, wait=True)


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
    lose(machine)
    assert is_gone(there)
    (folder / "flag").touch()
    results = []
    for _ in range(100):
        results += evaluator.collect() if len(results) < 3 else []
    assert {each.number: each.accuracy for each in results} == {
        number: train_well(proposal_of(number).architecture) for number in (0, 1, 2)
    }
    assert len(trainings(folder, 4)) == 4, "only the lost one began again"


def trainings(folder, count):
    """Wait until so many have begun; their processes, in that order."""
    notes = folder / "begun"
    for _ in range(600):
        found = list(map(int, notes.read_text().split())) if notes.exists() else []
        if len(found) >= count:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{len(found)} trainings began, expected {count}")
