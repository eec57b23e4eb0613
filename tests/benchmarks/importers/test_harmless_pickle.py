import contextlib
import io
import os
import pickle
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.benchmarks.importers.harmless_pickle import read_harmless_pickle
from deltanas.errors import DataError, UnsafeDataError

VALUE = OrderedDict(
    {
        "12": {("cifar10", 777): {"acc": OrderedDict({0: 31.5, 11: np.float64(82.125)})}},
        "set": {1, 2},
        "f4": np.float32(0.375),
        "i8": np.int64(-7),
        "b": np.bool_(True),
        "array": np.array([[1.5, -2.5], [3.0, 4.0]]),
        "bytes": b"\x00\xff",
        "none": None,
    }
)
PLAIN = {
    "12": {("cifar10", 777): {"acc": {0: 31.5, 11: 82.125}}},
    "set": {1, 2},
    "f4": 0.375,
    "i8": -7,
    "b": True,
    "array": [1.5, -2.5, 3.0, 4.0],
    "bytes": b"\x00\xff",
    "none": None,
}


def read(data):
    return read_harmless_pickle(io.BytesIO(data), name="file.pth", remedy="get it anew")


@pytest.mark.parametrize("protocol", range(2, 5))
@pytest.mark.parametrize("numpy_1", [False, True])
def test_containers_and_numpys_numbers_are_read_as_plain_values(protocol, numpy_1):
    data = pickle.dumps(VALUE, protocol)
    if numpy_1 and protocol < 4:  # names with their length before them cannot just be replaced
        data = data.replace(b"numpy._core.", b"numpy.core.")
    found = read(data)
    assert found == PLAIN
    assert type(found) is dict
    assert type(found["12"]["cifar10", 777]["acc"][11]) is float
    assert isinstance(found["array"], list)


class Calls:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_file_that_calls_something_is_refused_and_nothing_is_called(tmp_path, protocol):
    trap = tmp_path / "sprung"
    with pytest.raises(UnsafeDataError, match="file.pth was refused, because reading it would run"):
        read(pickle.dumps({**VALUE, "x": Calls(os.mkdir, str(trap))}, protocol))
    assert not trap.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"cos\nsystem\n(S'touch sprung'\ntR.", "it names os.system"),
        (b"cbuiltins\neval\n.", "it names builtins.eval"),
        (b"ctorch._utils\n_rebuild_tensor_v2\n.", "it names torch._utils._rebuild_tensor_v2"),
        (b"Pelsewhere\n.", "it refers to objects outside of it"),
        (pickle.dumps(np.array(["a"], dtype=object)), "it holds numpy's type 'O8'"),
        (pickle.dumps(np.dtype(">f8"), 3), "it describes numpy's type as (3, '>'"),
        (pickle.dumps(np.dtype([("a", "f8")]), 3), "it holds numpy's type 'V8'"),
        # A method of what stands for an array, by the dotted names of protocol 4.
        (b"\x80\x04\x8c\x05numpy\x8c\x0dndarray.clear\x93.", "it names numpy.ndarray.clear"),
    ],
)
def test_other_names_are_refused(data, words):
    with pytest.raises(UnsafeDataError) as error:
        read(data)
    assert words in str(error.value)
    assert str(error.value).endswith("get it anew")


@pytest.mark.parametrize(
    "data",
    [
        b"ccollections\nOrderedDict\n)R}S'keys'\nI1\nsb.",  # attributes for a dict
        b"cnumpy\ndtype\n}S'x'\nI1\nsb.",
        b"cnumpy\ndtype\n(S'f8'\ntR}S'code'\nS'O'\nsb.",
        b"cnumpy.core.multiarray\nscalar\n(I1\nI2\ntR.",
        b"c_codecs\nencode\n(S'a'\nS'hex'\ntR.",
        b"I1\n)R.",  # a call of a number
    ],
)
def test_what_stands_for_names_cannot_be_altered_or_misused(data):
    with pytest.raises(DataError):
        read(data)


@given(st.data())
def test_every_truncation_and_alteration_is_read_or_an_error_of_ours(data):
    whole = bytearray(pickle.dumps(VALUE, 2))
    length = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(DataError, match="file.pth should be a complete pickle"):
        read(bytes(whole[:length]))
    place = data.draw(st.integers(0, len(whole) - 1))
    # Not the four-byte addresses, which may claim memory: see the module.
    byte = data.draw(st.integers(0, 255).filter(lambda each: each not in b"rj"))
    whole[place] = byte
    with contextlib.suppress(DataError):
        read(bytes(whole))


def test_one_value_after_the_other_is_read_from_a_stream():
    stream = io.BytesIO(pickle.dumps(1) + pickle.dumps({"a": 2.5}))
    assert read_harmless_pickle(stream, name="", remedy="") == 1
    assert read_harmless_pickle(stream, name="", remedy="") == {"a": 2.5}
