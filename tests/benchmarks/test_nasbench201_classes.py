import numpy as np
import pytest

from deltanas.testing.benchmarks import BenchmarkContract


class TestNasBench201Classes(BenchmarkContract):
    @pytest.fixture(autouse=True)
    def _choose(self, classes):
        self.benchmark = classes

    def make(self):
        return self.benchmark


def test_equal_cells_answer_with_the_trainings_of_all_of_them(nasbench201, classes):
    raw = nasbench201("cifar10")
    # Nothing reaches the output: the class of the cell without an operation.
    dead = np.flatnonzero(classes.networks == classes.networks[0])
    assert len(dead) > 1
    together = [run for row in dead for run in raw.runs[row]]
    for row in dead:
        assert classes.runs[row] == tuple(together)
        assert classes.accuracies[row] == sum(together) / len(together)
        assert classes.seconds[row] == pytest.approx(raw.seconds[dead].mean())
    assert raw.accuracies[dead].std() > 0


def test_a_cell_that_stands_alone_keeps_its_record(nasbench201, classes):
    raw = nasbench201("cifar10")
    counts = np.bincount(classes.networks)[classes.networks]
    alone = np.flatnonzero(counts == 1)
    assert len(alone) > 1000
    assert [raw.runs[row] for row in alone] == [classes.runs[row] for row in alone]
    # The best cell of CIFAR-10 is one of them, so the optimum stays.
    assert classes.optimum == raw.optimum


def test_there_are_5044_networks(classes):
    assert classes.name == "nasbench201-classes:cifar10"
    assert classes.size == 5044
