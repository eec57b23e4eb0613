"""Totals of options that several decisions have in common."""

import numpy as np
import pytest

from deltanas.encoding import Totals
from deltanas.spaces import BlockSpace

OPERATIONS = ["conv", "pool", "none"]
SPACE = BlockSpace(
    {
        "op 1": OPERATIONS,
        "depth": [1, 2, 4],
        "op 2": OPERATIONS,
        "activation": ["relu", "gelu"],
        "last": OPERATIONS,
    }
)


def test_options_are_counted_over_the_decisions_that_have_them():
    totals = Totals(SPACE)
    assert totals.names == tuple(f"totals:{each} in op 1 and 2 more" for each in OPERATIONS)
    codes = np.array([[0, 2, 0, 1, 2], [1, 0, 1, 0, 1]], dtype=np.int32)
    assert totals.encode(codes).tolist() == [[2, 0, 1], [0, 3, 0]]


def test_one_edit_moves_one_from_one_count_to_another():
    totals = Totals(SPACE)
    codes = SPACE.sample_codes(20, np.random.default_rng(0))
    after = codes.copy()
    after[:, 2] = (after[:, 2] + 1) % 3
    change = totals.encode(after) - totals.encode(codes)
    assert np.sort(change, axis=1).tolist() == [[-1, 0, 1]] * 20


def test_absent_decisions_choose_nothing():
    options = {"layers": [1, 2, 3], **{f"op {i}": OPERATIONS for i in (1, 2, 3)}}
    exist = {f"op {i}": f"layers >= {i}" for i in (2, 3)}
    space = BlockSpace(options, conditions=exist)
    codes = space.sample_codes(50, np.random.default_rng(0))
    assert Totals(space).encode(codes).sum(axis=1).tolist() == (codes[:, 0] + 1).tolist()


@pytest.mark.parametrize(
    "options",
    [
        {f"flag {i}": [False, True] for i in range(4)},
        {"op 1": OPERATIONS, "op 2": OPERATIONS},
    ],
    ids=["flags", "two"],
)
def test_there_are_no_columns_where_there_is_nothing_to_count(options):
    space = BlockSpace(options)
    assert Totals(space).names == ()
    assert Totals(space).encode(space.sample_codes(3, np.random.default_rng(0))).shape == (3, 0)


def test_two_sets_of_options_may_share_a_word():
    space = BlockSpace(
        {
            **{f"op {i}": OPERATIONS for i in range(3)},
            **{f"norm {i}": ["batch", "none"] for i in range(3)},
        }
    )
    names = Totals(space).names
    assert len(set(names)) == len(names) == 5


def test_numbers_of_one_thing_are_averaged_by_their_places():
    widths = {f"width {i}": [16, 64, 32, 128, 256] for i in (1, 2, 3)}
    heads = {f"heads {i}": [16, 64, 32, 128, 256] for i in (1, 2)}
    space = BlockSpace({**widths, **heads})
    totals = Totals(space)
    assert totals.names == ("totals:width 1 and more",)
    codes = np.array([[0, 0, 0, 4, 4], [1, 3, 4, 0, 0], [2, 2, 2, 1, 1]], dtype=np.int32)
    assert totals.encode(codes).ravel() == pytest.approx([-1, (0 + 0.5 + 1) / 3, -0.5])
    assert Totals(space, numbers=False).names == ()


def test_pairs_of_numbers_are_counted_where_they_are_of_one_thing():
    ratios, strides = ({f"{name} {i}": [2, 4] for i in (1, 2, 3)} for name in ("ratio", "stride"))
    words = list(Totals(BlockSpace({**ratios, **strides})).names)
    assert words == [
        f"totals:{each} in {name} 1 and 2 more" for name in ("ratio", "stride") for each in (2, 4)
    ]
