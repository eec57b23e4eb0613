"""Encodings on one scale, worked by hand."""

import numpy as np
import pytest

from deltanas.encoding import Encoding, Features, OneHot
from deltanas.predictor.columns import ENDLESS, FARTHEST, Standardised, nearer, usual
from deltanas.predictor.gaussian import GaussianDelta
from deltanas.spaces import BlockSpace, NasBench201, NasBenchGraph

SPACE = BlockSpace({"depth": [2, 4, 8, 100], "norm": ["batch", "layer"]})


class Depth(Encoding):
    names = ("depth", "nothing")

    def encode(self, codes):
        depth = np.array([2.0, 4.0, 8.0, 100.0])[codes[:, 0]]
        return np.stack([depth, np.full(len(codes), 7.0)], axis=1)


def test_reference_value_worked_by_hand():
    codes = np.array([[0, 0], [1, 0], [1, 1], [2, 1]], dtype=np.int32)
    # Depths 2, 4, 4, 8: mean 4.5, deviation sqrt((6.25 + 0.25 + 0.25 + 12.25) / 4).
    # The constant column is left out, so one column divides by 1.
    found = Standardised([(Depth(), 3.0)], codes, power=1.0).encode(codes)
    expected = 3 * (np.array([2, 4, 4, 8]) - 4.5) / np.sqrt(19 / 4)
    np.testing.assert_allclose(found, expected[:, None])


def test_many_columns_share_the_say_of_one_encoding():
    codes = np.array([[0, 0], [1, 0], [1, 1], [2, 1]], dtype=np.int32)
    # Options that vary: three of depth, two of norm; norm is half and half: +-1.
    for power, say in ((1.0, 5.0), (0.5, np.sqrt(5.0))):
        found = Standardised([(OneHot(SPACE), 2.0)], codes, power=power).encode(codes)
        assert found.shape == (4, 5)
        np.testing.assert_allclose(np.abs(found[:, 3:]), 2 / say)


def test_what_lies_far_outside_is_cut():
    codes = np.array([[0, 0], [1, 0], [1, 1], [2, 1]], dtype=np.int32)
    far = np.array([[3, 0]], dtype=np.int32)
    found = Standardised([(Depth(), 1.0)], codes, power=1.0).encode(far)
    assert found.tolist() == [[FARTHEST]]


def test_features_are_used_where_there_are_some():
    assert [type(each) for each, _ in usual(SPACE)] == [OneHot]
    assert [type(each) for each, _ in usual(NasBench201())] == [Features, OneHot]


def test_beyond_four_deviations_growth_is_logarithmic():
    near = np.array([[-4.0, -1.5, 0.0, 4.0]])
    assert np.array_equal(nearer(near), near)
    # At e times the limit it has grown by the limit once more; at e^2 times twice.
    far = FARTHEST * np.exp([[1.0, 2.0]])
    assert nearer(far) == pytest.approx(np.array([[8.0, 12.0]]))
    assert nearer(-far) == pytest.approx(np.array([[-8.0, -12.0]]))
    assert nearer(np.array([[np.inf]])) == nearer(np.array([[ENDLESS]]))
    rising = nearer(np.linspace(-30, 30, 601)[None])[0]
    assert np.all(np.diff(rising) > 0)
    assert np.diff(rising).max() <= 0.1 + 1e-9, "it is steeper than the deviations"


def test_the_closed_form_sees_corners_of_a_space_nearer():
    space = NasBenchGraph()
    corner = np.array([space.read("0:cheb,1:cheb,2:cheb,3:cheb").code], dtype=np.int32)
    sample = space.sample_codes(2_000, np.random.default_rng(0))
    walks = [name.startswith("walks:") for name in space.feature_names]
    centre, deviation = (
        each[walks] for each in (space.features(sample).mean(0), space.features(sample).std(0))
    )
    raw = (
        np.abs(space.features(corner)[0, walks] - centre)[deviation > 0] / deviation[deviation > 0]
    )
    assert raw.max() > 15
    seen = max(
        (np.abs(each) * np.sqrt(each.shape[1])).max()
        for each in GaussianDelta(space)._design.encode(corner)
    )
    assert 8 < seen < 13
