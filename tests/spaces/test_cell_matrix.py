"""Cells from matrices and back, and what is said of matrices that are none."""

import numpy as np
import pytest

from deltanas.errors import ArchitectureError
from deltanas.seeds import generator
from deltanas.spaces import CellSpace, NasBench201

NODES = CellSpace(3, ["conv", "pool"], max_edges=5)
EDGES = CellSpace(2, ["conv", "pool"], on="edges", name="sums")
SIZES = CellSpace(2, [3, 1], on="edges")


def test_a_matrix_becomes_the_cell_that_it_shows():
    # 0→1, 0→2, 1→3, 2→3, 3→4.
    matrix = [
        [0, 1, 1, 0, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0],
    ]
    cell = NODES.cell(matrix, ["conv", "pool", "conv"])
    assert NODES.write(cell) == "conv(0); pool(0); conv(1+2); 3"
    assert NODES.cell(np.array(matrix, dtype=bool), ("conv", "pool", "conv")) == cell
    assert NODES.cell(np.array(matrix, dtype=float), np.array(["conv", "pool", "conv"])) == cell


def test_entries_are_operations_where_they_stand_on_edges():
    by_name = [[0, "conv", None, 0], [0, 0, "none", "pool"], [0, 0, 0, "conv"], [0] * 4]
    cell = EDGES.cell(by_name)
    assert EDGES.write(cell) == "conv(0); -; pool(1)+conv(2)"
    by_position = [[0, 1, 0, 0], [0, 0, 0, 2], [0, 0, 0, 1], [0, 0, 0, 0]]
    assert EDGES.cell(by_position, EDGES.operations) == cell


def test_numbers_are_operations_before_they_are_positions():
    matrix = [[0, 1, 0, 3], [0, 0, 0, 3], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert SIZES.write(SIZES.cell(matrix)) == "1(0); -; 3(0)+3(1)"
    positions = [[0, 1, 0, 2], [0, 0, 0, 2], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert SIZES.write(SIZES.cell(positions, ["none", 3, 1])) == "3(0); -; 1(0)+1(1)"


def test_a_smaller_matrix_leaves_vertices_out():
    cell = NODES.cell([[0, 1, 1], [0, 0, 1], [0, 0, 0]], ["pool"])
    assert NODES.write(cell) == "pool(0); conv(); conv(); 0+1"
    assert NODES.write(NODES.cell([[0, 1], [0, 0]])) == "conv(); conv(); conv(); 0"


@pytest.mark.parametrize("space", [NODES, EDGES, SIZES, CellSpace(6, list("abc"), on="edges")])
def test_the_matrix_is_the_way_back(space):
    for architecture in space.sample(30, generator(0, "matrix")):
        assert space.cell(*space.matrix(architecture, pruned=False)) == architecture
        assert space.cell(*space.matrix(architecture)).key == architecture.key


def test_the_matrix_leaves_out_what_is_dead():
    # Vertex 1 leads nowhere and vertex 3 is not reached.
    matrix, operations = NODES.matrix(NODES.read("conv(0); pool(0); conv(); 2+3"))
    assert matrix.tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 0]]
    assert operations == ("pool",)
    matrix, operations = EDGES.matrix(EDGES.read("conv(0); -; pool(0)+pool(2)"))
    assert matrix.tolist() == [[0, 2], [0, 0]]
    assert operations == ("none", "conv", "pool")


def test_only_cells_have_a_matrix():
    space = NasBench201()
    (architecture,) = space.sample(1, generator(0, "matrix"))
    with pytest.raises(ArchitectureError, match="expected a cell, .* CellSpace, got Architecture"):
        CellSpace.matrix(architecture)


CHAIN = [[0, 1, 0], [0, 0, 1], [0, 0, 0]]


@pytest.mark.parametrize(
    ("matrix", "operations", "words"),
    [
        ([[0, 1, 0], [0, 0, 1]], ["conv"], r"is a square matrix .*, got shape \(2, 3\); entry"),
        ([[0, 1], [0]], [], r"is a square matrix .*, got shape \(2,\)"),
        ([[0]], [], r"got shape \(1, 1\)"),
        ("01", [], r"got shape \(\)"),
        (np.zeros((6, 6)), ["conv"] * 4, "at most 5 vertices, .* a matrix of 6; .* nodes=4"),
        ([[0, 0.5], [0, 0]], [], r"is 1 \(edge\) or 0 \(no edge\), got 0.5 from vertex 0 to 1"),
        ([[0, 2], [0, 0]], [], "got 2 from vertex 0 to 1; operations stand on vertices here"),
        ([[0, np.nan], [0, 0]], [], "got nan from vertex 0 to 1"),
        ([[0, "1"], [0, 0]], [], "got '1' from vertex 0 to 1"),
        (
            [[0, 1, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0]],
            ["conv"] * 2,
            r"is upper triangular.*, got an edge 2→1; .*, so put the .* order \[0, 2, 1, 3\]",
        ),
        (
            [[0, 1, 0, 0], [0, 0, 1, 0], [0, 1, 0, 1], [0, 0, 0, 0]],
            ["conv"] * 2,
            "has no cycle, got one in which the edge 2→1 lies",
        ),
        ([[0, 1], [0, 1]], [], "has no cycle, got one in which the edge 1→1 lies"),
        (
            [[0, 1, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]],
            ["conv"] * 2,
            "the last vertex, 3, the output, got an edge 3→2; no edge may",
        ),
        ([[0, 1, 0], [0, 0, 0], [0, 0, 0]], ["conv"], "without a path from vertex 0 to the last"),
        (
            np.triu(np.ones((4, 4), dtype=int), 1),
            ["conv", "pool"],
            "has at most 5 edges on paths from input to output, got 6; leave some out",
        ),
        (CHAIN, ["conv7x7"], "vertex 1 of a cell .* cannot do 'conv7x7'; .* 'conv', 'pool'"),
        (CHAIN, [["conv"]], r"vertex 1 of a cell .* cannot do \['conv'\]"),
        (CHAIN, [], "of 3 vertices of space 'cell' needs 1 operations, .*, got 0; give them in"),
        (CHAIN, ["input", "conv", "output"], "needs 1 operations, .*, got 3"),
        (CHAIN, "conv", r"are a list, got 'conv'; give \['conv'\] for one"),
        (CHAIN, None, "needs 1 operations, .*, got 0"),
    ],
)
def test_a_matrix_that_is_no_cell_is_refused(matrix, operations, words):
    with pytest.raises(ArchitectureError, match=words):
        NODES.cell(matrix, operations)


@pytest.mark.parametrize(
    ("entry", "operations", "words"),
    [
        ("conv7x7", None, "is the operation on an edge, .*, got 'conv7x7' from vertex 0 to 1; its"),
        (1, None, "got 1 from vertex 0 to 1; its operations are 'none', 'conv', 'pool'"),
        (3, ["none", "conv", "pool"], "got 3 from vertex 0 to 1"),
        (True, ["none", "conv", "pool"], "got True from vertex 0 to 1"),
        (1, ["none", "conv7x7"], "got 1 from vertex 0 to 1"),
    ],
)
def test_an_unknown_operation_on_an_edge_is_refused(entry, operations, words):
    with pytest.raises(ArchitectureError, match=words):
        EDGES.cell([[0, entry], [0, 0]], operations)


def test_a_cell_that_the_users_rule_refuses_is_refused():
    space = CellSpace(3, ["conv", "pool"], valid=lambda cell: "pool" in cell.values())
    with pytest.raises(ArchitectureError, match=r"valid of space 'cell' refuses .* '0\(0\);1'"):
        space.cell(CHAIN, ["conv"])
