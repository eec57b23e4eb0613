import math

import numpy as np
import pytest

from deltanas import benchmarks
from deltanas.benchmarks.nasbench101 import FILE
from deltanas.benchmarks.nasbench101_table import (
    COLUMNS,
    ROWS,
    checked_codes,
    checked_columns,
    read_columns,
)
from deltanas.errors import ArchitectureError, DataError, MissingDataError
from deltanas.evaluation import Signal
from deltanas.spaces import NasBench101, NasBench201
from deltanas.testing.benchmarks import BenchmarkContract

NAMES = ("conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3")


@pytest.fixture(scope="module")
def path(data_folder):
    path = data_folder / FILE
    if not path.is_file():
        pytest.skip(f"{FILE} is not in the folder of benchmark tables")
    return path


@pytest.fixture(scope="module")
def stored(path):
    """The columns as the file holds them."""
    with np.load(path) as archive:
        return {name: archive[name] for name in COLUMNS}


@pytest.fixture(scope="module")
def loaded(path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DELTANAS_DATA", str(path.parent))
        assert benchmarks.family("nasbench101").is_installed()
        assert benchmarks.family("nasbench101").files() == (path,)
        return benchmarks.load("nasbench101")


def written_out(stored, row):
    """Adjacency matrix and operations of a row, by the description of the file."""
    size = int(stored["n_vertices"][row])
    matrix = np.zeros((size, size), dtype=int)
    matrix[np.triu_indices(size, 1)] = [
        int(stored["bits"][row]) >> bit & 1 for bit in range(size * (size - 1) // 2)
    ]
    digits = int(stored["ops"][row])
    return matrix, [NAMES[digits // 3**vertex % 3] for vertex in range(size - 2)]


class TestNasBench101(BenchmarkContract):
    @pytest.fixture(autouse=True)
    def _choose(self, loaded):
        self.benchmark = loaded

    def make(self):
        return self.benchmark


def test_the_best_mean_test_accuracy_is_the_published_one(loaded):
    # Ying et al.: the best cell has a mean test accuracy of 94.32 %.
    assert loaded.size == len(loaded.codes) == ROWS == 423_624
    assert loaded.split == "test"
    assert loaded.optimum == pytest.approx(0.943176, abs=5e-7)
    assert loaded.rank(loaded.optimum) == 1
    assert loaded.record(loaded.best).seconds is None
    assert loaded.test_accuracy(loaded.best) is None


def test_stored_rows_are_found_by_their_cells(loaded, stored):
    rows = [0, 1, 7, 20_001, ROWS - 1, *range(1_000, ROWS, 30_011)]
    assert len(rows) > 15
    for row in rows:
        cell = loaded.space.cell(*written_out(stored, row))
        assert cell.key[:16] == stored["hash8"][row].tobytes().hex()
        assert loaded.row(cell) == row
        assert loaded.evaluate(cell) == pytest.approx(float(stored["test_mean_e108"][row]))
        assert loaded.record(cell).metrics["parameters_m"] == pytest.approx(
            float(stored["params_M"][row])
        )
        again = loaded.space.from_codes(loaded.codes[[row]])[0]
        assert again.key == cell.key


def test_a_cell_with_other_numbers_of_its_vertices_has_the_same_row(loaded, stored):
    row = int(np.flatnonzero(stored["n_vertices"] == 7)[12_345])
    matrix, names = written_out(stored, row)
    # Swapping neighbours without an edge between them keeps edges upward.
    place = next(v for v in range(1, 5) if not matrix[v, v + 1])
    order = list(range(7))
    order[place], order[place + 1] = order[place + 1], order[place]
    twin = loaded.space.cell(matrix[np.ix_(order, order)], [names[v - 1] for v in order[1:-1]])
    assert loaded.row(twin) == row


def test_one_training_is_told_as_the_mean_because_only_that_is_recorded(loaded):
    cell = loaded.best
    told = {loaded.evaluate(cell, signal=Signal.ONE_RUN, seed=seed) for seed in range(5)}
    assert told == {loaded.evaluate(cell)}


def test_a_cell_of_another_space_is_not_in_the_table(loaded):
    space = NasBench201()
    with pytest.raises(ArchitectureError, match="'nasbench101' records the architectures of"):
        loaded.record(space.from_codes(space.all_codes()[:1])[0])


def test_without_the_table_the_message_says_where_it_should_be(monkeypatch, tmp_path):
    monkeypatch.delenv("DELTANAS_DATA", raising=False)
    words = r"needs its table nb101.npz, but DELTANAS_DATA is not set and .*; set the environment"
    with pytest.raises(MissingDataError, match=words):
        benchmarks.load("nasbench101")
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path))
    with pytest.raises(MissingDataError, match="does not hold it; set the environment variable"):
        benchmarks.load("nasbench101")
    assert not benchmarks.family("nasbench101").is_installed()
    assert benchmarks.family("nasbench101").files() == ()


class Sprung:
    def __reduce__(self):
        return print, ("sprung",)


@pytest.mark.parametrize(
    "write",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"PK\x03\x04 and no more"),
        lambda path: path.write_text("a table"),
        lambda path: np.savez(path, n_vertices=np.zeros(3)),
        lambda path: np.savez(path, **dict.fromkeys(COLUMNS, np.array([Sprung()], dtype=object))),
        lambda path: path.write_bytes(np.lib.format.magic(1, 0) + b"v\0"),
    ],
)
def test_other_files_are_refused(write, tmp_path, capsys):
    path = tmp_path / "nb101.npz"
    write(path)
    with pytest.raises(DataError, match=r"nb101.npz should be an archive of the arrays .*; get"):
        read_columns(path)
    assert "sprung" not in capsys.readouterr().out


