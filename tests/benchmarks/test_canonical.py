import hashlib
import json
import math
import os

import numpy as np
import pytest

from deltanas.benchmarks import canonical
from deltanas.benchmarks.canonical import (
    Source,
    checksum,
    columns_of,
    described,
    read_table,
    write_table,
)
from deltanas.benchmarks.canonical_layout import Layout, amount, fraction, text, whole
from deltanas.errors import DataError, MissingDataError

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pq = pytest.importorskip("pyarrow.parquet")

SOURCE = Source("authors.pth", 1234, "ab" * 32, "the authors' file")


def complete(columns, file):
    if "b" not in columns["cell"].tolist():
        raise DataError(f"{file} should hold cell b, got none; get it anew")


LAYOUT = Layout(
    benchmark="small",
    file="small.parquet",
    columns=(
        text("cell", "the cell"),
        whole("seed", "of the training", most=999),
        fraction("accuracy", "at the end"),
        fraction("test", "at the end", optional=True),
        amount("seconds", "of training", unit="seconds", most=100.0),
    ),
    unique=("cell", "seed"),
    seeds="any",
    splits="validation and test",
    citation="Somebody, 2026",
    licence="MIT",
    complete=complete,
)
ROWS = {
    "cell": ["a", "a", "b"],
    "seed": [7, 8, 7],
    "accuracy": [0.5, 0.625, 0.75],
    "test": [None, 0.25, 0.375],
    "seconds": [1.5, 2.5, 3.5],
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path / "tables"))
    return tmp_path / "tables"


def columns(**changes):
    return columns_of(LAYOUT, ROWS | changes)


def test_what_was_written_is_read_with_what_it_tells(folder):
    path = write_table(LAYOUT, columns(), SOURCE)
    assert path == folder / "small.parquet"
    assert [each.name for each in folder.iterdir()] == ["small.parquet"]
    found = read_table(path, LAYOUT, thoroughly=True)
    assert found["cell"].tolist() == ["a", "a", "b"]
    assert found["seed"].tolist() == [7, 8, 7]
    assert found["accuracy"].tolist() == [0.5, 0.625, 0.75]
    assert np.ma.getmaskarray(found["test"]).tolist() == [True, False, False]
    assert found["test"].tolist() == [None, 0.25, 0.375]
    told = described(path)
    assert told["rows"] == 3
    assert told["units"] == {
        "cell": "-", "seed": "-", "accuracy": "fraction", "test": "fraction", "seconds": "seconds",
    }  # fmt: skip
    assert told["source"] == {
        "file": "authors.pth", "bytes": 1234, "sha256": "ab" * 32, "form": "the authors' file",
    }  # fmt: skip
    assert (told["seeds"], told["splits"]) == ("any", "validation and test")
    assert (told["citation"], told["licence"]) == ("Somebody, 2026", "MIT")


