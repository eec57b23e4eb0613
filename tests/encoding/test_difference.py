"""The DoA encoding: sparse, antisymmetric, and few different ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltanas.encoding import (
    DifferenceOfArchitectures,
    OneHot,
    PathEncoding,
    difference,
    everything,
    one_edit_differences,
)
from deltanas.errors import ShapeError
from deltanas.spaces import BlockSpace, NasBench201

BLOCKS = BlockSpace({"depth": [2, 4, 8], "norm": ["batch", "layer"], "width": [16, 32, 64, 128]})
LARGE = BlockSpace({f"decision {i}": range(5) for i in range(200)})
CELLS = NasBench201()
seeds = st.integers(0, 2**32 - 1)


def pairs(space, seed, n=12):
    rng = np.random.default_rng(seed)
    return space.sample_codes(n, rng), space.sample_codes(n, rng)


def test_reference_value_worked_by_hand():
    # depth 2 -> 8 goes from column 0 to column 2; norm and width stay.
    before = np.array([[0, 1, 3]], dtype=np.int32)
    after = np.array([[2, 1, 3]], dtype=np.int32)
    doa = DifferenceOfArchitectures(OneHot(BLOCKS))
    assert doa.encode(before, after).toarray().tolist() == [[-1, 0, 1, 0, 0, 0, 0, 0, 0]]
    assert doa.names == OneHot(BLOCKS).names


@settings(max_examples=20)
@given(seeds)
def test_it_is_the_difference_of_the_two_encodings(seed):
    before, after = pairs(CELLS, seed)
    encoding = everything(CELLS)
    expected = encoding.encode(after) - encoding.encode(before)
    found = DifferenceOfArchitectures(encoding).encode(before, after)
    np.testing.assert_array_equal(found.toarray(), expected)


@settings(max_examples=20)
@given(seeds)
def test_swapping_flips_every_sign_and_nothing_differs_from_itself(seed):
    before, after = pairs(CELLS, seed)
    doa = DifferenceOfArchitectures(everything(CELLS))
    there, back = doa.encode(before, after), doa.encode(after, before)
    np.testing.assert_array_equal(there.toarray(), -back.toarray())
    assert doa.encode(before, before).nnz == 0


@settings(max_examples=20)
@given(seeds)
def test_one_edit_has_two_non_zeros_however_large_the_space(seed):
    parents = LARGE.sample_codes(1, np.random.default_rng(seed))
    rows, children = LARGE.children(parents)
    rows, children = rows[::37], children[::37]
    doa = DifferenceOfArchitectures(OneHot(LARGE)).encode(parents[rows], children)
    assert np.all(np.diff(doa.indptr) == 2)


def test_one_edit_of_a_cell_changes_at_most_two_numbers_for_each_path_through_it():
    # Edge 0→1 lies on two of the four paths, 0→3 on one: at most 4 numbers.
    parents = CELLS.sample_codes(50, np.random.default_rng(2))
    rows, children = CELLS.children(parents)
    doa = DifferenceOfArchitectures(PathEncoding(CELLS)).encode(parents[rows], children)
    assert np.diff(doa.indptr).max() == 4


def test_many_pairs_are_encoded_a_block_at_a_time(monkeypatch):
    before, after = pairs(BLOCKS, 7, n=11)
    doa = DifferenceOfArchitectures(OneHot(BLOCKS))
    whole = doa.encode(before, after).toarray()
    monkeypatch.setattr(difference, "ROWS", 4)
    np.testing.assert_array_equal(doa.encode(before, after).toarray(), whole)
    assert doa.encode(before[:0], after[:0]).shape == (0, 9)


def test_arrays_that_do_not_belong_together_are_refused():
    before, after = pairs(BLOCKS, 7)
    doa = DifferenceOfArchitectures(OneHot(BLOCKS))
    with pytest.raises(ShapeError, match=r"one shape.*before of shape \(12, 3\).*after.*\(11, 3\)"):
        doa.encode(before, after[:-1])
    with pytest.raises(ShapeError, match="row i of both is pair i"):
        doa.encode(before[0], after[0])


def test_one_edit_differences_by_enumeration():
    # 3 x 2 + 2 x 1 + 4 x 3 ordered exchanges.
    assert one_edit_differences(BLOCKS) == 20
    codes = BLOCKS.all_codes()
    rows, children = BLOCKS.children(codes)
    doa = DifferenceOfArchitectures(OneHot(BLOCKS)).encode(codes[rows], children)
    assert len(np.unique(doa.toarray(), axis=0)) == 20
    assert len(codes) == 24
