"""The scale of normal scores: values by hand, and the laws that make it a scale."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import norm

from deltanas.predictor.warp import Warp

ACCURACIES = st.lists(st.integers(0, 10_000), min_size=1, max_size=15).map(
    lambda whole: np.array(whole) / 10_000
)


def test_scores_are_normal_quantiles_of_the_ranks():
    # Four values, middle ranks (1/2, 3/2, 5/2, 7/2) / 4 = 1/8, 3/8, 5/8, 7/8.
    quantiles = norm.ppf([1 / 8, 3 / 8, 5 / 8, 7 / 8])
    expected = quantiles / quantiles.std()
    scores = Warp(np.array([0.91, 0.10, 0.93, 0.52])).apply(np.array([0.10, 0.52, 0.91, 0.93]))
    np.testing.assert_allclose(scores, expected)


def test_a_disastrous_value_counts_no_more_than_a_bad_one():
    bad = Warp(np.array([0.90, 0.91, 0.93, 0.94])).apply(np.array([0.91, 0.93]))
    disastrous = Warp(np.array([0.10, 0.91, 0.93, 0.94])).apply(np.array([0.91, 0.93]))
    np.testing.assert_allclose(bad, disastrous)


@given(ACCURACIES)
def test_scores_have_mean_0_and_deviation_1(accuracies):
    scores = Warp(accuracies).apply(accuracies)
    assert scores.mean() == pytest.approx(0, abs=1e-9)
    assert scores.std() == pytest.approx(1 if len(set(accuracies)) > 1 else 0, abs=1e-9)


@given(ACCURACIES)
def test_measured_values_come_back(accuracies):
    warp = Warp(accuracies)
    np.testing.assert_allclose(warp.invert(warp.apply(accuracies)), accuracies, atol=1e-12)


@example(np.array([0.0, 5e-324]), 0.3)
@given(ACCURACIES, st.floats(1e-4, 0.5))
def test_above_the_best_it_goes_on(accuracies, more):
    warp = Warp(accuracies)
    beyond = np.array([accuracies.max() + more])
    assert warp.apply(beyond)[0] > warp.apply(accuracies).max()
    np.testing.assert_allclose(warp.invert(warp.apply(beyond)), beyond)


def test_the_slope_is_the_accuracy_of_one_score():
    # Evenly spaced accuracies near the middle: one score is what invert says it is.
    warp = Warp(np.linspace(0.4, 0.6, 41))
    middle = np.array([0.1])
    expected = warp.invert(np.array([0.6])) - warp.invert(np.array([-0.4]))
    np.testing.assert_allclose(warp.slope(middle), expected)
    assert warp.slope(middle)[0] > 0


def test_below_the_worst_a_spread_is_that_of_the_worst_two():
    accuracies = np.array([0.1, 0.4, 0.5])
    warp = Warp(accuracies)
    scores = warp.apply(accuracies)
    assert warp.slope(np.array([-9.0]))[0] == pytest.approx(0.3 / (scores[1] - scores[0]))


def test_a_single_value_has_the_scale_of_its_unit():
    plain, thousands = (Warp(np.array([2.0 * unit])) for unit in (1, 1_000))
    scores = [warp.apply(np.array([3.0 * unit])) for warp, unit in ((plain, 1), (thousands, 1_000))]
    np.testing.assert_allclose(scores[0], scores[1])
    assert scores[0][0] > 0


def test_penalties_as_large_as_numbers_go_are_ranks():
    largest = np.finfo(float).max
    warp = Warp(np.array([-largest, 0.5, 0.6, 0.7]))
    plain = Warp(np.array([-1e9, 0.5, 0.6, 0.7]))
    asked = np.array([0.55, 0.7, 0.8])
    np.testing.assert_array_equal(warp.apply(asked), plain.apply(asked))
    assert np.isfinite(warp.slope(np.linspace(-5, 5, 21))).all()
    assert np.isfinite(warp.apply(np.array([-largest, largest]))).all()
