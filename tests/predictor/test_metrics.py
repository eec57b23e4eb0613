"""Scores of predictions: by hand, by law and against the textbook."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from deltanas.errors import NoDecidablePairError, PairsError, ShapeError
from deltanas.predictor import Calibration, Prediction, calibration, kendall_tau, sign_agreement
from deltanas.seeds import generator


def test_sign_agreement_worked_by_hand():
    # Right, wrong, undecidable (0.002 is noise), right, no opinion counts as wrong: 2 of 4.
    predicted = np.array([0.04, -0.01, 0.03, -0.02, 0.0])
    measured = np.array([0.01, 0.02, -0.002, -0.05, 0.01])
    assert sign_agreement(predicted, measured, noise=0.005) == 2 / 4
    assert sign_agreement(predicted, measured) == 2 / 5


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=12, unique=True), st.randoms())
def test_sign_agreement_over_all_pairs_is_kendalls_tau(scores, random):
    truth = np.array(scores, dtype=float)
    guess = np.array(random.sample(scores, len(scores)), dtype=float)
    pairs = list(itertools.combinations(range(len(scores)), 2))
    deltas = [np.array([x[j] - x[i] for i, j in pairs]) for x in (guess, truth)]
    tau = kendalltau(guess, truth).statistic
    assert sign_agreement(*deltas) == pytest.approx((1 + tau) / 2)


def test_without_a_decidable_pair_there_is_no_agreement():
    close = np.array([0.001, -0.002])
    with pytest.raises(NoDecidablePairError, match=r"none of the 2 .* exceeds noise=0.005; eval"):
        sign_agreement(close, close, noise=0.005)


def test_kendall_tau_worked_by_hand():
    # Of the six pairs only (0.02, 0.03) is in the wrong order: (5 - 1) / 6.
    predicted = np.array([0.01, 0.03, 0.02, 0.05])
    measured = np.array([-0.04, 0.02, 0.03, 0.08])
    assert kendall_tau(predicted, measured) == pytest.approx(4 / 6)
    assert kendall_tau(-predicted, measured) == pytest.approx(-4 / 6)


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 30)), min_size=2, max_size=40).filter(
        lambda rows: all(len(set(column)) > 1 for column in zip(*rows, strict=True))
    )
)
def test_kendall_tau_is_scipys_bit_for_bit_whatever_is_tied(rows):
    predicted, measured = np.array(rows, dtype=float).T
    assert kendall_tau(predicted, measured) == kendalltau(predicted, measured).statistic


def test_a_prediction_without_order_has_no_correlation():
    measured = np.array([0.01, 0.03, 0.02])
    assert kendall_tau(np.zeros(3), measured) == 0
    assert kendall_tau(measured, np.full(3, 0.7)) == 0


def test_a_single_pair_cannot_be_ranked():
    with pytest.raises(PairsError, match="at least 2 pairs, got 1"):
        kendall_tau(np.array([0.1]), np.array([0.1]))


def test_calibration_worked_by_hand():
    # z is 0.674 at 0.5 and 1.645 at 0.9. Errors in spreads: 0.5, 1, 1.6, 3.
    prediction = Prediction(np.array([0.0, 0.1, -0.1, 0.2]), np.array([0.02, 0.01, 0.05, 0.01]))
    measured = np.array([0.01, 0.11, -0.18, 0.17])
    found = calibration(prediction, measured, levels=(0.5, 0.9))
    assert found == Calibration((0.5, 0.9), (1 / 4, 3 / 4))
    # |0.25 - 0.5| and |0.75 - 0.9|, averaged.
    assert found.error == pytest.approx((0.25 + 0.15) / 2)


@pytest.mark.parametrize(("claimed", "most"), [(1.0, 0.02), (2.0, 0.4), (0.5, 0.4)])
def test_a_gaussian_truth_is_calibrated_only_at_its_own_spread(claimed, most):
    truth = generator(1, "truth").normal(size=4_000)
    prediction = Prediction(np.zeros(4_000), np.full(4_000, claimed))
    found = calibration(prediction, truth)
    assert found.error < most
    assert (found.error < 0.1) == (claimed == 1.0)


def test_what_cannot_be_calibrated_is_refused():
    prediction, truth = Prediction(np.zeros(2), np.ones(2)), np.zeros(2)
    for levels in ((), (0.5, 1.0), (0.0,)):
        with pytest.raises(PairsError, match=r"levels between 0 and 1, got 2 pairs and levels \("):
            calibration(prediction, truth, levels=levels)
    with pytest.raises(PairsError, match="at least 1 pair"):
        calibration(Prediction(np.zeros(0), np.zeros(0)), np.zeros(0))


@pytest.mark.parametrize("metric", [sign_agreement, kendall_tau])
def test_arrays_that_do_not_belong_together_are_refused(metric):
    with pytest.raises(ShapeError, match=r"predicted of shape \(3,\) and measured of shape \(2,\)"):
        metric(np.zeros(3), np.zeros(2))
    with pytest.raises(ShapeError, match=r"one shape \(pairs,\)"):
        metric(np.zeros((2, 2)), np.zeros((2, 2)))
    with pytest.raises(ShapeError, match="number i of both is pair i"):
        calibration(Prediction(np.zeros(3), np.ones(3)), np.zeros(2))