def test_a_checksum_worked_by_hand():
    one = Layout(**{name: getattr(LAYOUT, name) for name in LAYOUT.__slots__} | {
        "columns": (LAYOUT.columns[0], LAYOUT.columns[3])})  # fmt: skip
    found = columns_of(one, {"cell": ["a", "b"], "test": [None, 0.5]})
    digest = hashlib.sha256()
    # Nothing is missing: no bit of eight is set. Then the texts with lines between.
    digest.update(b"cell:text:2:" + b"\x00" + b"a\nb")
    # The first is missing: the highest bit is set. 0.5 is 3fe0000000000000, lowest byte first.
    digest.update(b"test:real:2:" + b"\x80" + bytes.fromhex("000000000000e03f"))
    assert checksum(one, found) == digest.hexdigest()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"accuracy": [0.5, 91.6, 0.75]}, ("'accuracy' from 0 to 1 (fraction), got 91.6, which "
         "looks like per cent, in row 1 (cell a, seed 8); get")),
        ({"accuracy": [0.5, 0.5, math.nan]}, "got nan in row 2 (cell b, seed 7)"),
        ({"accuracy": [math.inf, 0.5, 0.5]}, "got inf in row 0 (cell a, seed 7)"),
        ({"accuracy": [-0.125, 0.5, 0.5]}, "got -0.125 in row 0"),
        ({"test": [0.5, math.nan, 0.5]}, "'test' from 0 to 1 (fraction), got nan in row 1"),
        ({"seed": [7, 8, 1000]}, "'seed' from 0 to 999, got 1000 in row 2"),
        ({"seconds": [1.0, 2.0, 101.0]}, "'seconds' from 0 to 100 (seconds), got 101.0 in row 2"),
        ({"seconds": [1.0, None, 2.0]}, "'seconds' in every row, got nothing in row 1 (cell a, s"),
        ({"cell": ["a", "a", "c"]}, "should hold cell b, got none"),
        ({"seed": [7, 8]}, "columns of one length, got cell 3, seed 2, accuracy 3"),
        ({"cell": ["a", "b", "b"], "seed": [7, 7, 7]},
         "got row 2 (cell b, seed 7) again with another accuracy and test, first in row 1; get"),
        ({"seed": [7, 7, 7], "accuracy": [0.5] * 3, "test": [0.5] * 3},
         "got row 1 (cell a, seed 7) again with the same accuracies, first in row 0"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_not_written_and_the_row_is_named(changes, words, folder):
    with pytest.raises(DataError) as error:
        write_table(LAYOUT, columns(**changes), SOURCE)
    assert words in str(error.value)
    assert str(error.value).startswith("authors.pth should ")
    assert not folder.exists()


def test_an_empty_table_is_not_written():
    nothing = {name: [] for name in ROWS}
    with pytest.raises(DataError, match="authors.pth should hold trainings of small, got none"):
        write_table(LAYOUT, columns(**nothing), SOURCE)


def test_every_truncation_and_flipped_bit_is_refused():
    path = write_table(LAYOUT, columns(), SOURCE)
    whole_file = path.read_bytes()
    for length in range(0, len(whole_file), 97):
        path.write_bytes(whole_file[:length])
        with pytest.raises(DataError, match="that deltanas wrote, and cannot be read"):
            read_table(path, LAYOUT)
    found = read_altered(path, whole_file)
    # What describes the file, unlike values, is not under a checksum everywhere.
    assert found == [] or all(values == ROWS for values in found)


def read_altered(path, whole_file):
    """What is read of the file with one bit flipped, here and there, where it is read at all."""
    found = []
    for place in range(4, len(whole_file), 13):
        altered = bytearray(whole_file)
        altered[place] ^= 1 << place % 8
        path.write_bytes(altered)
        try:
            columns = read_table(path, LAYOUT, thoroughly=True)
        except DataError:
            continue
        found.append({name: values.tolist() for name, values in columns.items()})
    return found


def rewrite(path, *, values=None, metadata=None):
    """Alter a table by another programme, which leaves no broken checksums of pages."""
    table = pq.read_table(path)
    if values:
        index = table.schema.get_field_index("accuracy")
        table = table.set_column(index, "accuracy", [values])
    told = json.loads(table.schema.metadata[b"deltanas"])
    told.update(metadata or {})
    pq.write_table(table.replace_schema_metadata({b"deltanas": json.dumps(told)}), path)


def test_values_altered_by_another_programme_are_found():
    path = write_table(LAYOUT, columns(), SOURCE)
    rewrite(path, values=[0.5, 0.625, 0.875])
    assert read_table(path, LAYOUT)["accuracy"].tolist() == [0.5, 0.625, 0.875]
    with pytest.raises(
        DataError, match="with the checksum .*, which its metadata tell, got .*: it"
    ):
        read_table(path, LAYOUT, thoroughly=True)
    rewrite(path, values=[0.5, 0.625, 87.5])
    with pytest.raises(DataError, match="got 87.5, which looks like per cent, in row 2"):
        read_table(path, LAYOUT)


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"rows": 4}, "the 4 rows that its metadata tell, got 3"),
        ({"benchmark": "large"}, "the table of small in format 1, got 'large' in format 1"),
        ({"format": 9}, "got 'small' in format 9"),
    ],
)
def test_metadata_that_do_not_fit_are_refused(metadata, words):
    path = write_table(LAYOUT, columns(), SOURCE)
    rewrite(path, metadata=metadata)
    with pytest.raises(DataError, match=words):
        read_table(path, LAYOUT)


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "small.parquet"
    path.write_text("a text")
    with pytest.raises(
        DataError, match="small.parquet should be a Parquet table that deltanas wro"
    ):
        described(path)
    pq.write_table(pa.table({"cell": ["a"]}), path)
    with pytest.raises(
        DataError, match="under 'deltanas' in its metadata, got a Parquet table tha"
    ):
        described(path)
    told = json.dumps({"benchmark": "small", "format": 1, "rows": 1})
    pq.write_table(pa.table({"cell": ["a"]}).replace_schema_metadata({b"deltanas": told}), path)
    with pytest.raises(DataError, match="cannot be read"):
        read_table(path, LAYOUT)
    strange = {**{name: ["x", "x", "x"] for name in ROWS}}
    table = pa.table(strange).replace_schema_metadata({b"deltanas": told})
    pq.write_table(table, path)
    with pytest.raises(DataError, match="column 'seed' has the type string"):
        read_table(path, LAYOUT)
    with pytest.raises(DataError, match="cannot be read"):
        described(tmp_path / "none.parquet")


def test_a_place_that_cannot_be_written_is_told(folder, monkeypatch):
    folder.write_text("a file where the folder should be")
    with pytest.raises(DataError, match=r"should be written to .*; set DELTANAS_DATA to a folder"):
        write_table(LAYOUT, columns(), SOURCE)


def test_an_interrupted_write_leaves_the_old_table(monkeypatch, folder):
    path = write_table(LAYOUT, columns(), SOURCE)
    before = path.read_bytes()

    def full(*_, **__):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(DataError, match=r"cannot be \(No space left on device\)"):
        write_table(LAYOUT, columns(seconds=[9.0] * 3), SOURCE)
    assert path.read_bytes() == before
    assert [each.name for each in folder.iterdir()] == ["small.parquet"]


def test_without_pyarrow_the_command_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(canonical, "package_is_there", lambda _: False)
    with pytest.raises(MissingDataError, match=r"run `pip install 'deltanas\[data\]'`"):
        read_table(tmp_path / "small.parquet", LAYOUT)
