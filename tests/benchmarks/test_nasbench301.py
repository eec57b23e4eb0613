import shutil

import numpy as np
import pytest
from scipy.stats import kendalltau, spearmanr

from deltanas import benchmarks
from deltanas.benchmarks.nasbench301 import BEST_KNOWN, EDGE_CODES, FILE, categories
from deltanas.benchmarks.verifying import verify
from deltanas.errors import DataError, MissingDataError
from deltanas.spaces import Darts
from deltanas.spaces.darts import EDGES, NODES, OPERATIONS, PAIRS
from deltanas.testing import SurrogateContract
from tests.spaces.test_darts import DARTS_V2

BEST = (
    "Genotype(normal=[('skip_connect', 0), ('skip_connect', 1), ('skip_connect', 0), "
    "('skip_connect', 1), ('sep_conv_3x3', 0), ('sep_conv_5x5', 1), ('sep_conv_5x5', 0), "
    "('sep_conv_5x5', 1)], normal_concat=range(2, 6), reduce=[('sep_conv_5x5', 0), "
    "('sep_conv_5x5', 1), ('sep_conv_5x5', 0), ('sep_conv_5x5', 1), ('sep_conv_5x5', 0), "
    "('sep_conv_5x5', 1), ('sep_conv_5x5', 0), ('sep_conv_5x5', 4)], reduce_concat=range(2, 6))"
)


@pytest.fixture(scope="module")
def benchmark(data_folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DELTANAS_DATA", str(data_folder))
        return benchmarks.load("nasbench301")


class TestNasBench301(SurrogateContract):
    @pytest.fixture(autouse=True)
    def _choose(self, benchmark):
        self.benchmark = benchmark

    def make(self):
        return self.benchmark


def test_it_ranks_as_the_official_surrogate_to_the_stated_degree(data_folder, benchmark):
    with np.load(data_folder / FILE) as archive:
        codes, official = archive["check_codes"], archive["check_val_accuracy_xgb"]
    computed = 100 * benchmark.model.of_categories(codes.astype(int))
    assert len(official) == 1_218
    assert spearmanr(computed, official).statistic == pytest.approx(0.904, abs=5e-4)
    assert kendalltau(computed, official).statistic == pytest.approx(0.735, abs=5e-4)
    assert (computed - official).mean() == pytest.approx(1.304, abs=5e-4)
    assert (computed - official).std() == pytest.approx(0.230, abs=5e-4)


def test_the_stored_cells_are_read_as_codes_of_ours_and_back(data_folder):
    """Our numbers for each stored cell are the stored ones: the mapping loses nothing."""
    with np.load(data_folder / FILE) as archive:
        stored = archive["check_codes"].astype(int)[:200]
    names = dict(zip(EDGE_CODES, [*OPERATIONS, "none"], strict=True))
    space, place = Darts(), {edge: number for number, edge in enumerate(EDGES)}
    for row in stored:
        choices = {}
        for cell, start in (("normal", 0), ("reduce", 14)):
            for node in NODES:
                pair = [source for source in range(node) if row[start + place[source, node]]]
                if len(PAIRS[node]) > 1:
                    choices[f"{cell} node {node} inputs"] = "+".join(map(str, pair))
                for which, source in zip(("lower", "higher"), pair, strict=True):
                    operation = names[row[start + place[source, node]]]
                    choices[f"{cell} node {node} {which}"] = operation
        code = space.architecture(choices).code
        assert categories(np.array([code]))[0].tolist() == row.tolist()


def test_the_best_known_one_has_its_accuracy_and_no_better_neighbour(benchmark):
    best = benchmark.space.read(BEST)
    assert benchmark.evaluate(best) == pytest.approx(BEST_KNOWN, abs=1e-12)
    _, around = benchmark.space.children(np.array([best.code], dtype=np.int32))
    assert benchmark.accuracies_of(around).max() < BEST_KNOWN


def test_the_published_cells_have_a_stable_value(benchmark):
    assert benchmark.evaluate(benchmark.space.read(DARTS_V2)) == pytest.approx(0.9546025, abs=1e-7)


def test_what_is_verified_of_a_model_is_its_weights_and_its_values(data_folder, monkeypatch):
    monkeypatch.setenv("DELTANAS_DATA", str(data_folder))
    file, values, error = verify(benchmarks.family("nasbench301"))
    assert (file.subject, file.question, file.state) == (FILE, "checksum", "-")
    assert "no table; a model says 90.438 to 95.795 % validation of 20,000" in values.words
    assert error.words.startswith("rank correlation .904 with")
    assert not any(each.is_wrong for each in (file, values, error))


def test_without_the_file_it_says_where_to_put_it(monkeypatch, tmp_path):
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path))
    with pytest.raises(MissingDataError, match=r"needs its file nb301_yahpo\.npz"):
        benchmarks.load("nasbench301")
    assert not benchmarks.family("nasbench301").is_installed()
    monkeypatch.delenv("DELTANAS_DATA")
    with pytest.raises(MissingDataError, match="DELTANAS_DATA is not set"):
        benchmarks.load("nasbench301")


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("wide.0.bias", lambda array: array[:1], r"'wide.0.bias' of shape \(2,\)"),
        ("wide.0.bias", lambda array: array * np.nan, "finite numbers as 'wide.0.bias', got 2"),
        ("deep.0.1.bias", None, "cannot be read"),
    ],
)
def test_an_altered_file_is_refused(data_folder, monkeypatch, tmp_path, name, change, words):
    with np.load(data_folder / FILE) as archive:
        arrays = dict(archive)
    array = arrays.pop(name)
    if change is not None:
        arrays[name] = change(array)
    np.savez(tmp_path / FILE, **arrays)
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path))
    with pytest.raises(DataError, match=words):
        benchmarks.load("nasbench301")


def test_a_truncated_file_is_refused(data_folder, monkeypatch, tmp_path):
    shutil.copy(data_folder / FILE, tmp_path / FILE)
    (tmp_path / FILE).chmod(0o600)
    (tmp_path / FILE).write_bytes((data_folder / FILE).read_bytes()[:50_000])
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path))
    with pytest.raises(DataError, match="cannot be read"):
        benchmarks.load("nasbench301")
