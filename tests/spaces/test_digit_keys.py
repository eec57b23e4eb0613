"""Codes as texts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deltanas.spaces import ABSENT
from deltanas.spaces.digit_keys import DIGITS, digit_keys

positions = st.integers(ABSENT, DIGITS - 1)
rows = st.integers(1, 6).flatmap(
    lambda width: st.lists(st.lists(positions, min_size=width, max_size=width), min_size=1)
)


def test_what_is_absent_is_a_dot() -> None:
    codes = np.array([[3, ABSENT, 9], [0, 1, 2]], dtype=np.int32)
    assert digit_keys(codes) == ["3.9", "012"]
    assert digit_keys(codes, "-") == ["3-.-9", "0-1-2"]


def test_no_code_has_no_key() -> None:
    assert digit_keys(np.zeros((0, 4), dtype=np.int32), "-") == []


@given(rows, st.sampled_from(["", "-"]))
def test_keys_are_the_digits_of_each_row_joined(codes: list[list[int]], between: str) -> None:
    expected = [between.join("." if o == ABSENT else str(o) for o in code) for code in codes]
    assert digit_keys(np.array(codes, dtype=np.int32), between) == expected
