"""Adjacency and paths of NAS-Bench-201 cells, worked by hand; spaces that have none."""

import itertools

import numpy as np
import pytest

from deltanas.encoding import Adjacency, EdgeCells, PathEncoding
from deltanas.errors import EncodingError
from deltanas.spaces import BlockSpace, NasBench201
from deltanas.spaces.nasbench201 import OPERATIONS, ROLES

SPACE = NasBench201()
BLOCKS = BlockSpace({"depth": [2, 4, 8]})
# Edges 0→1, 0→2, 1→2, 0→3, 1→3, 2→3.
CELL = np.array([[2, 0, 3, 1, 4, 0]], dtype=np.int32)


def ones(encoding, codes):
    row = encoding.encode(codes)[0]
    return {name for name, value in zip(encoding.names, row, strict=True) if value}


def test_nasbench201_says_what_its_cells_are():
    assert isinstance(SPACE, EdgeCells)
    assert not isinstance(BLOCKS, EdgeCells)
    assert (SPACE.vertices, SPACE.operations, SPACE.roles) == (4, OPERATIONS, ROLES)


def test_adjacency_worked_by_hand():
    # Edges 0→2 and 2→3 carry `none`, so they are not there.
    assert ones(Adjacency(SPACE), CELL) == {
        *("edge 0→1 is there", "edge 0→1 is nor_conv_1x1"),
        *("edge 1→2 is there", "edge 1→2 is nor_conv_3x3"),
        *("edge 0→3 is there", "edge 0→3 is skip_connect"),
        *("edge 1→3 is there", "edge 1→3 is avg_pool_3x3"),
    }
    assert Adjacency(SPACE).encode(CELL).shape == (1, 6 + 6 * 4)


def test_paths_worked_by_hand():
    # 0→3; 0→1→3; 0→2→3; 0→1→2→3.
    assert ones(PathEncoding(SPACE), CELL) == {
        "path skip_connect",
        "path nor_conv_1x1 → avg_pool_3x3",
        "path none → none",
        "path nor_conv_1x1 → nor_conv_3x3 → none",
    }


def test_paths_have_the_155_columns_of_the_literature():
    # White et al. 2020: 5 + 5^2 + 5^3.
    assert len(PathEncoding(SPACE).names) == 155
    assert len(PathEncoding(SPACE, longest=2).names) == 5 + 25
    assert PathEncoding(SPACE, longest=9).names == PathEncoding(SPACE).names


def test_paths_agree_with_walking_every_cell():
    names = PathEncoding(SPACE).names
    codes = SPACE.sample_codes(200, np.random.default_rng(4))
    encoded = PathEncoding(SPACE).encode(codes)
    for row, code in zip(encoded, codes.tolist(), strict=True):
        on = dict(zip([(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)], code, strict=True))
        walked = set()
        for size in range(3):
            for between in itertools.combinations((1, 2), size):
                stops = (0, *between, 3)
                words = [OPERATIONS[on[step]] for step in itertools.pairwise(stops)]
                walked.add("path " + " → ".join(words))
        assert {name for name, value in zip(names, row, strict=True) if value} == walked


def test_the_truncated_encoding_is_the_beginning_of_the_whole_one():
    codes = SPACE.sample_codes(20, np.random.default_rng(4))
    short, whole = PathEncoding(SPACE, longest=2), PathEncoding(SPACE)
    np.testing.assert_array_equal(short.encode(codes), whole.encode(codes)[:, :30])


@pytest.mark.parametrize("encoding", [Adjacency, PathEncoding])
def test_a_space_without_cells_is_refused(encoding):
    with pytest.raises(EncodingError, match=r"edges of a cell.*got 'blocks'.*use OneHot"):
        encoding(BLOCKS)


def test_a_space_with_the_wrong_number_of_edges_is_refused():
    class Odd(type(BLOCKS).__mro__[1]):
        vertices, operations, roles = 4, OPERATIONS, ROLES

        def __init__(self):
            super().__init__("odd", BLOCKS.decisions, size=3)

        are_valid = keys = sample_codes = features = None

    with pytest.raises(EncodingError, match="expects 6 decisions for a cell of 4 vertices, got 1"):
        PathEncoding(Odd())


@pytest.mark.parametrize("longest", [0, -2])
def test_paths_without_an_operation_are_refused(longest):
    with pytest.raises(EncodingError, match=rf"at least 1 operation, got longest={longest}"):
        PathEncoding(SPACE, longest=longest)
