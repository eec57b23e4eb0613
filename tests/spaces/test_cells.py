import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.spaces.cells import Role, edges, expression, live_codes, paths
from deltanas.spaces.nasbench201 import ROLES

# Edges 0→1, 0→2, 1→2, 0→3, 1→3, 2→3; operations
# 0 none, 1 skip, 2 and 3 convolutions of size 1 and 3, 4 average pooling.

EDGES_OF_5 = edges(5)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        # Nothing reaches the output.
        ((0, 0, 0, 0, 0, 0), "0"),
        # A convolution to a vertex that leads nowhere.
        ((3, 0, 0, 0, 0, 0), "0"),
        # Only 0→3; what comes out of vertices 1 and 2 is dropped on the last edges.
        ((3, 2, 4, 3, 0, 0), "1=3(x);1"),
        # Identities add up: v1 = x, v2 = x + x, v3 = x + x + x + x.
        ((1, 1, 1, 1, 1, 1), "x+x+x+x"),
        # v1 = conv(x), v2 = v1, v3 = v1 + v2: one convolution used twice.
        ((3, 0, 1, 0, 1, 1), "1=3(x);1+1"),
        # v1 = conv(x), v2 = conv'(x), v3 = v1 + v2: two convolutions with weights of their own.
        ((3, 3, 0, 0, 1, 1), "1=3(x);2=3(x);1+2"),
        # v1 = x, v2 = x + x, v3 = conv(v2): the sum stays inside.
        ((1, 1, 1, 0, 0, 2), "1=2(x+x);1"),
        # v1 = conv3(x), v2 = conv1(v1), v3 = v2: the inner one is numbered first.
        ((3, 0, 2, 0, 0, 1), "1=3(x);2=2(1);2"),
        # v1 = conv(x), v2 = pool(v1), v3 = v1 + v2.
        ((3, 0, 4, 0, 1, 1), "1=3(x);1+4(1)"),
        # v1 = x, v2 = conv(x) + x, v3 = pool(v2) = pool(conv(x)) + pool(x).
        ((1, 3, 1, 0, 0, 4), "1=3(x);4(1)+4(x)"),
        # Pooling twice, and a convolution of a pooled input.
        ((4, 0, 4, 3, 0, 3), "1=3(x);2=3(4(4(x)));1+2"),
    ],
)
def test_expression_worked_by_hand(code, expected):
    assert expression(code, ROLES, 4) == expected


def test_pooling_a_sum_is_the_sum_of_the_pooled():
    # pool(conv(x) + x) on the last edge, against pool(x) and pool(conv(x)) on two edges.
    assert expression((1, 3, 1, 0, 0, 4), ROLES, 4) == expression((4, 3, 0, 0, 1, 4), ROLES, 4)


def test_a_convolution_of_a_sum_is_not_the_sum_of_convolutions():
    assert expression((1, 4, 1, 0, 0, 3), ROLES, 4) != expression((3, 4, 0, 0, 1, 3), ROLES, 4)


def test_two_operations_of_one_kind_are_told_apart():
    assert expression((0, 0, 0, 2, 0, 0), ROLES, 4) != expression((0, 0, 0, 3, 0, 0), ROLES, 4)


def test_operations_change_their_numbers_with_their_positions():
    roles = (Role.LEARNED, Role.ZERO)
    assert expression((1, 1, 1, 0, 1, 1), roles, 4) == "1=0(x);1"


@st.composite
def relabelled_cells(draw):
    """Two codes of one 5-vertex cell whose inner vertices are ordered in two ways."""
    order = (0, *draw(st.permutations((1, 2, 3))), 4)
    code = {}
    for source, target in EDGES_OF_5:
        forward = order[source] < order[target]
        code[source, target] = draw(st.integers(0, 4)) if forward else 0
    other = {(order[i], order[j]): operation for (i, j), operation in code.items() if operation}
    return [code[edge] for edge in EDGES_OF_5], [other.get(edge, 0) for edge in EDGES_OF_5]


@given(relabelled_cells())
def test_expression_does_not_depend_on_the_order_of_inner_vertices(pair):
    code, other = pair
    assert expression(code, ROLES, 5) == expression(other, ROLES, 5)


@given(st.lists(st.integers(0, 4), min_size=6, max_size=6), st.integers(1, 4))
def test_operations_on_dead_edges_leave_no_trace(code, operation):
    codes = np.array([code], dtype=np.int32)
    dead = live_codes(codes, 0, 4)[0] == 0
    changed = np.where(dead & (codes[0] != 0), operation, codes[0])
    assert expression(changed.tolist(), ROLES, 4) == expression(code, ROLES, 4)


def test_live_codes_worked_by_hand():
    # 0→1 leads to 1, from which nothing leads on; 1→2 carries nothing then.
    # 2→3 is fed by 0→2 and lives.
    codes = np.array([[3, 2, 0, 0, 0, 4], [0, 0, 3, 0, 3, 3], [3, 0, 3, 1, 0, 1]], dtype=np.int32)
    live = [[0, 2, 0, 0, 0, 4], [0, 0, 0, 0, 0, 0], [3, 0, 3, 1, 0, 1]]
    assert live_codes(codes, 0, 4).tolist() == live


def test_an_edge_lives_exactly_if_a_path_of_passing_edges_holds_it():
    codes = np.array(list(itertools.product((0, 3), repeat=6)), dtype=np.int32)
    live = live_codes(codes, 0, 4)
    for code, found in zip(codes, live, strict=True):
        on_path = {edge for path in paths(4) if all(code[list(path)]) for edge in path}
        assert {edge for edge in range(6) if found[edge]} == on_path


def test_paths_of_four_vertices():
    # 0→3; 0→1→3; 0→2→3; 0→1→2→3, as positions in the order of edges.
    assert paths(4) == ((3,), (0, 4), (1, 5), (0, 2, 5))