def test_a_truncated_file_and_a_flipped_bit_are_refused(path, tmp_path):
    whole = path.read_bytes()
    broken = tmp_path / "nb101.npz"
    for length in (len(whole) // 2, len(whole) - 7):
        broken.write_bytes(whole[:length])
        with pytest.raises(DataError, match="cannot be read"):
            read_columns(broken)
    flipped = bytearray(whole)
    flipped[5000] ^= 8  # inside the first column
    broken.write_bytes(flipped)
    with pytest.raises(DataError, match="cannot be read"):
        read_columns(broken)


@pytest.mark.parametrize(
    ("column", "row", "value", "words"),
    [
        ("test_mean_e108", 1234, 94.3, "'test_mean_e108' from 0 to 1.0, got 94.3"),
        ("test_mean_e108", 1234, math.nan, "got nan in row 1234; get the file anew"),
        ("test_mean_e108", 1234, math.inf, "got inf in row 1234"),
        ("test_mean_e108", 1234, -0.1, "got -0.1"),
        ("params_M", 7, 51.0, "'params_M' from 0 to 50.0, got 51.0 in row 7"),
        ("n_vertices", 7, 8, "'n_vertices' from 2 to 7, got 8 in row 7"),
        ("bits", 9, 0, "'bits' from 1 to"),
        ("ops", 9, 243, "'ops' from 0 to"),
    ],
)
def test_an_impossible_value_is_refused_by_its_row(stored, column, row, value, words, path):
    altered = {**stored, column: stored[column].copy()}
    altered[column][row] = value
    with pytest.raises(DataError) as error:
        checked_columns(altered, path)
    assert words in str(error.value)


def test_missing_rows_duplicates_and_disorder_are_refused(stored, path):
    with pytest.raises(DataError, match=r"shape \(423624,\) as 'n_vertices', got .*\(423623,\)"):
        checked_columns({name: values[:-1] for name, values in stored.items()}, path)
    doubled = stored["hash8"].copy()
    doubled[50] = doubled[49]
    with pytest.raises(
        DataError, match=r"different hashes in ascending order, got .* in row 50 af"
    ):
        checked_columns(stored | {"hash8": doubled}, path)
    with pytest.raises(DataError, match="as 'ops', got <U1"):
        checked_columns(stored | {"ops": np.full(ROWS, "x")}, path)


def test_a_row_that_is_no_cell_or_has_another_cells_hash_is_refused(stored, path):
    space = NasBench101()
    bits = stored["bits"].copy()
    bits[11] = 1 << 1  # 0 leads to 2 only: the output is not reached
    with pytest.raises(DataError, match="without a path to its output, or .*, in row 11; get"):
        checked_codes(space, stored | {"bits": bits}, path)
    hashes = stored["hash8"].copy()
    hashes[9_973] ^= 1
    with pytest.raises(DataError, match="in row 9973, which is that of its cell, got"):
        checked_codes(space, stored | {"hash8": hashes}, path)
