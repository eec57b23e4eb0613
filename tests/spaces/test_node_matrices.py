"""Adjacency matrices and operations of NAS-Bench-101, and what is said of those that are none."""

import numpy as np
import pytest

from deltanas.errors import ArchitectureError
from deltanas.seeds import generator
from deltanas.spaces import NasBench101

SPACE = NasBench101()
CONV, POINT, POOL = "conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"
CHAIN = [[0, 1, 0], [0, 0, 1], [0, 0, 0]]


def test_a_matrix_becomes_the_cell_that_it_shows():
    # 0→1, 0→2, 1→2, 2→3: the output, vertex 3, becomes vertex 6; vertices 3 to 5 are dead.
    matrix = [[0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]
    cell = SPACE.cell(matrix, [POOL, CONV])
    edges = {name for name, option in cell.items() if option is True}
    assert edges == {"0→1", "0→2", "1→2", "2→6"}
    assert (cell["vertex 1"], cell["vertex 2"]) == (POOL, CONV)
    assert SPACE.cell(np.array(matrix, dtype=float), ["input", POOL, CONV, "output"]) == cell
    assert SPACE.read(f"0110/0010/0001/0000:{POOL}/{CONV}") == cell


def test_the_text_of_a_cell_is_the_way_back():
    for cell in SPACE.sample(20, generator(0, "matrices")):
        assert SPACE.read(SPACE.write(cell)) == cell


@pytest.mark.parametrize(
    ("matrix", "operations", "words"),
    [
        ([[0, 1, 0], [0, 0, 1]], [CONV], "is square, with a row for each of 2 to 7 .*, got 2x3"),
        ([[0, 1], [0]], [], "got rows of different lengths; leave out"),
        ([[0]], [], "got 1x1"),
        ("01", [], "got a single value"),
        (np.triu(np.ones((8, 8)), 1), [CONV] * 6, "of 2 to 7 vertices, got 8x8; leave out"),
        ([[0, 2], [0, 0]], [], r"holds 0 \(no edge\) and 1 \(edge\), got 2 in row 0, column 1"),
        ([[0, 0.5], [0, 0]], [], "got 0.5 in row 0, column 1"),
        ([[0, np.nan], [0, 0]], [], "got nan in row 0, column 1"),
        ([["0", "1"], ["0", "0"]], [], "got '0' in row 0, column 0; write 1 where"),
        (
            [[0, 0, 1, 0], [0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0]],
            [CONV, POOL],
            r"of space 'nasbench101' is upper triangular, .* edge 2→1; .* order \[0, 2, 1, 3\]",
        ),
        (
            [[0, 1, 0, 0], [0, 0, 1, 0], [0, 1, 0, 1], [0, 0, 0, 0]],
            [CONV, POOL],
            "of space 'nasbench101' has no cycle, got one in which the edge 2→1 lies",
        ),
        ([[0, 1, 0], [0, 1, 1], [0, 0, 0]], [CONV], "has no cycle, got one in .* edge 1→1 lies"),
        ([[0, 1, 0], [0, 0, 0], [0, 1, 0]], [CONV], "the output, got an edge 2→1; no edge may"),
        ([[0, 1, 0], [0, 0, 0], [0, 0, 0]], [CONV], "path from its input, .* without one; add"),
        (
            np.triu(np.ones((5, 5), dtype=int), 1),
            [CONV] * 3,
            "at most 9 edges .* got 10 .*remove 1",
        ),
        (
            CHAIN,
            ["conv5x5"],
            "vertex 1 has an operation named 'conv5x5', .* conv3x3-bn-relu, conv1",
        ),
        (CHAIN, [], "needs the operations of its 1 interior vertices, got 0; name one"),
        (CHAIN, ["output", CONV, "input"], "of its 1 interior vertices, got 3"),
    ],
)
def test_a_matrix_that_is_no_cell_is_refused(matrix, operations, words):
    with pytest.raises(ArchitectureError, match=words):
        SPACE.cell(matrix, operations)


@pytest.mark.parametrize("text", ["", "a cell", "01", "01/00x:", "0 1/0 0:"])
def test_a_text_that_is_no_matrix_is_refused_with_an_example(text):
    with pytest.raises(ArchitectureError, match="like '011/001/000:conv3x3-bn-relu', got "):
        SPACE.read(text)


def test_choices_that_are_no_cell_are_refused_with_the_reason():
    choices = dict(SPACE.cell(CHAIN, [CONV])) | {"1→6": False}
    with pytest.raises(ArchitectureError, match="'nasbench101'; no path leads from its input to i"):
        SPACE.architecture(choices)
    # All edges among input, three vertices and the output: 10.
    joined = {f"{i}→{j}": True for j in (1, 2, 3, 6) for i in (0, 1, 2, 3) if i < j}
    with pytest.raises(ArchitectureError, match="; 10 edges lie on paths .*, at most 9 may; sampl"):
        SPACE.architecture(choices | joined)
