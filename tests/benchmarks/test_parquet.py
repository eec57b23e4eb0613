"""Parquet tables that users bring: what is not one is refused, never a traceback of pyarrow."""

import pytest

from deltanas.benchmarks.parquet import read_columns
from deltanas.errors import DataError

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path))
    path = tmp_path / "cells.parquet"
    pq.write_table(pa.table({"code": ["00", "01"] * 40, "score": [0.25, None] * 40}), path)
    return path


@pytest.mark.usefixtures("path")
def test_columns_are_read_in_the_order_that_is_asked_for():
    score, code = read_columns("cells.parquet", ["score", "code"])
    assert (score[:2], code[:2]) == ([0.25, None], ["00", "01"])


@pytest.mark.usefixtures("path")
def test_a_table_without_the_column_is_refused():
    words = r"cells.parquet should be a Parquet table with the columns code, other, and cannot .*"
    with pytest.raises(DataError, match=words):
        read_columns("cells.parquet", ["code", "other"])


def test_a_truncated_table_and_another_file_are_refused(path):
    whole = path.read_bytes()
    others = [whole[:length] for length in range(0, len(whole), 50)]
    for data in (*others, b"a,b\n1,2\n", b"PAR1" * 20):
        path.write_bytes(data)
        with pytest.raises(DataError, match=r"and cannot be read \(.*\); get the file anew"):
            read_columns("cells.parquet", ["code", "score"])
