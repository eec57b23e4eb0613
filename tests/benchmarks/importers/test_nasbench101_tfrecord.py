"""Files of a few cells, byte by byte as the authors' file is documented; see `records`."""

import numpy as np
import pytest

from deltanas import benchmarks
from deltanas.benchmarks.canonical import read_table
from deltanas.benchmarks.importers import nasbench101_tfrecord
from deltanas.benchmarks.importers.importing import import_file
from deltanas.benchmarks.importers.nasbench101_tfrecord import LAYOUT
from deltanas.errors import DataError, MissingDataError
from deltanas.spaces import NasBench101
from deltanas.testing.benchmarks import BenchmarkContract
from tests.benchmarks.importers.records import record, training

CONV3, CONV1, POOL = "conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"
CELLS = [
    ([[0, 1], [0, 0]], []),
    ([[0, 1, 1], [0, 0, 1], [0, 0, 0]], [CONV1]),
    ([[0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]], [CONV3, POOL]),
]


def key_of(cell):
    return NasBench101().cell(*cell).key


def numbers(cell, run):
    """Parameters, seconds, train, validation and test accuracy of a training."""
    return 1_500_000 + 1000 * cell, 900.5 + run, 0.99, 0.9 + cell / 100 + run / 1000, 0.5 + run / 8


def whole(cells=CELLS):
    """Records of three trainings a cell, the cells mixed as in the authors' file."""
    return [
        training(key_of(cell), cell[0], ["input", *cell[1], "output"], numbers(at, run))
        for run in range(3)
        for at, cell in enumerate(cells)
    ]


@pytest.fixture
def write(tmp_path, monkeypatch):
    pytest.importorskip("pyarrow")
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path / "tables"))
    monkeypatch.setattr(nasbench101_tfrecord, "ROWS", len(CELLS))

    def save(records):
        path = tmp_path / "nasbench_only108.tfrecord"
        path.write_bytes(b"".join(records))
        return path

    return save


def test_the_imported_table_is_what_the_benchmark_answers_from(write, tmp_path):
    path = import_file("nasbench101-validation", write(whole()))
    assert path == tmp_path / "tables" / "nasbench101-validation.parquet"
    assert benchmarks.family("nasbench101-validation").is_installed()
    benchmark = benchmarks.load("nasbench101-validation")
    assert benchmark.split == "validation"
    assert benchmark.size == 3
    for at, cell in enumerate(CELLS):
        architecture = benchmark.space.cell(*cell)
        found = benchmark.record(architecture)
        assert found.accuracies == pytest.approx([0.9 + at / 100 + run / 1000 for run in range(3)])
        # Mean of 0.5, 0.625 and 0.75; of 900.5, 901.5 and 902.5.
        assert benchmark.test_accuracy(architecture) == pytest.approx(0.625)
        assert found.seconds == pytest.approx(901.5)
        assert found.metrics["parameters_m"] == pytest.approx(1.5 + at / 1000)
    assert benchmark.best.key == key_of(CELLS[2])


class TestImported(BenchmarkContract):
    @pytest.fixture(autouse=True)
    def _import(self, write):
        import_file("nasbench101-validation", write(whole()))

    def make(self):
        return benchmarks.load("nasbench101-validation")


def test_a_cell_worked_by_hand(write):
    import_file("nasbench101-validation", write(whole()))
    table = read_table(benchmarks.family("nasbench101-validation").files()[0], LAYOUT)
    row = table["key"].tolist().index(key_of(CELLS[2]))
    # Pairs 01 02 03 12 13 23: edges 0-1, 0-2, 1-3, 2-3 are bits 0, 1, 4, 5: 1 + 2 + 16 + 32.
    # Operations: vertex 1 is 0 (3x3), vertex 2 is 2 (pooling): 0 + 2 * 3.
    assert [table[name][row] for name in ("vertices", "edge_bits", "operation_digits")] == [
        4,
        51,
        6,
    ]
    assert [table["run"][row + run] for run in range(3)] == [0, 1, 2]
    assert table["epochs"].tolist() == [108] * 9


GOOD = (key_of(CELLS[1]), CELLS[1][0], ["input", CONV1, "output"], numbers(1, 0))


