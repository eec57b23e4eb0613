"""What every encoding promises, as tests to inherit."""

from abc import ABC, abstractmethod

import numpy as np

from deltanas.encoding import Encoding
from deltanas.seeds import generator
from deltanas.spaces import Codes, NasBench201, SearchSpace


class EncodingContract(ABC):
    """The promises of `Encoding`, for pytest.

    Inherit and say how to make the encoding; every test runs on it:

        class TestMyEncoding(EncodingContract):
            def make_encoding(self, space: SearchSpace) -> Encoding:
                return MyEncoding(space)
    """

    architectures = 40
    """Architectures that a test encodes."""

    @abstractmethod
    def make_encoding(self, space: SearchSpace) -> Encoding:
        """A fresh encoding for the space."""

    def make_space(self) -> SearchSpace:
        """The space that is tested on."""
        return NasBench201()

    def codes(self, space: SearchSpace) -> Codes:
        """Architectures to encode."""
        return space.sample_codes(self.architectures, generator(3, "contract"))

    def test_one_finite_row_per_architecture_and_one_column_per_name(self) -> None:
        space = self.make_space()
        encoding = self.make_encoding(space)
        for codes in (self.codes(space), self.codes(space)[:1], self.codes(space)[:0]):
            encoded = encoding.encode(codes)
            assert encoded.shape == (len(codes), len(encoding.names)), "a row or column too many"
            assert np.isfinite(encoded).all(), "a number is not finite"

    def test_no_column_name_comes_twice(self) -> None:
        names = self.make_encoding(self.make_space()).names
        assert len(set(names)) == len(names), "a name twice"

    def test_a_row_does_not_depend_on_its_batch(self) -> None:
        space = self.make_space()
        encoding = self.make_encoding(space)
        codes = self.codes(space)
        whole = encoding.encode(codes)
        turned = encoding.encode(codes[::-1].copy())[::-1]
        np.testing.assert_array_equal(whole, turned, "depends on the order of the batch")
        alone = np.concatenate([encoding.encode(codes[row : row + 1]) for row in range(len(codes))])
        np.testing.assert_array_equal(whole, alone, "depends on the rest of the batch")

    def test_encoding_changes_nothing(self) -> None:
        space = self.make_space()
        encoding = self.make_encoding(space)
        codes = self.codes(space)
        given = codes.copy()
        first = encoding.encode(codes)
        np.testing.assert_array_equal(codes, given, "encode() changed its argument")
        np.testing.assert_array_equal(encoding.encode(codes), first, "encode() changed itself")
        again = self.make_encoding(space).encode(codes)
        np.testing.assert_array_equal(again, first, "two of the same differ")
