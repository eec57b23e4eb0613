import contextlib
import copy
import os
import pickle
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.benchmarks.plain_pickle import LARGEST_BYTES, read_plain_pickle
from deltanas.errors import DataError, UnsafeDataError

TABLE = {"001234": {"val_acc": [91.5, 90.25], "note": "ok", "id": 7, "t": (1, None, True)}}


@pytest.fixture
def read(tmp_path):
    def write_and_read(data):
        path = tmp_path / "table.pkl"
        path.write_bytes(data)
        return read_plain_pickle(path, remedy="get it anew")

    return write_and_read


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_values_are_read(read, protocol):
    assert read(pickle.dumps(TABLE, protocol)) == TABLE


class Calls:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_that_calls_something_is_refused_and_nothing_is_called(read, tmp_path, protocol):
    trap = tmp_path / "sprung"
    table = {**TABLE, "extra": Calls(os.mkdir, str(trap))}
    with pytest.raises(
        UnsafeDataError, match="refused, because reading it would run code"
    ) as error:
        read(pickle.dumps(table, protocol))
    assert "get it anew" in str(error.value)
    assert not trap.exists()


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps(Calls(print, 1)),
        pickle.dumps(complex(1, 2)),
        b"cos\nsystem\n.",
        b"\x80\x02\x82\x01.",  # a name from the registry of extensions
        b"Pelsewhere\n.",  # an object outside of the pickle
        b"\x80\x04\x8c\x02elQ.",
        b"(dp0\nV1\nc__builtin__\neval\ns.",
        b"\x80\x05\x97.",  # a buffer that is not in the file
    ],
)
def test_names_extensions_and_outside_objects_are_refused(read, data):
    with pytest.raises(UnsafeDataError, match="would run code"):
        read(data)


def test_a_huge_address_is_refused_before_memory_is_claimed(read):
    for address in (b"r" + struct.pack("<I", 2**31 - 1), b"p2147483647\n"):
        with pytest.raises(DataError, match="claims memory for 2147483647 values"):
            read(b"\x80\x02}" + address + b".")


@given(st.data())
def test_every_truncation_is_an_error_of_ours(tmp_path_factory, data):
    whole = pickle.dumps(TABLE)
    length = data.draw(st.integers(0, len(whole) - 1))
    path = tmp_path_factory.mktemp("cut") / "table.pkl"
    path.write_bytes(whole[:length])
    with pytest.raises(DataError, match=f"truncated or no table, {length} bytes long"):
        read_plain_pickle(path, remedy="get it anew")


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused_with_an_error_of_ours(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / "table.pkl"
    path.write_bytes(data)
    with contextlib.suppress(DataError):
        read_plain_pickle(path, remedy="get it anew")


@given(st.integers(0, len(pickle.dumps(TABLE)) - 1), st.integers(0, 255))
def test_any_altered_byte_is_read_or_refused_with_an_error_of_ours(tmp_path_factory, place, byte):
    data = bytearray(pickle.dumps(TABLE))
    data[place] = byte
    path = tmp_path_factory.mktemp("altered") / "table.pkl"
    path.write_bytes(data)
    with contextlib.suppress(DataError):
        read_plain_pickle(path, remedy="get it anew")


NUMBERS = {7: {"para": np.float64(1.375), "perf": 0.5}, 8: {"para": np.float64(-2e-300)}}


@pytest.fixture
def read_numbers(tmp_path):
    def write_and_read(data):
        path = tmp_path / "numbers.pkl"
        path.write_bytes(data)
        return read_plain_pickle(path, remedy="get it anew", numpy=True)

    return write_and_read


def old(value):
    """As numpy 1 wrote it, in the protocol of the published tables."""
    return pickle.dumps(value, 3).replace(b"numpy._core.", b"numpy.core.")


@pytest.mark.parametrize("write", [old, lambda value: pickle.dumps(value, 3)])
def test_numbers_of_numpy_are_read_as_floats(read_numbers, write):
    found = read_numbers(write(NUMBERS))
    assert found == {7: {"para": 1.375, "perf": 0.5}, 8: {"para": -2e-300}}
    assert type(found[7]["para"]) is float


def test_numbers_of_numpy_are_refused_where_none_are_expected(read):
    with pytest.raises(
        UnsafeDataError, match=r"the instruction GLOBAL 'numpy\.core\.multiarray sc"
    ):
        read(old(NUMBERS))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": np.float32(1)}, "it holds numbers of type 'f4'"),
        ({"a": np.int64(1)}, "it holds numbers of type 'i8'"),
        (
            {"a": np.dtype(">f8").type(1), "b": np.dtype(">f8")},
            "describes numbers as (3, '>', None",
        ),
        ({"a": np.zeros(2)}, "the instruction GLOBAL 'numpy.core.multiarray _reconstruct'"),
        ({"a": Calls(os.mkdir, "sprung")}, "the instruction GLOBAL 'posix mkdir'"),
        ({"a": Calls(copy.copy, 1)}, "the instruction GLOBAL 'copy copy'"),
    ],
)
def test_other_calls_are_refused_beside_numbers_of_numpy(read_numbers, value, words):
    with pytest.raises(UnsafeDataError) as error:
        read_numbers(old(value))
    assert words in str(error.value)


@pytest.mark.parametrize(
    "data",
    [
        b"cnumpy\ndtype\n}S'x'\nI1\nsb.",  # attributes for what stands for numpy's name
        b"\x80\x03cnumpy\ndtype\nN}X\x01\x00\x00\x00xK\x01s\x86b.",
        b"\x80\x03}}X\x01\x00\x00\x00xK\x01sb.",
        b"\x80\x03K\x01)R.",  # a call of a number
        b"\x80\x03cnumpy.core.multiarray\nscalar\nK\x01C\x08abcdefgh\x86R.",
    ],
)
def test_what_stands_for_numpy_cannot_be_altered_or_misused(read_numbers, data):
    with pytest.raises(DataError):
        read_numbers(data)


@given(st.integers(0, len(old(NUMBERS)) - 1), st.integers(0, 255))
def test_altered_numbers_are_read_or_refused_with_an_error_of_ours(tmp_path_factory, place, byte):
    data = bytearray(old(NUMBERS))
    data[place] = byte
    path = tmp_path_factory.mktemp("altered") / "numbers.pkl"
    path.write_bytes(data)
    with contextlib.suppress(DataError):
        read_plain_pickle(path, remedy="get it anew", numpy=True)


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_plain_pickle(tmp_path / "none.pkl", remedy="get it anew")
    with pytest.raises(DataError, match=r"cannot be read \(Is a directory\); get it anew"):
        read_plain_pickle(tmp_path, remedy="get it anew")


def test_a_file_that_is_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "large.pkl"
    with path.open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)
    with pytest.raises(DataError, match="has 64 MiB, expected at most 64"):
        read_plain_pickle(path, remedy="get it anew")
