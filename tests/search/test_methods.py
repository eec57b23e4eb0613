import pytest

from deltanas.errors import UnknownNameError
from deltanas.records import History
from deltanas.search import LocalSearch, Searcher, describe, make, names
from deltanas.spaces import BlockSpace

SPACE = BlockSpace({"a": (1, 2, 3), "b": ("x", "y")})


@pytest.mark.parametrize("name", names())
def test_every_method_can_be_made_and_described(name):
    searcher = make(name, SPACE, seed=4, starts=2)
    assert isinstance(searcher, Searcher)
    assert (searcher.space, searcher.seed, searcher.starts) == (SPACE, 4, 2)
    assert len(searcher.propose(History(), 2)) == 2
    assert 10 < len(describe(name)) < 90


def test_settings_reach_the_searcher():
    searcher = make("local-search", SPACE, seed=0, restarts=7)
    assert isinstance(searcher, LocalSearch)
    assert searcher.restarts == 7


def test_an_unknown_method_is_refused_with_near_names():
    with pytest.raises(UnknownNameError, match=r"no method 'local-serch'; did you mean local-s"):
        make("local-serch", SPACE, seed=0)
    with pytest.raises(UnknownNameError, match=r"no method '#'; methods are .*random"):
        describe("#")


def test_an_unknown_setting_is_refused_with_the_known_ones():
    with pytest.raises(UnknownNameError, match=r"'random' has no setting 'sample'; it has seed, s"):
        make("random", SPACE, seed=0, sample=3)


def test_a_predictor_is_no_setting_that_a_text_can_say():
    with pytest.raises(UnknownNameError, match=r"no setting 'predictor'; it has seed, starts, par"):
        make("delta-evolution", SPACE, seed=0, predictor="gaussian")
