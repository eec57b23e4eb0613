import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deltanas.spaces.node_graphs import pairs, prune

NONE = np.zeros((3, 1), dtype=np.int64)
"""Labels of three interior vertices of one cell."""


def edges_of(cells, vertices=5):
    """One column for each cell, given as the edges that are there."""
    found = [[pair in cell for cell in cells] for pair in pairs(vertices)]
    return np.array(found, dtype=bool)


def test_pairs_are_the_rows_of_the_upper_triangle():
    assert pairs(4) == ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))


def test_pruning_worked_by_hand():
    # Vertex 2 is not reached, vertex 3 leads nowhere; 0→1→4 and 0→4 are left.
    cell = {(0, 1), (1, 4), (0, 4), (2, 4), (0, 3), (1, 3)}
    live = prune(edges_of([cell]), NONE)
    assert live.vertices[:, 0].tolist() == [True, True, False, False, True]
    assert {pair for pair, row in zip(live.pairs, live.edges, strict=True) if row[0]} == {
        (0, 1),
        (1, 4),
        (0, 4),
    }
    assert live.in_degrees[:, 0].tolist() == [0, 1, 0, 0, 2]
    assert live.out_degrees[:, 0].tolist() == [2, 1, 0, 0, 0]


def test_nothing_is_live_where_the_output_is_not_reached():
    live = prune(edges_of([{(0, 1), (1, 2), (3, 4)}, {(0, 4)}]), np.repeat(NONE, 2, axis=1))
    assert not live.vertices[:, 0].any()
    assert not live.edges[:, 0].any()
    assert live.vertices[:, 1].tolist() == [True, False, False, False, True]
    assert live.take(np.array([1])).edges.sum() == 1


@given(st.lists(st.integers(0, 2**10 - 1), min_size=1, max_size=8))
def test_an_edge_is_live_exactly_if_a_path_goes_over_it(numbers):
    cells = [{pair for bit, pair in enumerate(pairs(5)) if number >> bit & 1} for number in numbers]
    live = prune(edges_of(cells), np.repeat(NONE, len(cells), axis=1))
    for column, cell in enumerate(cells):
        walked = set()
        for size in range(4):
            for inside in itertools.combinations((1, 2, 3), size):
                steps = set(itertools.pairwise((0, *inside, 4)))
                walked |= steps if steps <= cell else set()
        found = {p for p, row in zip(live.pairs, live.edges, strict=True) if row[column]}
        assert found == walked
        assert set(np.flatnonzero(live.vertices[:, column]).tolist()) == {
            vertex for pair in walked for vertex in pair
        }
