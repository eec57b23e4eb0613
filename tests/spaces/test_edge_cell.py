"""Cells with one operation on each edge: what the spaces of such cells share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.spaces.cells import Role
from deltanas.spaces.edge_cell import EdgeCell

OPERATIONS, ROLES = ("a", "none", "skip"), (Role.LEARNED, Role.ZERO, Role.IDENTITY)
A, NONE, SKIP = range(3)
PLAIN = EdgeCell(OPERATIONS, ROLES, 3)
REDUCING = EdgeCell(OPERATIONS, ROLES, 3, at_input={"skip": Role.LEARNED})
CODES = st.lists(st.integers(0, 2), min_size=3, max_size=3)


def keys(cell, *codes):
    return cell.keys(np.array(codes, dtype=np.int32))


def test_decisions_and_size_of_a_cell_of_three_vertices():
    assert [each.name for each in PLAIN.decisions] == ["edge 0→1", "edge 0→2", "edge 1→2"]
    assert PLAIN.size == 27


def test_keys_worked_by_hand():
    # Edges 0→1, 0→2, 1→2: a behind a skip, or a before one, is one a; a is operation 0.
    assert keys(PLAIN, [SKIP, NONE, A], [A, NONE, SKIP], [A, NONE, NONE]) == [
        "1=0(x);1",
        "1=0(x);1",
        "0",
    ]
    # A skip from the input that has weights is operation 3: before a it stays, behind a it is none.
    found = keys(REDUCING, [SKIP, NONE, A], [A, NONE, SKIP], [SKIP, NONE, SKIP])
    assert found == ["1=3(x);2=0(1);2", "1=0(x);1", "1=3(x);1"]


def test_what_is_equal_with_weights_in_the_skips_is_equal_without():
    codes = np.array(np.meshgrid(*[range(3)] * 3)).reshape(3, -1).T.astype(np.int32)
    plain, reducing = PLAIN.keys(codes), REDUCING.keys(codes)
    assert len({*zip(plain, reducing, strict=True)}) == len({*reducing}) > len({*plain})


def test_features_worked_by_hand():
    # Dead: a on 0→1, because 1→2 lets nothing pass. Live: the skip 0→2.
    code = np.array([[A, SKIP, NONE]], dtype=np.int32)
    assert PLAIN.live(code).tolist() == [[NONE, SKIP, NONE]]
    plain = dict(zip(PLAIN.feature_names, PLAIN.features(code)[0], strict=True))
    assert {name for name, value in plain.items() if name.startswith("walks:") and value} == {
        "walks:"
    }
    reducing = dict(zip(REDUCING.feature_names, REDUCING.features(code)[0], strict=True))
    assert {name for name, value in reducing.items() if name.startswith("walks:") and value} == {
        "walks:skip of input"
    }


@pytest.mark.parametrize("cell", [PLAIN, REDUCING])
@given(one=CODES, other=CODES)
def test_equal_keys_have_equal_features(cell, one, other):
    codes = np.array([one, other], dtype=np.int32)
    first, second = cell.keys(codes)
    if first == second:
        np.testing.assert_array_equal(*cell.features(codes))


def test_codes_out_of_range_are_not_valid():
    codes = np.array([[0, 1, 2], [0, 3, 0], [-1, 0, 0]], dtype=np.int32)
    assert PLAIN.are_valid(codes).tolist() == [True, False, False]


def test_codes_are_left_as_they_are():
    codes = np.array([[SKIP, SKIP, SKIP]], dtype=np.int32)
    REDUCING.keys(codes)
    REDUCING.features(codes)
    assert codes.tolist() == [[SKIP, SKIP, SKIP]]
