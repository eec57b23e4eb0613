import math

import numpy as np
import pytest

from deltanas.benchmarks import Benchmark
from deltanas.errors import ArchitectureError, DataError, UnknownNameError
from deltanas.evaluation import Signal
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace
from deltanas.testing.benchmarks import BenchmarkContract

SPACE = BlockSpace({"a": (1, 2), "b": ("x", "y")})
RUNS = ((0.25, 0.5), (0.75,), (0.5, 0.125, 0.875), (0.625, 0.25))


def small(**parts):
    settings = {
        "name": "small:toy",
        "space": SPACE,
        "citation": "nobody, never, nowhere",
        "licence": "none",
        "runs": RUNS,
        "seconds": np.array([10.0, 20.0, 30.0, 40.0]),
        "metrics": {"latency_ms": np.array([4.0, 3.0, 2.0, 1.0])},
    }
    return Benchmark(**(settings | parts))


class TestSmallBenchmark(BenchmarkContract):
    def make(self):
        return small()


class TestBenchmarkWithSharedRecords(BenchmarkContract):
    def make(self):
        # Every key of this space is a network of its own: only the numbering is another.
        return small(networks=np.array([3, 1, 0, 2]))


class TestBenchmarkWithoutSecondsAndWithScoresBelowZero(BenchmarkContract):
    def make(self):
        return small(runs=((-0.25,), *RUNS[1:]), seconds=None)


NETWORKS = np.array([[1, 0], [0, 1], [0, 0]], dtype=np.int32)
"""Three of the four codes, in an order of their own; the keys are `1-0`, `0-1`, `0-0`."""


def of_networks(**parts):
    settings = {"table": NETWORKS, "row_of": {"1-0": 0, "0-1": 1, "0-0": 2}}
    rows = {"runs": RUNS[:3], "seconds": np.array([10.0, 20.0, 30.0]), "metrics": {}}
    return small(**(settings | rows | parts))


class TestBenchmarkOfNetworks(BenchmarkContract):
    def make(self):
        return of_networks()


def test_a_table_of_networks_is_looked_up_by_key():
    benchmark = of_networks()
    assert benchmark.record(SPACE.architecture({"a": 1, "b": "x"})).accuracies == RUNS[2]
    assert benchmark.record(SPACE.architecture({"a": 2, "b": "x"})).accuracies == RUNS[0]
    with pytest.raises(ArchitectureError, match="'small:toy' records"):
        benchmark.record(SPACE.architecture({"a": 2, "b": "y"}))
    # A key that is not the text of a code: the architecture's twin has the row.
    twin = of_networks(row_of={"1-0": 0, "0-1": 1, "0-0": 2, "1-1": 1})
    assert twin.record(SPACE.architecture({"a": 2, "b": "y"})).accuracies == RUNS[1]


def test_codes_of_a_table_without_their_keys_are_refused():
    with pytest.raises(DataError, match="the table of its codes and the row of each key together"):
        of_networks(row_of=None)


def test_means_rank_and_optimum_worked_by_hand():
    benchmark = small()
    # Means by hand: half of 0.25 + 0.5; 0.75; a third of 0.5 + 0.125 + 0.875; half of 0.625 + 0.25.
    assert benchmark.accuracies.tolist() == [0.375, 0.75, 0.5, 0.4375]
    assert benchmark.optimum == 0.75
    assert benchmark.best == SPACE.architecture({"a": 1, "b": "y"})
    # 0.75 is best; 0.5 second; between 0.4375 and 0.5 there are two better ones.
    assert [benchmark.rank(value) for value in (0.75, 0.5, 0.49, 0.4375, 0.375, 0.8)] == [
        1,
        2,
        3,
        3,
        4,
        1,
    ]
    assert benchmark.size == 4


def test_rank_counts_a_shared_record_once():
    twins = (RUNS[0], RUNS[1], RUNS[1], RUNS[3])
    benchmark = small(runs=twins, networks=np.array([0, 1, 1, 2]))
    assert benchmark.size == 3
    assert benchmark.rank(0.4375) == 2
    assert small(runs=twins).rank(0.4375) == 3


