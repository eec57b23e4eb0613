"""The DoA data set: which pairs there are, and splits that leak nothing."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltanas.encoding import OneHot
from deltanas.errors import PairsError, ShapeError
from deltanas.pairs import Pairs, pairs_of, similar
from deltanas.records import Evaluation, History, Proposal, Status, Trial
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, NasBench201

BLOCKS = BlockSpace({"depth": [2, 4, 8], "norm": ["batch", "layer"], "width": [16, 32]})
CELLS = NasBench201()
CODES = np.array([[0, 1, 1], [2, 1, 1], [2, 0, 1], [1, 0, 0]], dtype=np.int32)
ACCURACIES = np.array([0.61, 0.67, 0.66, 0.72])
seeds = st.integers(0, 2**32 - 1)


def cells(n, seed=1):
    rng = generator(seed, "cells")
    codes = CELLS.sample_codes(n, rng)
    return codes, rng.normal(0.7, 0.05, size=n)


def ends(pairs):
    return list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))


def by_keys(pairs):
    names = [(pairs.keys[i], pairs.keys[j]) for i, j in ends(pairs)]
    return dict(zip(names, pairs.distance.tolist(), strict=True))


def test_reference_value_worked_by_hand():
    # Rows 0 and 1 differ in depth, 1 and 2 in norm; 2 and 3 in depth and width.
    pairs = pairs_of(BLOCKS, CODES, ACCURACIES, edits=1)
    assert ends(pairs) == [(0, 1), (1, 2)]
    assert pairs.distance.tolist() == [1, 1]
    np.testing.assert_allclose(pairs.deltas, [0.06, -0.01], atol=1e-12)
    assert len(pairs) == 2


def test_more_edits_give_more_pairs():
    # 0-2 and 2-3 differ in two decisions, 0-3 and 1-3 in three.
    pairs = pairs_of(BLOCKS, CODES, ACCURACIES, edits=2)
    assert ends(pairs) == [(0, 1), (0, 2), (1, 2), (2, 3)]
    assert pairs.distance.tolist() == [1, 2, 1, 2]
    assert len(pairs_of(BLOCKS, CODES, ACCURACIES, edits=3)) == 6


def test_within_takes_the_near_ones_out():
    everything = pairs_of(BLOCKS, CODES, ACCURACIES, edits=3)
    near, direct = everything.within(1), pairs_of(BLOCKS, CODES, ACCURACIES, edits=1)
    assert ends(near) == ends(direct)
    assert near.keys == everything.keys


def test_before_and_after_are_the_two_codes():
    pairs = pairs_of(BLOCKS, CODES, ACCURACIES, edits=1)
    assert pairs.before.tolist() == [[0, 1, 1], [2, 1, 1]]
    assert pairs.after.tolist() == [[2, 1, 1], [2, 0, 1]]


def test_both_encodings_and_both_accuracies_of_every_pair():
    encoded = pairs_of(BLOCKS, CODES, ACCURACIES, edits=1).encode(OneHot(BLOCKS))
    assert encoded.before.tolist() == [[1, 0, 0, 0, 1, 0, 1], [0, 0, 1, 0, 1, 0, 1]]
    assert encoded.after.tolist() == [[0, 0, 1, 0, 1, 0, 1], [0, 0, 1, 1, 0, 0, 1]]
    assert encoded.accuracy_before.tolist() == [0.61, 0.67]
    assert encoded.accuracy_after.tolist() == [0.67, 0.66]


def test_one_network_evaluated_twice_counts_once_with_its_mean():
    codes = np.concatenate([CODES, CODES[1:2]])
    accuracies = np.append(ACCURACIES, 0.71)
    pairs = pairs_of(BLOCKS, codes, accuracies, edits=1)
    # (0.67 + 0.71) / 2
    np.testing.assert_allclose(pairs.accuracies, [0.61, 0.69, 0.66, 0.72])
    assert ends(pairs) == [(0, 1), (1, 2)]
    assert pairs.codes.tolist() == CODES.tolist()


def test_functionally_equal_cells_are_one_network_and_never_a_pair():
    # Nothing reaches vertex 2 of the first two: what stands on edge 2→3 does not matter.
    dead = [[2, 0, 0, 1, 3, 3], [2, 0, 0, 1, 3, 4]]
    codes = np.array([*dead, [3, 0, 0, 1, 3, 4]], dtype=np.int32)
    pairs = pairs_of(CELLS, codes, np.array([0.5, 0.7, 0.9]), edits=6)
    assert len(pairs.keys) == 2
    assert ends(pairs) == [(0, 1)]
    np.testing.assert_allclose(pairs.accuracies, [0.6, 0.9])
    # The third differs from the first in edges 0→1 and 2→3, from the second in 0→1 only.
    assert pairs.distance.tolist() == [1]
    assert pairs.codes.tolist() == [dead[0], [3, 0, 0, 1, 3, 4]]


@settings(max_examples=50)
@given(seeds, st.integers(1, 6), st.sampled_from([1, 50, 2_000_000]))
def test_all_pairs_are_found_whatever_the_size_of_a_block(seed, edits, cells_at_a_time):
    codes, accuracies = cells(25, seed)
    codes[5:8] = codes[3]
    codes[9:12, 1:5] = 0
    keys = CELLS.keys(codes)
    order = list(dict.fromkeys(keys))
    expected = {}
    for i, j in itertools.combinations(range(len(codes)), 2):
        one, other = sorted((order.index(keys[i]), order.index(keys[j])))
        distance = int(np.sum(codes[i] != codes[j]))
        if one != other and distance <= edits:
            expected[one, other] = min(distance, expected.get((one, other), 99))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similar, "CELLS", cells_at_a_time)
        pairs = pairs_of(CELLS, codes, accuracies, edits=edits)
    assert dict(zip(ends(pairs), pairs.distance.tolist(), strict=True)) == expected
    assert ends(pairs) == sorted(expected)


def test_a_history_gives_its_finished_trials():
    trials = []
    statuses = [Status.FINISHED, Status.FAILED, None, Status.FINISHED]
    for number, (architecture, status) in enumerate(
        zip(BLOCKS.from_codes(CODES), statuses, strict=True)
    ):
        accuracy = 0.6 + number / 100 if status is Status.FINISHED else None
        done = None if status is None else Evaluation(number, status, accuracy)
        trials.append(Trial(Proposal(number, architecture), done))
    pairs = Pairs.from_history(BLOCKS, History(trials), edits=3)
    assert pairs.codes.tolist() == [[0, 1, 1], [1, 0, 0]]
    assert pairs.accuracies.tolist() == [0.6, 0.63]
    assert ends(pairs) == [(0, 1)]
    with pytest.raises(PairsError, match=r"trials of space 'nasbench201', got trial 0"):
        Pairs.from_history(CELLS, History(trials))


def test_an_empty_history_has_no_pairs():
    pairs = Pairs.from_history(BLOCKS, History(), edits=2)
    assert len(pairs) == 0
    assert pairs.codes.shape == (0, 3)


@settings(max_examples=30)
@given(seeds, st.floats(0.1, 0.9))
def test_a_split_shares_no_network_and_keeps_every_pair_inside(seed, fraction):
    codes, accuracies = cells(30)
    pairs = pairs_of(CELLS, codes, accuracies, edits=6)
    train, held_out = pairs.split(fraction, np.random.default_rng(seed))
    assert not set(train.keys) & set(held_out.keys)
    assert set(train.keys) | set(held_out.keys) == set(pairs.keys)
    assert len(held_out.keys) == max(1, round(fraction * len(pairs.keys)))
    accuracy = dict(zip(pairs.keys, pairs.accuracies, strict=True))
    distance = by_keys(pairs)
    for side in (train, held_out):
        # All pairs were there, so all pairs of a side still are.
        assert len(side) == len(side.keys) * (len(side.keys) - 1) // 2
        assert [accuracy[key] for key in side.keys] == side.accuracies.tolist()
        assert CELLS.keys(side.codes) == list(side.keys)
        assert by_keys(side).items() <= distance.items()


def test_a_split_by_hand_renumbers_what_is_kept():
    pairs = pairs_of(BLOCKS, CODES, ACCURACIES, edits=2)
    kept = pairs.among(np.array([False, True, True, True]))
    assert ends(kept) == [(0, 1), (1, 2)]
    np.testing.assert_allclose(kept.deltas, [-0.01, 0.06], atol=1e-12)


def test_equal_generators_give_equal_splits():
    pairs = pairs_of(CELLS, *cells(30), edits=6)
    first, second = (pairs.split(0.3, np.random.default_rng(4))[1].keys for _ in range(2))
    assert first == second
    assert first != pairs.split(0.3, np.random.default_rng(5))[1].keys


def test_every_network_is_held_out_in_exactly_one_fold():
    pairs = pairs_of(CELLS, *cells(30), edits=6)
    folds = pairs.folds(4, np.random.default_rng(4))
    held_out = [key for _, side in folds for key in side.keys]
    assert sorted(held_out) == sorted(pairs.keys)
    sizes = [len(side.keys) for _, side in folds]
    assert max(sizes) - min(sizes) <= 1
    for train, side in folds:
        assert set(train.keys) == set(pairs.keys) - set(side.keys)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.2, 1.5, 0.9, float("nan")])
def test_a_split_that_leaves_a_side_empty_is_refused(fraction):
    pairs = pairs_of(BLOCKS, CODES[:2], ACCURACIES[:2])
    with pytest.raises(PairsError, match=rf"fraction={fraction} of 2 networks; hold out less"):
        pairs.split(fraction, np.random.default_rng(4))


@pytest.mark.parametrize("k", [-1, 1, 5])
def test_a_number_of_folds_that_is_out_of_range_is_refused(k):
    pairs = pairs_of(BLOCKS, CODES, ACCURACIES)
    with pytest.raises(PairsError, match=f"expected 2 to 4 folds for 4 networks, got k={k}"):
        pairs.folds(k, np.random.default_rng(4))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_an_accuracy_that_is_no_number_is_refused(bad):
    accuracies = np.array([0.61, 0.67, bad, 0.72])
    with pytest.raises(PairsError, match=rf"finite numbers, got {bad} for architecture 2 \(1 of"):
        pairs_of(BLOCKS, CODES, accuracies)


@pytest.mark.parametrize(
    ("codes", "accuracies"),
    [(CODES, ACCURACIES[:3]), (CODES[:, :2], ACCURACIES), (CODES, ACCURACIES[:, None])],
)
def test_arrays_that_do_not_belong_together_are_refused(codes, accuracies):
    with pytest.raises(ShapeError, match=r"codes of shape \(architectures, 3\) for space 'blocks'"):
        pairs_of(BLOCKS, codes, accuracies)


@pytest.mark.parametrize("code", [[0, 2, 0], [-2, 0, 0], [-1, 0, 0]])
def test_a_code_that_is_no_architecture_is_refused(code):
    codes = CODES.copy()
    codes[1] = code
    with pytest.raises(PairsError, match=r"for architecture 1, which is none \(1 of 4"):
        pairs_of(BLOCKS, codes, ACCURACIES)


@pytest.mark.parametrize("edits", [0, -3])
def test_pairs_of_no_edits_are_refused(edits):
    with pytest.raises(PairsError, match=f"got edits={edits}; give for example edits=2"):
        pairs_of(BLOCKS, CODES, ACCURACIES, edits=edits)
