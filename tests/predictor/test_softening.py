"""The learning scale: increasing, invertible, indifferent to how bad the bad are."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deltanas.predictor.softening import Softening

# Median 0.70, 0.9 quantile 0.74 (position 3.6 of 0..4: 0.72 + 0.6 x 0.033...).
ACCURACIES = np.array([0.10, 0.68, 0.70, 0.72, 0.75])
lists = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_reference_value_worked_by_hand():
    scale = Softening(np.array([0.2, 0.4, 0.6, 0.8, 1.0]))
    # Median 0.6, 0.9 quantile 0.92 (position 3.6): unit 0.32. Soft values are
    # -0.32 ln(1 + 0.4/0.32), -0.32 ln(1 + 0.2/0.32), 0, 0.2, 0.4.
    soft = np.array([-0.32 * np.log(2.25), -0.32 * np.log(1.625), 0, 0.2, 0.4])
    expected = (soft - soft.mean()) / soft.std()
    np.testing.assert_allclose(scale.apply(np.array([0.2, 0.4, 0.6, 0.8, 1.0])), expected)


@given(lists, lists)
def test_the_way_back_leads_back(known, asked):
    scale = Softening(np.array(known))
    np.testing.assert_allclose(scale.invert(scale.apply(np.array(asked))), asked, atol=1e-6)


@given(lists, st.floats(-8, 8), st.floats(1e-3, 4))
def test_a_larger_value_is_a_larger_accuracy(known, value, step):
    scale = Softening(np.array(known))
    low, high = scale.invert(np.array([value, value + step]))
    assert low < high


def test_a_bad_cell_counts_less_the_worse_it_is():
    scale = Softening(ACCURACIES)
    low, middle, high = np.diff(scale.apply(np.array([0.10, 0.30, 0.66, 0.68])))
    # 0.2, 0.36 and 0.02: near the median one point is worth more than far below it.
    assert low / 0.2 < middle / 0.36 < high / 0.02


def test_the_slope_is_that_of_the_way_back():
    scale = Softening(ACCURACIES)
    values = np.array([-2.5, -1.1, -0.2, 0.4, 1.3])
    step = 1e-6
    numeric = (scale.invert(values + step) - scale.invert(values - step)) / (2 * step)
    np.testing.assert_allclose(scale.slope(values), numeric, rtol=1e-4)


def test_below_the_worst_it_goes_on_in_a_straight_line():
    scale = Softening(ACCURACIES)
    worst = float(scale.apply(np.array([0.10]))[0])
    below = scale.invert(worst - np.array([0.5, 1.0, 1.5]))
    assert np.diff(below, n=2) == pytest.approx(0, abs=1e-9)
    assert below[0] < 0.10


@example([0.0, 5e-324], 0.0, 1.0)
@given(lists, st.floats(-3, 3), st.floats(-4, 4))
def test_a_difference_has_the_sign_of_its_value_and_flips_with_it(known, level, delta):
    scale = Softening(np.array(known))
    at = np.array([level])
    there, back = scale.difference(at, np.array([delta])), scale.difference(at, np.array([-delta]))
    assert there == -back
    assert np.sign(there) == np.sign(delta) or abs(delta) < 1e-9


def test_a_difference_by_hand_is_between_the_two_accuracies():
    scale = Softening(ACCURACIES)
    low, high = scale.apply(np.array([0.68, 0.75]))
    found = scale.difference(np.array([(low + high) / 2]), np.array([high - low]))
    np.testing.assert_allclose(found, [0.07])
