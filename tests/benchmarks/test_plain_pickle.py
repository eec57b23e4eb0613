import contextlib
import os
import pickle
import struct

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
