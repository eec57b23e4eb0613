"""Encodings on one scale, worked by hand."""

import numpy as np

from deltanas.encoding import Encoding, Features, OneHot
from deltanas.predictor.columns import FARTHEST, Standardised, usual
from deltanas.spaces import BlockSpace, NasBench201

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
