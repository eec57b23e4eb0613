"""While a searcher thinks, linear algebra has one thread."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from deltanas.records import Evaluation, History, Status, Trial
from deltanas.search import Searcher
from deltanas.search.one_thread import one_thread
from deltanas.spaces import BlockSpace


def threads():
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]


@pytest.fixture
def three_threads():
    np.linalg.cholesky(np.eye(2))
    with threadpool_limits(3, user_api="blas"):
        yield
        assert set(threads()) == {3}


def test_afterwards_there_are_as_many_as_before(three_threads):
    with one_thread(), one_thread():
        assert set(threads()) == {1}
    assert set(threads()) == {3}


def test_also_after_an_error(three_threads):
    with pytest.raises(ValueError, match="mine"), one_thread():
        raise ValueError("mine")


def test_choices_are_made_on_one_thread(three_threads):
    class Watching(Searcher):
        def choose(self, history, n, rng):
            seen.append(set(threads()))
            return []

    seen = []
    space = BlockSpace({"d": [1, 2, 3]})
    searcher = Watching(space, seed=0, starts=1)
    (start,) = searcher.propose(History())
    trials = [Trial(start, Evaluation(0, Status.FINISHED, 0.5))]
    assert len(searcher.propose(History(trials))) == 1
    assert seen == [{1}]
