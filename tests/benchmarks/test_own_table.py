"""A table of one's own, CSV or Parquet, as a benchmark."""

import csv
import itertools

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from deltanas.benchmarks import family, load
from deltanas.errors import DataError, MissingDataError
from deltanas.testing import BenchmarkContract

HEADING = (
    *("width", "act", "norm", "accuracy", "accuracy_2", "test_accuracy", "seconds"),
    "metric:parameters_m",
)


def row(width, act, norm):
    """Two trainings, 0.02 apart; wide ones with silu are best."""
    mean = 0.5 + width / 200 + 0.05 * (act == "silu") + 0.01 * norm
    return (width, act, norm, mean - 0.01, mean + 0.01, mean - 0.05, 2.0 * width, width / 10)


ROWS = [row(*each) for each in itertools.product((8, 16, 64), ("relu", "silu"), (True, False))]


@pytest.fixture
def write(tmp_path):
    """Writes a table, the last rows first, and says where."""

    def write(rows=ROWS, heading=HEADING, name="my table.csv"):
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([heading, *reversed(rows)])
        return str(path)

    return write


class TestOwnTable(BenchmarkContract):
    @pytest.fixture(autouse=True)
    def _written(self, write):
        self.path = write()

    def make(self):
        return load(self.path)


def test_columns_are_trainings_facts_or_decisions_and_each_row_is_found(write):
    benchmark = load(write())
    assert benchmark.space.name == "my table"
    options = {each.name: each.options for each in benchmark.space.decisions}
    # Numbers in their order, others as they first appear: the rows are written backwards.
    assert options == {"width": (8, 16, 64), "act": ("silu", "relu"), "norm": (False, True)}
    for width, act, norm, *runs, test, seconds, parameters in ROWS:
        chosen = {"width": width, "act": act, "norm": norm}
        architecture = benchmark.space.architecture(chosen)
        record = benchmark.record(architecture)
        assert list(record.accuracies) == runs
        assert (record.seconds, record.metrics) == (seconds, {"parameters_m": parameters})
        assert benchmark.test_accuracy(architecture) == test
    assert dict(benchmark.best.items()) == {"width": 64, "act": "silu", "norm": True}


def test_parquet_says_the_same_as_csv(write, tmp_path):
    columns = dict(zip(HEADING, map(list, zip(*reversed(ROWS), strict=True)), strict=True))
    path = tmp_path / "mine.parquet"
    pq.write_table(pa.table(columns), path)
    one, other = load(write()), load(str(path))
    assert one.runs == other.runs
    assert [each.options for each in one.space.decisions] == [
        each.options for each in other.space.decisions
    ]


def test_networks_with_fewer_trainings_and_combinations_without_any(write):
    rows = [(*each[:4], "", *each[5:]) if each[0] == 16 else each for each in ROWS[1:]]
    benchmark = load(write(rows))
    assert benchmark.space.size == 11
    missing = {"width": 8, "act": "relu", "norm": True}
    assert not any(
        dict(a.items()) == missing for a in benchmark.space.sample(200, np.random.default_rng(0))
    )
    lengths = {len(runs) for runs in benchmark.runs}
    assert lengths == {1, 2}
    for code, runs in zip(benchmark.codes, benchmark.runs, strict=True):
        assert len(runs) == (1 if code[0] == 1 else 2)


def without(column):
    place = HEADING.index(column)
    return [each[:place] + each[place + 1 :] for each in ROWS], HEADING[:place] + HEADING[
        place + 1 :
    ]


def changed(column, value):
    """The table with another value in its first line: rows are written backwards."""
    place = HEADING.index(column)
    last = ROWS[-1]
    return [*ROWS[:-1], (*last[:place], value, *last[place + 1 :])], HEADING


@pytest.mark.parametrize(
    ("rows", "heading", "words"),
    [
        ([each[:3] for each in ROWS], HEADING[:3], "needs a column 'accuracy' and at least one"),
        ([each[3:] for each in ROWS], HEADING[3:], "at least one column that is a decision"),
        (ROWS[:1], HEADING, "needs at least 2 rows, got 1"),
        ([], HEADING, "needs at least 2 rows, got 0"),
        (
            [(*each, n) for n, each in enumerate(ROWS)],
            (*HEADING, "id"),
            "another value of 'id' in every row, so it is no decision; .* name it metric:id",
        ),
        ([*ROWS, ROWS[-1]], HEADING, r"the same network in rows 2 and 3; .* accuracy_2"),
        ([*ROWS[:-1], ROWS[-1][:-1]], HEADING, "has 8 columns, got 7 values in row 2"),
        (ROWS, (*HEADING[:-1], "act"), "a name for each column, none twice"),
        (*changed("accuracy", 93.1), r"93.1 as 'accuracy' in row 2, .* divide per cent by 100"),
        (*changed("accuracy", -0.1), r"as 'accuracy' in row 2, which is below 0"),
        (*changed("accuracy_2", "good"), "'good' as 'accuracy_2' in row 2, .* no finite number"),
        (*changed("accuracy_2", "nan"), "as 'accuracy_2' in row 2, which is no finite number"),
        (*changed("test_accuracy", ""), "no 'test_accuracy' in row 2; give all, or drop the"),
        (*changed("seconds", 0), "as 'seconds' in row 2, which is not above 0"),
        (*changed("act", ""), "'' for the decision 'act' in row 2; each network needs a choice"),
        (*changed("width", "inf"), "inf for the decision 'width' in row 2"),
    ],
)
def test_what_is_wrong_is_named_with_its_row(write, rows, heading, words):
    with pytest.raises(DataError, match=words):
        load(write(rows, heading))


def test_a_row_without_any_accuracy_is_named(write):
    rows, heading = without("accuracy_2")
    rows[-1] = (*rows[-1][:3], "", *rows[-1][4:])
    with pytest.raises(DataError, match="no accuracy in row 2; give one, or drop the row"):
        load(write(rows, heading))


def test_a_large_table_that_lacks_combinations_is_refused(write):
    rows = [(n % 100, n // 2, n % 99, 0.5 + n / 1000) for n in range(200)]
    words = "records 200 of the 990,000 combinations of its decisions; expected all"
    with pytest.raises(DataError, match=words):
        load(write(rows, ("a", "b", "c", "accuracy")))


def test_files_that_are_not_there_or_no_tables_are_named(tmp_path):
    assert not family("nothing.csv").is_installed()
    with pytest.raises(MissingDataError, match=r"there is no table nothing.csv; mind the folder"):
        load("nothing.csv")
    for name, kind in (("a.parquet", "Parquet"), ("a.csv", "a table")):
        (tmp_path / name).write_bytes(b"\xff\xfe\x00")
        with pytest.raises(DataError, match=f"cannot be read as {kind}"):
            load(str(tmp_path / name))
