"""Estimates of costs from a few measured networks."""

import numpy as np
import pytest

from deltanas.costs.estimate import Estimate
from deltanas.seeds import generator


def choices(count, rng):
    """One of three options for each of four decisions, as columns."""
    codes = rng.integers(3, size=(count, 4))
    return (codes[:, :, None] == np.arange(3)).reshape(count, 12).astype(float)


def test_a_product_of_factors_is_found_and_its_errors_are_those_on_unseen_networks():
    rng = generator(3, "estimate")
    factors = rng.uniform(-0.7, 0.7, 12)
    seen, unseen = choices(80, rng), choices(300, rng)
    noise = rng.normal(0, 0.05, 80)
    estimate = Estimate(seen, np.exp(2 + seen @ factors + noise))
    told = estimate(unseen)
    assert np.median(np.abs(told / np.exp(2 + unseen @ factors) - 1)) < 0.03
    assert estimate.is_ratio
    assert 0.02 < estimate.error < 0.06


def test_the_cautious_estimate_leaves_one_in_ten_on_the_wrong_side():
    rng = generator(4, "estimate")
    seen, unseen = choices(200, rng), choices(2_000, rng)
    factors = rng.uniform(-0.7, 0.7, 12)
    truth = np.exp(unseen @ factors + rng.normal(0, 0.2, 2_000))
    estimate = Estimate(seen, np.exp(seen @ factors + rng.normal(0, 0.2, 200)))
    above = np.mean(truth > estimate.cautious(unseen, at_most=True))
    below = np.mean(truth < estimate.cautious(unseen, at_most=False))
    assert above == pytest.approx(0.1, abs=0.05)
    assert below == pytest.approx(0.1, abs=0.05)


def test_the_closed_form_of_leaving_out_equals_leaving_out():
    rng = generator(5, "estimate")
    columns, values = choices(9, rng), rng.uniform(1, 3, 9)
    whole = Estimate(columns, values)
    missed = []
    for row in range(9):
        others = np.arange(9) != row
        inputs = columns / np.where(columns.std(axis=0) > 0, columns.std(axis=0), 1.0)
        x, y = inputs[others], np.log(values[others])
        middle = x.mean(axis=0)
        ridge = (x - middle).T @ (x - middle) + whole.penalty * np.eye(12)
        slopes = np.linalg.solve(ridge, (x - middle).T @ (y - y.mean()))
        missed.append(np.log(values[row]) - y.mean() - (inputs[row] - middle) @ slopes)
    assert whole.error == pytest.approx(np.median(np.abs(np.expm1(missed))))


def test_costs_that_may_be_zero_have_errors_in_their_own_unit():
    rng = generator(6, "estimate")
    columns = choices(50, rng)
    estimate = Estimate(columns, columns @ np.arange(12.0) - 20)
    assert not estimate.is_ratio
    assert estimate.error < 0.1


def test_of_very_few_networks_the_mean_is_taken():
    estimate = Estimate(np.eye(3), np.array([1.0, 2.0, 4.0]))
    assert estimate(np.eye(3)) == pytest.approx([2.0] * 3)  # the mean of logarithms