def test_runs_are_padded_to_a_rectangle():
    padded = small().padded_runs
    assert padded.shape == (4, 3)
    assert padded[2].tolist() == [0.5, 0.125, 0.875]
    assert padded[1, 0] == 0.75
    assert np.isnan(padded[1, 1:]).all()
    assert np.isnan(padded).sum() == 1 + 2 + 0 + 1


def test_one_run_is_chosen_by_seed_and_key():
    benchmark = small()
    architecture = SPACE.architecture({"a": 2, "b": "x"})
    for seed in range(5):
        chosen = int(generator(seed, "run", architecture.key).integers(3))
        told = benchmark.evaluate(architecture, signal=Signal.ONE_RUN, seed=seed)
        assert told == RUNS[2][chosen]


def test_test_accuracy_is_told_where_there_is_one():
    architecture = SPACE.architecture({"a": 2, "b": "y"})
    assert small().test_accuracy(architecture) is None
    test = np.array([0.1, 0.2, 0.3, 0.4])
    assert small(test_accuracies=test).test_accuracy(architecture) == 0.4


def test_a_part_of_another_length_is_refused():
    with pytest.raises(DataError, match="each of the 4 codes of its table, got 3 in 'runs'"):
        small(runs=RUNS[:3])


def test_seconds_of_another_length_are_refused():
    with pytest.raises(DataError, match="each of the 4 codes of its table, got 1 in 'seconds'"):
        small(seconds=np.array([3.0]), metrics={})


def test_a_row_without_a_training_is_refused():
    words = r"needs a training in every row, row 2 has none \(a=2, b=x\); give one"
    with pytest.raises(DataError, match=words):
        small(runs=(*RUNS[:2], (), RUNS[3]))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((0.5, 91.6), r"as fractions, at most 1, got 91.6 in row 2 \(a=2, b=x\); divide per cent"),
        ((math.nan,), r"got nan in row 2 \(a=2, b=x\); mend that row"),
        ((0.5, 0.5, math.inf), "got inf in row 2 "),
        ((-math.inf,), "got -inf in row 2 "),
        ((101.0,), "got 101 in row 2 .* mend that row"),
    ],
)
def test_an_accuracy_that_is_no_fraction_is_refused_with_its_row_and_architecture(row, words):
    with pytest.raises(DataError, match=words):
        small(runs=(*RUNS[:2], row, RUNS[3]))


@pytest.mark.parametrize(("value", "words"), [(94.4, "got 94.4 in row 1"), (math.nan, "got nan")])
def test_a_test_accuracy_that_is_no_fraction_is_refused(value, words):
    with pytest.raises(DataError, match=f"needs test accuracies as fractions, at most 1, {words}"):
        small(test_accuracies=np.array([0.5, value, 0.5, 0.5]))


def test_functionally_equal_architectures_with_other_accuracies_are_both_named():
    with pytest.raises(DataError) as error:
        small(networks=np.array([0, 1, 2, 1]))
    assert str(error.value) == (
        "benchmark 'small:toy' needs one record for functionally equal architectures, got [0.75] "
        "in row 1 (a=1, b=y) and [0.625, 0.25] in row 3 (a=2, b=y), both network 1; give both all "
        "trainings of the network, or leave `networks` out if each was trained on its own"
    )


def test_an_architecture_of_another_space_is_refused_by_name():
    stranger = BlockSpace({"a": (1, 2), "c": ("x", "y")}).architecture({"a": 1, "c": "x"})
    with pytest.raises(ArchitectureError, match="'small:toy' records the architectures of space"):
        small().record(stranger)


def test_an_unknown_signal_is_refused():
    with pytest.raises(UnknownNameError, match="no signal 'best'"):
        small().evaluate(SPACE.architecture({"a": 1, "b": "x"}), signal="best")
