"""Ordinal: worked by hand; who has a column; the order is that of numbers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deltanas.encoding import Ordinal
from deltanas.spaces import ABSENT, BlockSpace

SPACE = BlockSpace(
    {
        "width": [64, 16, 128, 32],
        "norm": ["batch", "layer", "none"],
        "ratio": [2, 3.5],
        "switch": [False, True, 7],
        "depth": [2, 4, 8],
    }
)


def test_reference_value_worked_by_hand():
    # width 64 is the third of 16, 32, 64, 128: -1 + 2 * 2/3. depth 4 is in the middle.
    encoded = Ordinal(SPACE).encode(np.array([[0, 1, 0, 2, 1], [1, 0, 1, 0, 2]], dtype=np.int32))
    np.testing.assert_allclose(encoded, [[1 / 3, 0.0], [-1.0, 1.0]])


def test_only_three_or_more_numbers_have_an_order():
    assert Ordinal(SPACE).names == ("width", "depth")
    assert Ordinal(BlockSpace({"norm": ["a", "b", "c"]})).names == ()


def test_an_absent_decision_is_in_the_middle():
    code = np.array([[ABSENT, 0, 0, 0, 0]], dtype=np.int32)
    assert Ordinal(SPACE).encode(code).tolist() == [[0.0, -1.0]]


@given(st.lists(st.integers(-50, 50), min_size=3, max_size=7, unique=True))
def test_columns_rise_with_the_numbers(numbers):
    space = BlockSpace({"quantity": numbers})
    encoded = Ordinal(space).encode(np.arange(len(numbers), dtype=np.int32)[:, None])[:, 0]
    steps = np.diff(encoded[np.argsort(numbers)])
    np.testing.assert_allclose(steps, 2 / (len(numbers) - 1))
