"""Every encoding keeps the contract, and the contract notices when one does not."""

import numpy as np
import pytest

from deltanas.encoding import (
    Adjacency,
    Concatenation,
    Encoding,
    Features,
    OneHot,
    Ordinal,
    PathEncoding,
    everything,
)
from deltanas.spaces import BlockSpace
from deltanas.testing.encodings import EncodingContract


class TestOneHot(EncodingContract):
    def make_encoding(self, space):
        return OneHot(space)


class TestOneHotOfBlocks(TestOneHot):
    def make_space(self):
        return BlockSpace({"depth": [2, 4, 8], "norm": ["batch", "layer"]})


class TestOrdinal(EncodingContract):
    def make_encoding(self, space):
        return Ordinal(space)


class TestOrdinalOfBlocks(TestOrdinal):
    def make_space(self):
        return BlockSpace({"depth": [2, 4, 8], "norm": ["batch", "layer"]})


class TestAdjacency(EncodingContract):
    def make_encoding(self, space):
        return Adjacency(space)


class TestPathEncoding(EncodingContract):
    def make_encoding(self, space):
        return PathEncoding(space)


class TestFeatures(EncodingContract):
    def make_encoding(self, space):
        return Features(space)


class TestFeaturesOfASpaceWithoutAny(TestFeatures):
    def make_space(self):
        return BlockSpace({"depth": [2, 4, 8], "norm": ["batch", "layer"]})


class TestConcatenation(EncodingContract):
    def make_encoding(self, space):
        return Concatenation([Adjacency(space), PathEncoding(space, longest=2)])


class TestEverything(EncodingContract):
    def make_encoding(self, space):
        return everything(space)


class Plain(Encoding):
    """Keeps all promises, to be broken below."""

    names = ("a", "b")

    def encode(self, codes):
        return codes[:, :2].astype(float)


class Repeating(Plain):
    names = ("a", "a")


class Short(Plain):
    def encode(self, codes):
        return codes[:, :1].astype(float)


class Infinite(Plain):
    def encode(self, codes):
        return np.where(codes[:, :2] == 3, np.inf, 1.0)


class Centred(Plain):
    def encode(self, codes):
        encoded = codes[:, :2].astype(float)
        return encoded - encoded.sum(axis=0)


class Drifting(Plain):
    def __init__(self):
        self.asked = 0

    def encode(self, codes):
        self.asked += 1
        return codes[:, :2] + float(self.asked > 1)


class Overwriting(Plain):
    def encode(self, codes):
        codes[:, 0] = 1
        return codes[:, :2].astype(float)


@pytest.mark.parametrize(
    ("encoding", "promise"),
    [
        (Short, "test_one_finite_row_per_architecture_and_one_column_per_name"),
        (Infinite, "test_one_finite_row_per_architecture_and_one_column_per_name"),
        (Repeating, "test_no_column_name_comes_twice"),
        (Centred, "test_a_row_does_not_depend_on_its_batch"),
        (Drifting, "test_encoding_changes_nothing"),
        (Overwriting, "test_encoding_changes_nothing"),
    ],
)
def test_an_encoding_that_breaks_a_promise_is_found_out(encoding, promise):
    class Contract(EncodingContract):
        def make_encoding(self, space):
            del space
            return encoding()

    with pytest.raises(AssertionError):
        getattr(Contract(), promise)()


def test_an_encoding_that_keeps_its_promises_passes():
    class Contract(EncodingContract):
        def make_encoding(self, space):
            del space
            return Plain()

    promises = [name for name in dir(Contract) if name.startswith("test_")]
    for name in promises:
        getattr(Contract(), name)()
    assert len(promises) == 4
