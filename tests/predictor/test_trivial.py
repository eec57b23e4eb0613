"""The honest baselines, worked by hand."""

import numpy as np
import pytest

from deltanas.errors import NotFittedError, PairsError
from deltanas.pairs import Pairs, pairs_of
from deltanas.predictor import AlwaysZero, MeanPerEdit
from deltanas.predictor.growth import growth
from deltanas.spaces import ABSENT, BlockSpace

SPACE = BlockSpace({"depth": [2, 4, 8], "norm": ["batch", "layer"]})
# depth 2 -> 4 twice (+0.03 and +0.05), norm batch -> layer twice (-0.02 and 0.0).
CODES = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=np.int32)
ACCURACIES = np.array([0.60, 0.63, 0.58, 0.63])


def fitted(predictor, edits=1):
    predictor.fit(pairs_of(SPACE, CODES, ACCURACIES, edits=edits))
    return predictor


def ask(predictor, before, after):
    found = predictor.predict(np.array([before], np.int32), np.array([after], np.int32))
    return float(found.mean[0]), float(found.spread[0])


def test_growth_by_hand():
    # 0 / 1, 1 / 2, 2 / 3, 9 / 10
    np.testing.assert_allclose(growth(np.array([0, 1, 2, 9])), [0, 0.5, 2 / 3, 0.9])


def test_always_zero_knows_only_how_large_differences_are():
    predictor = fitted(AlwaysZero())
    # Mean of 9, 25, 4, 0 (1e-4) is 9.5e-4; one edit has growth 1/2 in fit and answer.
    assert ask(predictor, [0, 0], [2, 0]) == (0, pytest.approx(np.sqrt(9.5e-4)))
    # Two edits: growth 2/3 instead of 1/2.
    assert ask(predictor, [0, 0], [1, 1]) == (0, pytest.approx(np.sqrt(9.5e-4 * 4 / 3)))
    assert ask(predictor, [0, 1], [0, 1]) == (0, 0)


def test_mean_per_edit_by_hand():
    predictor = fitted(MeanPerEdit())
    # (0.03 + 0.05) / (2 + 1)
    mean, spread = ask(predictor, [0, 0], [1, 0])
    assert mean == pytest.approx(0.08 / 3)
    # depth mean 8/3, norm mean -2/3 (1e-2): squares around them 1/9, 49/9, 16/9, 4/9 -> 70/36;
    # plus the mean square 9.5 over n + 1 = 3 (1e-4).
    assert spread == pytest.approx(np.sqrt((70 / 36 + 9.5 / 3) * 1e-4))


def test_the_inverse_edit_is_known_too_and_edits_add_up():
    predictor = fitted(MeanPerEdit())
    assert ask(predictor, [1, 0], [0, 0])[0] == pytest.approx(-0.08 / 3)
    mean, spread = ask(predictor, [1, 0], [0, 1])
    # depth 4 -> 2 and norm batch -> layer: -0.08 / 3 - 0.02 / 3
    assert mean == pytest.approx(-0.10 / 3)
    assert spread == pytest.approx(np.sqrt(2 * (70 / 36 + 9.5 / 3) * 1e-4))


def test_an_edit_never_seen_changes_nothing_and_is_the_least_sure():
    predictor = fitted(MeanPerEdit())
    mean, spread = ask(predictor, [0, 0], [2, 0])
    assert mean == 0
    assert spread == pytest.approx(np.sqrt((70 / 36 + 9.5) * 1e-4))


def test_pairs_of_more_edits_teach_it_nothing():
    near, far = fitted(MeanPerEdit(), edits=1), fitted(MeanPerEdit(), edits=2)
    assert ask(near, [0, 0], [1, 1]) == ask(far, [0, 0], [1, 1])


def test_an_option_that_appears_goes_along_with_the_edit():
    codes = np.array([[0, ABSENT], [2, 1]], dtype=np.int32)
    ends = (np.array([0], np.int32), np.array([1], np.int32), np.array([1], np.int32))
    predictor = MeanPerEdit()
    predictor.fit(Pairs(SPACE, codes, np.array([0.5, 0.6]), ("a", "b"), *ends))
    along = ask(predictor, [0, ABSENT], [2, 0])
    assert along[0] == pytest.approx(0.05)
    assert along == ask(predictor, [0, 0], [2, 0])  # one edit is not surer than the other
    assert ask(predictor, [0, 0], [2, 0])[0] == pytest.approx(0.05)
    assert ask(predictor, [1, ABSENT], [1, 1])[0] == 0


def test_without_one_edit_pairs_the_way_out_is_said():
    predictor = MeanPerEdit()
    pairs = pairs_of(SPACE, CODES[[0, 3]], ACCURACIES[[0, 3]], edits=2)
    with pytest.raises(PairsError, match=r"got none among 1 pairs; .*or use AdditiveDelta"):
        predictor.fit(pairs)


@pytest.mark.parametrize("predictor", [AlwaysZero(), MeanPerEdit()])
def test_without_pairs_the_way_out_is_said(predictor):
    pairs = pairs_of(SPACE, CODES[[0, 3]], ACCURACIES[[0, 3]], edits=1)
    with pytest.raises(PairsError, match=r"got none among 2 networks; .*for example edits=2"):
        predictor.fit(pairs)
    with pytest.raises(NotFittedError, match=r"call fit\(pairs\) first"):
        predictor.predict(CODES, CODES)
