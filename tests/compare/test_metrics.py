import numpy as np
import pytest

from deltanas.compare.metrics import FLOOR, bootstrap, estimate, halved, log_area, queries_to
from deltanas.compare.protocol import ComparisonError


def test_queries_are_counted_from_one_and_missing_runs_are_censored_at_the_budget():
    values = np.array([[0.5, 0.7, 0.9, 0.6], [0.9, 0.1, 0.1, 0.1], [0.2, 0.3, 0.4, 0.5]])
    first, censored = queries_to(values, 0.9)
    # Third query, first query, never within four.
    assert first.tolist() == [3, 1, 4]
    assert censored.tolist() == [False, False, True]


def test_reaching_a_level_in_the_last_query_is_not_censored():
    first, censored = queries_to(np.array([[0.1, 0.8]]), 0.8)
    assert (first.tolist(), censored.tolist()) == ([2], [False])


def test_interval_of_a_constant_is_the_constant():
    assert bootstrap(np.full((7, 2), 0.25)).tolist() == [[0.25, 0.25], [0.25, 0.25]]


def test_interval_is_the_same_every_time_and_about_as_wide_as_theory_says():
    values = np.random.default_rng(5).normal(2.0, 3.0, 400)
    found = estimate(values)
    assert estimate(values) == found
    assert found.mean == pytest.approx(values.mean())
    # 2 x 1.96 standard errors of the mean.
    assert found.high - found.low == pytest.approx(3.92 * values.std() / 20, rel=0.1)
    assert found.low < found.mean < found.high


def test_area_is_the_mean_logarithm_with_a_floor():
    # log10 of .1 and .001 is -1 and -3; a regret of 0 counts as the floor, 1e-5.
    found = log_area(np.array([[0.1, 0.001], [0.01, 0.0]]))
    assert FLOOR == 1e-5
    assert found.tolist() == pytest.approx([-2.0, (-2 - 5) / 2])


def test_when_the_best_peers_regret_is_reached():
    regrets = np.array([[0.4, 0.2, 0.1], [0.2, 0.2, 0.1]])  # means .3, .2, .1
    assert halved(regrets, 0.25, at=3) == 2
    assert halved(regrets, 0.05, at=3) is None


def test_a_budget_beyond_the_runs_is_refused():
    with pytest.raises(ComparisonError, match=r"query 9 was asked of runs of 3 queries"):
        halved(np.zeros((2, 3)), 0.1, at=9)
