"""A space with further features: the same networks, more columns, each worked out once."""

import numpy as np
import pytest

from deltanas.errors import ShapeError
from deltanas.spaces import NasBench201
from deltanas.spaces.more_features import MoreFeatures
from deltanas.testing.spaces import SpaceContract

INNER = NasBench201()


def facts(codes):
    return np.stack([codes[:, 0] * 2.0, codes.sum(axis=1)], axis=1)


def made(given=facts):
    return MoreFeatures(NasBench201(), ["mine:first", "mine:sum"], given)


class TestMoreFeatures(SpaceContract):
    def make(self):
        return made()


def test_further_columns_stand_behind_the_spaces_own():
    codes = INNER.all_codes()[[7777]]
    own = INNER.features(codes)
    found = made().features(codes)
    assert made().feature_names == (*INNER.feature_names, "mine:first", "mine:sum")
    assert found[:, : own.shape[1]].tolist() == own.tolist()
    assert found[0, own.shape[1] :].tolist() == [2.0 * codes[0, 0], float(codes.sum())]


def test_facts_are_asked_for_once_a_network():
    asked = []
    space = made(lambda codes: asked.append(len(codes)) or facts(codes))
    codes = INNER.all_codes()[[5, 900, 5]]
    space.features(codes)
    space.features(codes)
    assert asked == [2]


def test_the_space_is_the_same_to_stores():
    assert made().fingerprint() == INNER.fingerprint()


@pytest.mark.parametrize("bad", [lambda c: np.zeros((len(c), 3)), lambda c: facts(c) * np.nan])
def test_facts_that_do_not_fit_are_refused(bad):
    with pytest.raises(ShapeError, match="expected 1 rows of 2 finite numbers"):
        made(bad).features(INNER.all_codes()[:1])
