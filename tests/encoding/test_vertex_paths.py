"""Paths of cells with operations on vertices: by hand, and against following the edges."""

import numpy as np
import pytest

from deltanas.encoding import VertexPaths
from deltanas.errors import EncodingError
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, CellSpace, NasBench101
from deltanas.testing.encodings import EncodingContract

SPACE = CellSpace(4, ["conv", "pool"])


class TestVertexPaths(EncodingContract):
    def make_space(self):
        return SPACE

    def make_encoding(self, space):
        return VertexPaths(space)


def ones(encoding, code):
    row = encoding.encode(np.array([code], dtype=np.int32))[0]
    return {name for name, value in zip(encoding.names, row, strict=True) if value}


def test_paths_worked_by_hand():
    # 0-5; 0-1-5; 0-1-2-5; 0-2-5. Vertices 3 and 4 are dead.
    cell = SPACE.read("conv(0); pool(0+1); conv(2); pool(); 0+1+2")
    assert ones(VertexPaths(SPACE), cell.code) == {
        *("path", "path → conv", "path → pool", "path → conv → pool"),
    }
    assert ones(VertexPaths(SPACE, longest=1), cell.code) == {"path", "path → conv", "path → pool"}


def test_columns_equal_following_the_edges():
    encoding = VertexPaths(SPACE)
    for cell in SPACE.sample(20, generator(2, "cells")):
        found, unfinished = set(), [(0, ("path",))]
        while unfinished:
            vertex, words = unfinished.pop()
            if vertex == 5:
                found.add(" → ".join(words))
                continue
            unfinished += [
                (target, (*words, str(cell[f"vertex {target}"])) if target < 5 else words)
                for target in range(vertex + 1, 6)
                if cell[f"{vertex}→{target}"]
            ]
        assert ones(encoding, cell.code) == found


def test_nasbench101_has_364_columns_and_large_cells_are_cut_off():
    assert len(VertexPaths(NasBench101()).names) == 1 + 3 + 9 + 27 + 81 + 243
    # 20 vertices: paths through up to 2 of them have 1 + 5 + 25 sequences and 211 ways; one
    # more would be 1,140 ways and still few enough, four would be 4,845.
    assert len(VertexPaths(CellSpace(20, list("abcde"))).names) == 1 + 5 + 25 + 125


def test_what_has_no_operations_on_vertices_is_refused():
    with pytest.raises(EncodingError, match="VertexPaths needs a space of cells"):
        VertexPaths(BlockSpace({"a": [1, 2]}))
    with pytest.raises(EncodingError, match="cells with operations on vertices, got longest=None"):
        VertexPaths(CellSpace(2, ["a"], on="edges"))
    with pytest.raises(EncodingError, match="got longest=-1 for space 'cell'"):
        VertexPaths(SPACE, longest=-1)
