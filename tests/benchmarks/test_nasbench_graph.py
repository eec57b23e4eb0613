import importlib.util
import math
import pickle
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from deltanas import benchmarks
from deltanas.benchmarks.nasbench_graph import (
    DATASETS,
    NETWORKS,
    checked_networks,
    checked_records,
)
from deltanas.benchmarks.plain_pickle import read_plain_pickle
from deltanas.errors import ArchitectureError, DataError, MissingDataError, UnsafeDataError
from deltanas.spaces import NasBenchGraph
from deltanas.testing.benchmarks import BenchmarkContract

# Best validation accuracy of each table and the test accuracy of the same network, read from the
# package by its own reader; then that network.
OPTIMA = {
    "cora": (0.8193, 0.8263, "0:fc,1:gat,2:fc,3:gin"),
    "citeseer": (0.7280, 0.7103, "0:gcn,0:gcn,1:sage,2:sage"),
    "pubmed": (0.8113, 0.7560, "0:gat,0:gin,1:gin,2:sage"),
    "cs": (0.9213, 0.9059, "0:graph,0:arma,1:gat,1:cheb"),
    "physics": (0.9400, 0.9135, "0:gat,1:fc,1:gcn,2:fc"),
    "photo": (0.9407, 0.9208, "0:gat,0:fc,1:sage,2:cheb"),
    "computers": (0.9190, 0.8203, "0:cheb,1:gat,2:cheb,2:cheb"),
    "arxiv": (0.7367, 0.7195, "0:cheb,1:arma,2:cheb,3:cheb"),
}


@pytest.fixture(scope="module")
def loaded(nasbench_graph_folder):
    """From the name of a data set to its table; skips where the package is not installed."""
    assert nasbench_graph_folder.is_dir()
    return cache(lambda dataset: benchmarks.load(f"nasbench-graph:{dataset}"))


@pytest.mark.parametrize("dataset", ["cora", "physics"])
class TestNasBenchGraph(BenchmarkContract):
    @pytest.fixture(autouse=True)
    def _choose(self, dataset, loaded):
        self.benchmark = loaded(dataset)

    def make(self):
        return self.benchmark


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_best_network_and_its_accuracies_are_the_recorded_ones(dataset, loaded):
    benchmark = loaded(dataset)
    best, test, network = OPTIMA[dataset]
    assert benchmark.size == NETWORKS
    assert benchmark.optimum == pytest.approx(best, abs=5e-5)
    assert benchmark.best.key == benchmark.space.read(network).key
    assert benchmark.test_accuracy(benchmark.best) == pytest.approx(test, abs=5e-5)
    assert np.abs(benchmark.accuracies - benchmark.test_accuracies).max() > 0.05


def test_a_network_worked_by_hand(nasbench_graph_folder, loaded):
    # Link pattern 0 is 0000; number 0 is gat four times, recorded with these values.
    record = loaded("cora").record(NasBenchGraph().read("0:gat,0:gat,0:gat,0:gat"))
    assert record.accuracies == pytest.approx((0.773333,), abs=1e-6)
    assert record.seconds is None
    assert record.metrics["latency_ms"] == pytest.approx(5.922238, abs=1e-6)
    assert record.metrics["parameters_m"] == pytest.approx(1.736711, abs=1e-6)
    # Four gats on 1,433 features, two heads of 128: each 1433 x 256 weights, 2 x 256 for the
    # attention and 256 biases. Outputs: 4 x 256 x 256 + 256. Normalisation: 4 x 2 x 256, of which
    # cora's inputs use none but have them. Head: 256 x 7 + 7.
    parameters = 4 * (1433 * 256 + 3 * 256) + 4 * 256 * 256 + 256 + 4 * 2 * 256 + 256 * 7 + 7
    assert parameters / 1e6 == pytest.approx(record.metrics["parameters_m"], abs=1e-9)


@pytest.mark.parametrize(
    ("texts", "number"),
    [
        # Link pattern 6 (0112): gcn, behind it gin and cheb, and fc behind gin.
        (("0:gcn,1:gin,2:fc,1:cheb", "0:gcn,1:cheb,1:gin,3:fc"), 61_237),
        # Link pattern 8 (0123): the benchmark moves skips of a chain to its front.
        (("0:gcn,1:fc,2:skip,3:skip", "0:skip,0:gcn,2:skip,3:fc"), 88_817),
        # Link pattern 7 (0122): the raw input never reaches the output.
        (("0:sage,0:gcn,0:skip,0:skip", "0:gcn,0:sage,1:skip,2:skip"), 78_814),
    ],
)
def test_all_codes_of_a_network_have_the_record_that_the_file_has(texts, number, loaded, table):
    benchmark = loaded("cora")
    for text in texts:
        record = benchmark.record(benchmark.space.read(text))
        assert record.accuracies == (table[number]["valid_perf"],)
        assert record.metrics["parameters_m"] == table[number]["para"]


@pytest.mark.parametrize("dataset", [each for each in DATASETS if each != "physics"])
def test_recorded_parameters_follow_from_the_nodes_that_our_keys_count(dataset, loaded):
    # Each operation has a fixed number on the raw input and another one inside, and each output
    # of the tree, a skip beside others too, widens the last layer. So parameters are linear in
    # these counts, exactly: what we call one network has the recorded size. Physics was trained
    # with more than one width.
    benchmark = loaded(dataset)
    names = benchmark.space.feature_names
    used = [
        place
        for place, name in enumerate(names)
        if name.startswith("nodes:")
        or (name.startswith("graph:number of") and name.count("+") == 7)
    ]
    assert len(used) == 17
    counts = benchmark.space.features(benchmark.codes[::9])[:, used]
    counts = np.column_stack([counts, np.ones(len(counts))])
    recorded = benchmark.metrics["parameters_m"][::9]
    weights, _, rank, _ = np.linalg.lstsq(counts, recorded)
    assert rank >= 10
    np.testing.assert_allclose(counts @ weights, recorded, rtol=0, atol=1e-9)


