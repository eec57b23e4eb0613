"""The canonical form against brute force: all renumberings of small cells, tried one by one."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.spaces import ABSENT, CellSpace, canonical
from deltanas.spaces.canonical import canonical as canonical_form
from deltanas.spaces.cell_graphs import CellGraphs, CellLayout


def living(matrix):
    """Vertices on a path from the first to the last one, by following edges."""
    count = len(matrix)
    ahead, back = {0}, {count - 1}
    for _ in range(count):
        ahead |= {j for i in ahead for j in range(count) if matrix[i][j]}
        back |= {i for j in back for i in range(count) if matrix[i][j]}
    return sorted(ahead & back)


def smallest_picture(matrix, labels):
    """The smallest adjacency matrix and labels over all orders of the living interior vertices."""
    first, *inner, last = living(matrix)
    pictures = []
    for order in itertools.permutations(inner):
        whole = [first, *order, last]
        rows = tuple(tuple(matrix[i][j] for j in whole) for i in whole)
        pictures.append((rows, tuple(labels[vertex] for vertex in order)))
    return min(pictures)


def by_brute_force(space, codes):
    graphs = CellLayout(space.nodes, on_nodes=space.on == "nodes").graphs(codes)
    return [
        smallest_picture(matrix, labels)
        for matrix, labels in zip(graphs.arcs.tolist(), graphs.labels.tolist(), strict=True)
    ]


def assert_same_classes(one, other):
    assert len(set(one)) == len(set(other)) == len(set(zip(one, other, strict=True)))


SMALL = [
    CellSpace(2, ["a", "b", "c"]),
    CellSpace(3, ["a", "b"]),
    CellSpace(2, ["a", "b", "c"], on="edges"),
    CellSpace(3, ["a"], on="edges"),
]


def name(space):
    return f"{space.nodes} {space.on}"


@pytest.mark.parametrize("space", SMALL, ids=name)
def test_keys_are_equal_exactly_for_isomorphic_cells(space):
    codes = space.all_codes()
    assert_same_classes(space.keys(codes), by_brute_force(space, codes))


@pytest.mark.parametrize("space", SMALL[1:3], ids=name)
def test_they_are_exact_even_if_colours_say_nothing(space, monkeypatch):
    # Then every order is found by search, and no luck of the numbers can help.
    monkeypatch.setattr(
        canonical, "_colours", lambda cells: np.zeros(cells.labels.shape, np.uint64)
    )
    codes = space.all_codes()[::7]
    assert_same_classes(space.keys(codes), by_brute_force(space, codes))


def test_the_number_of_networks_is_that_of_nasbench101():
    # Ying et al. 2019 count 1, 6, 84 and 2,441 cells of 2, 3, 4 and 5 vertices, 9 edges at most.
    assert len(set(SMALL[0].keys(SMALL[0].all_codes()))) == 1 + 6 + 84
    space = CellSpace(3, ["a", "b", "c"], max_edges=9)
    assert len(set(space.keys(space.all_codes()))) == 1 + 6 + 84 + 2_441


@st.composite
def cells(draw, on_nodes):
    """Interior vertices, a code that joins input and output, and a wish how to renumber it."""
    nodes = draw(st.integers(4, 6))
    pairs = (nodes + 2) * (nodes + 1) // 2
    code = draw(st.lists(st.integers(0, 1 if on_nodes else 2), min_size=pairs, max_size=pairs))
    code[pairs - nodes - 1] = 1  # 0 → output
    code += draw(st.lists(st.integers(0, 1), min_size=nodes, max_size=nodes)) if on_nodes else []
    return nodes, code, draw(st.permutations(range(1, nodes + 1)))


def pruned_cell(nodes, code, *, on_nodes):
    graphs = CellLayout(nodes, on_nodes=on_nodes).graphs(np.array([code], dtype=np.int32))
    assert graphs.arcs[0, 0, -1]
    return graphs.pruned()


def in_some_order(graphs, wish):
    """The cell with its vertices in another order in which edges still lead upwards."""
    order, left = [0], list(wish)
    while left:
        free = [v for v in left if not any(graphs.arcs[0, u, v] for u in left)]
        order.append(free[0])
        left.remove(free[0])
    return graphs.reordered(np.array([[*order, len(wish) + 1]]))


@pytest.mark.parametrize("on_nodes", [True, False])
@given(data=st.data())
def test_renumbering_vertices_changes_nothing(on_nodes, data):
    nodes, code, wish = data.draw(cells(on_nodes))
    pruned = pruned_cell(nodes, code, on_nodes=on_nodes)
    other = in_some_order(pruned, wish)
    form, again = canonical_form(pruned), canonical_form(other)
    assert np.array_equal(form.arcs, again.arcs)
    assert np.array_equal(form.labels, again.labels)


@pytest.mark.parametrize("on_nodes", [True, False])
@given(data=st.data())
def test_the_canonical_cell_is_a_renumbering_of_the_cell(on_nodes, data):
    nodes, code, _ = data.draw(cells(on_nodes))
    pruned = pruned_cell(nodes, code, on_nodes=on_nodes)
    form = canonical_form(pruned)
    assert not np.tril(form.arcs[0]).any()
    alive = np.flatnonzero(form.live[0])
    # Dead vertices stand together before the output.
    assert alive.tolist() == [*range(len(alive) - 1), nodes + 1]
    pictures = [
        smallest_picture(each.arcs[0].tolist(), each.labels[0].tolist()) for each in (pruned, form)
    ]
    assert pictures[0] == pictures[1]


def graph(vertices, arcs):
    matrix = np.zeros((1, vertices, vertices), dtype=np.int32)
    for source, target in arcs:
        matrix[0, source, target] = 1
    return CellGraphs(matrix, np.zeros((1, vertices), dtype=np.int32)).pruned()


def test_symmetric_cells_do_not_take_for_ever():
    # Ten equal chains of two vertices: 10! orders agree with all colours.
    chains = [(0, v) for v in range(1, 11)] + [(v, v + 10) for v in range(1, 11)]
    chains += [(v, 21) for v in range(11, 21)]
    shuffled = [(0, v) for v in range(1, 11)] + [(v, 21 - v) for v in range(1, 11)]
    shuffled += [(v, 21) for v in range(11, 21)]
    one, other = (canonical_form(graph(22, arcs)) for arcs in (chains, shuffled))
    assert np.array_equal(one.arcs, other.arcs)


def test_cells_that_colours_cannot_tell_apart_are_told_apart():
    # Two layers of six: one ring of twelve, or two rings of six. Each vertex sees the same.
    def rings(partner):
        arcs = [(0, v) for v in range(1, 7)] + [(v, 13) for v in range(7, 13)]
        return graph(14, arcs + [(v, 7 + w) for v in range(1, 7) for w in partner(v - 1)])

    one = canonical_form(rings(lambda v: (v, (v + 1) % 6)))
    two = canonical_form(rings(lambda v: (v, v // 3 * 3 + (v + 1) % 3)))
    # The same two rings of six, with every second vertex in the first of them.
    again = canonical_form(rings(lambda v: (v, (v + 2) % 6)))
    assert not np.array_equal(one.arcs, two.arcs)
    assert np.array_equal(two.arcs, again.arcs)


def test_vertices_that_only_look_alike_are_all_tried():
    # Two layers of seven: a ring of six and a ring of eight, in either order. Every vertex of a
    # layer sees the same, but those of the two rings are not interchangeable.
    def rings(*sizes):
        arcs = [(0, v) for v in range(1, 8)] + [(v, 15) for v in range(8, 15)]
        first = 0
        for size in sizes:
            for v in range(size):
                arcs += [(1 + first + v, 8 + first + w) for w in (v, (v + 1) % size)]
            first += size
        return canonical_form(graph(16, arcs))

    assert np.array_equal(rings(3, 4).arcs, rings(4, 3).arcs)


def test_keys_are_what_stores_hold():
    # A change of these breaks stored studies.
    nodes = CellSpace(5, ["a", "b", "c"])
    edges = CellSpace(3, ["a", "b", "c"], on="edges")
    found = [
        nodes.read("c(0); a(0); b(1+2); a(1); c(); 2+3").key,
        nodes.read("a(0); b(0); b(); c(2); a(1+4); 1+5").key,
        edges.read("b(0); a(0)+c(1); a(1); b(2)+b(3)").key,
    ]
    assert found == [
        "0(0);2(0);1(1+2);1+3",
        "1(0);0(0);2(1);0(2+3);2+4",
        "2(0);1(1);1(0)+3(1);2(2)+2(3)",
    ]


def test_dead_vertices_have_no_label_and_no_edges():
    space = CellSpace(3, ["a", "b"])
    # Vertex 2 leads nowhere, vertex 3 is not reached: only 0 → 1 → 4 counts.
    code = np.array([space.read("b(0); a(0+1); a(); 1+3").code], dtype=np.int32)
    form = canonical_form(CellLayout(3, on_nodes=True).graphs(code).pruned())
    assert form.labels.tolist() == [[0, 1, ABSENT, ABSENT, 0]]
    assert np.argwhere(form.arcs[0]).tolist() == [[0, 1], [1, 4]]


@pytest.mark.data
def test_all_cells_of_nasbench101_are_told_apart(data_folder):
    table = np.load(data_folder / "nb101.npz")
    counts, bits, ops = (table[name].astype(np.int64) for name in ("n_vertices", "bits", "ops"))
    arcs = np.zeros((len(counts), 7, 7), dtype=np.int32)
    labels = np.zeros((len(counts), 7), dtype=np.int32)
    for count in range(2, 8):
        rows = np.flatnonzero(counts == count)
        for place, (i, j) in enumerate(itertools.combinations(range(count), 2)):
            arcs[rows, i, 6 if j == count - 1 else j] = bits[rows] >> place & 1
        for vertex in range(1, count - 1):
            labels[rows, vertex] = ops[rows] // 3 ** (vertex - 1) % 3
    form = canonical_form(CellGraphs(arcs, labels).pruned())
    flat = np.concatenate([form.arcs.reshape(-1, 49), form.labels], axis=1).astype(np.int8)
    assert len({row.tobytes() for row in flat}) == len(counts) == 423_624
