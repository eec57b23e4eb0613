"""One-hot: worked by hand, absent decisions, one column per option."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deltanas.encoding import OneHot
from deltanas.spaces import ABSENT, BlockSpace

SPACE = BlockSpace({"depth": [2, 4, 8], "norm": ["batch", "layer"]})


def test_reference_value_worked_by_hand():
    # depth=8 is the third of three options, norm=batch the first of two.
    encoded = OneHot(SPACE).encode(np.array([[2, 0]], dtype=np.int32))
    assert encoded.tolist() == [[0, 0, 1, 1, 0]]
    assert OneHot(SPACE).names[2:4] == ("depth=8", "norm=batch")


def test_an_absent_decision_is_all_zeros():
    encoded = OneHot(SPACE).encode(np.array([[ABSENT, 1]], dtype=np.int32))
    assert encoded.tolist() == [[0, 0, 0, 0, 1]]


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_it_can_be_read_back(counts, seed):
    space = BlockSpace({f"decision {i}": range(count) for i, count in enumerate(counts)})
    codes = space.sample_codes(7, np.random.default_rng(seed))
    columns = np.split(OneHot(space).encode(codes), np.cumsum(counts)[:-1], axis=1)
    assert all((part.sum(axis=1) == 1).all() for part in columns)
    read = np.stack([part.argmax(axis=1) for part in columns], axis=1)
    np.testing.assert_array_equal(read, codes)