@pytest.mark.parametrize("dataset", DATASETS)
def test_stored_rows_are_told_as_the_package_records_them(dataset, loaded, nasbench_graph_folder):
    with (nasbench_graph_folder / f"{dataset}.bench").open("rb") as file:
        records = pickle.load(file)
    links = ("0000", "0001", "0011", "0012", "0013", "0111", "0112", "0122", "0123")
    names = ("gat", "gcn", "gin", "cheb", "sage", "arma", "graph", "fc", "skip")
    benchmark = loaded(dataset)
    numbers = list(records)[:: len(records) // 20]
    assert len(numbers) >= 20
    for number in numbers:
        # Nodes 1 to 4: where each takes its input, and its operation.
        nodes = zip(links[number // 10_000], f"{number % 10_000:04d}", strict=True)
        text = ",".join(f"{source}:{names[int(digit)]}" for source, digit in nodes)
        network = benchmark.space.read(text)
        found, recorded = benchmark.record(network), records[number]
        assert found.accuracies == (recorded["valid_perf"],)
        assert benchmark.test_accuracy(network) == recorded["perf"]
        assert found.metrics["latency_ms"] == pytest.approx(1000 * recorded["latency"])
        assert found.metrics["parameters_m"] == float(recorded["para"])


def test_the_package_is_never_imported(loaded):
    assert loaded("cora").size == NETWORKS
    assert "nas_bench_graph" not in sys.modules


def test_a_missing_package_names_the_command(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingDataError, match="run `pip install nas-bench-graph`"):
        benchmarks.load("nasbench-graph:cora")
    assert not benchmarks.family("nasbench-graph").is_installed()


def test_a_malicious_table_in_the_packages_place_is_refused(monkeypatch, tmp_path):
    (tmp_path / "light").mkdir()
    table = tmp_path / "light" / "cora.bench"
    table.write_bytes(b"cos\nsystem\n(S'touch sprung'\ntR.")
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)
    with pytest.raises(UnsafeDataError, match="force-reinstall"):
        benchmarks.load("nasbench-graph:cora")
    table.write_bytes(pickle.dumps({0: {"valid_perf": 0.5}}))
    with pytest.raises(DataError, match="got 1 entries"):
        benchmarks.load("nasbench-graph:cora")
    table.unlink()
    with pytest.raises(DataError, match="cannot be read"):
        benchmarks.load("nasbench-graph:cora")


PATH = Path("cora.bench")


@pytest.fixture(scope="module")
def table(nasbench_graph_folder):
    return read_plain_pickle(nasbench_graph_folder / "cora.bench", remedy="", numpy=True)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (90_000, "(a link pattern from 0 to 8, four digits), got the number '90000'; get it anew"),
        (9, "got the number '9'"),
        (-1, "got the number '-1'"),
        ("1", "got the number '1'"),
        # Four nodes that only skip; and arma beside gat, which is gat beside arma, again.
        (88_888, "each once, got 88888, which is no other network"),
        (5_000, "each once, got 5000, which is no other network"),
    ],
)
def test_a_table_with_a_stranger_is_refused(number, words, table):
    altered = {each: record for each, record in table.items() if each != 22_222}
    with pytest.raises(DataError) as error:
        checked_networks(altered | {number: {}}, NasBenchGraph(), PATH)
    assert words in str(error.value)
    assert str(error.value).startswith("cora.bench should hold the 26206 networks")


def test_a_table_with_another_number_of_networks_is_refused(table):
    fewer = {number: record for number, record in table.items() if number != 22_222}
    with pytest.raises(DataError, match="hold the 26206 networks .* got 26205 entries; get it an"):
        checked_networks(fewer, NasBenchGraph(), PATH)
    with pytest.raises(DataError, match="got list; get it anew"):
        checked_networks([1, 2], NasBenchGraph(), PATH)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (
            {"valid_perf": 0.0},
            "'valid_perf' of network 22222 as a number above 0, at most 1, got 0",
        ),
        ({"valid_perf": 79.3}, "got 79.3"),
        ({"perf": math.nan}, "'perf' of network 22222 as a number above 0, at most 1, got nan"),
        ({"perf": 1}, "got 1;"),
        ({"latency": math.inf}, "'latency' of network 22222"),
        ({"latency": -0.1}, "got -0.1"),
        ({"para": "1.7"}, "'para' of network 22222"),
        ({"para": None}, "got None"),
    ],
)
def test_a_record_with_impossible_values_is_refused(record, words, table):
    altered = table | {22_222: table[22_222] | record}
    with pytest.raises(DataError) as error:
        checked_records(altered, PATH)
    assert words in str(error.value)
    assert str(error.value).startswith("cora.bench should record")


def test_a_record_that_is_no_record_is_refused(table):
    with pytest.raises(DataError, match=r"'valid_perf' of network 22222 .*, got None"):
        checked_records(table | {22_222: 0.7}, PATH)


def test_a_network_that_only_skips_is_in_no_table(loaded):
    space = NasBenchGraph()
    nothing = space.from_codes(np.array([[0, 0, 0, 8, 8, 8, 8]], dtype=np.int32))[0]
    with pytest.raises(ArchitectureError, match="'nasbench-graph:cora' records"):
        loaded("cora").record(nothing)