def other(place, value, **more):
    parts = list(GOOD)
    parts[place] = value
    return training(*parts, **more)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (record(b"no json"), "got another one as record 4 (Expecting value"),
        (record(b"[1, 2]"), "as record 4 (not enough values to unpack"),
        (record(b"\xff\xfe"), "as record 4 ("),
        (training(*GOOD, epochs=36), "record 4 (108 epochs were expected, it has 36)"),
        (other(1, [[0, 1, 1], [0, 0, 1], [0, 1, 0]]), "an upper triangular adjacency, got '011"),
        (other(1, [[0, 2, 1], [0, 0, 1], [0, 0, 0]]), "an adjacency of 0 and 1 for 2 to 7 ver"),
        (other(1, np.eye(8, k=1)), "an adjacency of 0 and 1 for 2 to 7 vertices"),
        (other(1, [[0, 1, 1], [0, 0, 1]]), "an adjacency of 0 and 1"),
        (other(2, ["input", "conv5x5", "output"]), "3 operations from input to output, got"),
        (other(2, ["output", CONV1, "input"]), "3 operations from input to output"),
        (other(2, ["input", "output"]), "3 operations from input to output"),
        (
            record(b'["x", 108, "0100", "input,output", "CgkZAAAAAAAA6D8QrAI="]'),
            "record 4 (3 evaluations, got 1)",
        ),
        (
            record(b'["x", 108, "0100", "input,output", "Cgk="]'),
            "field 1 should have 9 bytes, got 0",
        ),
    ],
)
def test_a_record_of_another_kind_is_refused_by_its_number(write, bad, words):
    records = whole()
    records[4] = bad
    with pytest.raises(DataError) as error:
        import_file("nasbench101-validation", write(records))
    assert words in str(error.value)
    assert str(error.value).endswith("get the authors' file anew and import it again")


@pytest.mark.parametrize(
    ("accuracy", "words"),
    [
        (
            95.1,
            "'validation_accuracy' from 0 to 1 (fraction), got 95.1, which looks like per cent,",
        ),
        (float("nan"), "got nan in row"),
        (float("inf"), "got inf in row"),
        (-0.25, "got -0.25 in row"),
    ],
)
def test_an_impossible_accuracy_is_refused_with_its_row_and_key(write, accuracy, words):
    records = whole()
    records[4] = other(3, (1_500_000, 900.0, 0.99, accuracy, 0.5))
    with pytest.raises(DataError) as error:
        import_file("nasbench101-validation", write(records))
    assert words in str(error.value)
    assert f"(key {key_of(CELLS[1])}, run 1)" in str(error.value)


def test_missing_and_repeated_trainings_are_refused(write):
    with pytest.raises(DataError, match="3 trainings of each of the 3 cells, got 8 trainings; get"):
        import_file("nasbench101-validation", write(whole()[:-1]))
    with pytest.raises(
        DataError, match=r"'run' from 0 to 2, got 3 in row \d \(key .*, run 3\); get"
    ):
        import_file("nasbench101-validation", write([*whole(), whole()[4]]))
    # Two cells with four and two trainings would have the right number of rows.
    shifted = [*whole()[:8], training(*GOOD)]
    with pytest.raises(DataError, match=r"'run' from 0 to 2, got 3 in row 6"):
        import_file("nasbench101-validation", write(shifted))


def test_a_hash_that_is_not_that_of_the_cell_is_refused(write):
    records = whole()
    records[4] = other(0, "0" * 32)
    words = f"the hash {GOOD[0]} for record 4, which is that of its cell, got 0000"
    with pytest.raises(DataError, match=words):
        import_file("nasbench101-validation", write(records))


def test_two_functionally_equal_cells_with_other_accuracies_are_told_with_both_rows(write):
    # The same network with its two branches the other way around, under another hash.
    twin = (CELLS[2][0], CELLS[2][1][::-1])
    assert key_of(twin) == key_of(CELLS[2])
    records = [
        *whole(),
        *(
            training("f" * 32, twin[0], ["input", *twin[1], "output"], numbers(2, run + 1))
            for run in range(3)
        ),
    ]
    with pytest.raises(DataError) as error:
        import_file("nasbench101-validation", write(records))
    assert "should tell functionally equal cells with one accuracy, got 0.5 for" in str(error.value)
    assert f"in row 2 and 0.625 for {'f' * 32} run 0 in row 9, which are one network" in str(
        error.value
    )


def test_a_cell_that_is_none_is_refused(write):
    records = whole()
    # 0 leads to 2 only through nothing: vertex 1 is a dead end, and so is the input.
    records[4] = other(1, [[0, 1, 0], [0, 0, 0], [0, 0, 0]])
    with pytest.raises(DataError, match="without a path to its output or with too many edges as r"):
        import_file("nasbench101-validation", write(records))


def test_an_empty_file_is_refused(write):
    with pytest.raises(DataError, match="should hold records of NAS-Bench-101, got none; get"):
        import_file("nasbench101-validation", write([]))


def test_without_the_table_the_message_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path))
    with pytest.raises(MissingDataError, match="does not hold it; run `deltanas data fetch nasben"):
        benchmarks.load("nasbench101-validation")
    assert not benchmarks.family("nasbench101-validation").is_installed()
