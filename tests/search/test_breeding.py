import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.search.breeding import POOL, distinct, new_children
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, Some
from tests.spaces.conditional import gpt


@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 999)), min_size=1, max_size=30))
def test_distinct_rows_come_as_numpy_orders_them(rows):
    codes = np.array(rows, dtype=np.int32)
    assert distinct(codes).tolist() == np.unique(codes, axis=0).tolist()


def test_of_no_rows_none_are_distinct():
    assert distinct(np.zeros((0, 3), dtype=np.int32)).shape == (0, 3)


def test_in_a_small_space_all_new_children_are_there():
    space = BlockSpace({"a": (1, 2, 3), "b": (1, 2)})
    parents = np.array([[0, 0], [1, 0]], dtype=np.int32)
    children = new_children(space, parents, {"0-0", "2-0"}, generator(0, "breed"))
    # Of the first: 1-0, 2-0 (seen), 0-1. Of the second: 0-0 (seen), 2-0 (seen), 1-1.
    assert children.tolist() == [[0, 1], [1, 0], [1, 1]]


def test_in_a_large_space_only_some_are_made():
    space = BlockSpace({f"d{place}": (1, 2, 3) for place in range(600)})
    parents = space.sample_codes(4, generator(0, "parents"))
    first, again = (new_children(space, parents, set(), generator(1, "breed")) for _ in range(2))
    assert 0.9 * POOL < len(first) <= POOL
    assert (first == again).all()
    assert (first != new_children(space, parents, set(), generator(2, "breed"))[: len(first)]).any()


@pytest.mark.parametrize("space", [gpt(), BlockSpace({"a": (1, 2, 3), "b": (1, 2)})])
def test_some_children_are_among_all_children(space):
    parents = space.sample_codes(3, generator(0, "parents"))
    rows, children = space.children(parents)
    some_rows, some = space.children(parents, Some(5, generator(1, "some")))
    everything = {(row, *code) for row, code in zip(rows.tolist(), children.tolist(), strict=True)}
    chosen = {(row, *code) for row, code in zip(some_rows.tolist(), some.tolist(), strict=True)}
    assert chosen <= everything
    assert 0 < len({(row, *code) for row, *code in chosen}) <= 5 * 3
