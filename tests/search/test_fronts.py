import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.predictor.posterior import Posterior
from deltanas.search import fronts
from deltanas.search.fronts import (
    boxes,
    expected_gains,
    expected_reached,
    hypervolume,
    on_front,
    reached,
)

# Accuracy .5 at 1, .7 at 3, .6 at 4 (dominated), .9 at 6.
ACCURACIES = np.array([0.5, 0.7, 0.6, 0.9])
COSTS = np.array([[1.0], [3.0], [4.0], [6.0]])


def test_the_front_worked_by_hand():
    assert on_front(ACCURACIES, COSTS).tolist() == [True, True, False, True]
    # Equal rows do not dominate each other.
    assert on_front(np.array([0.5, 0.5]), np.array([[1.0], [1.0]])).all()


def test_the_volume_worked_by_hand():
    # Up to cost 8, above accuracy .4: .1 x 2 (from 1 to 3) + .3 x 3 (to 6) + .5 x 2 (to 8).
    assert hypervolume(ACCURACIES, COSTS, (0.4, [8.0])) == pytest.approx(0.2 + 0.9 + 1.0)
    # Nothing is better than the reference; what costs more than it brings nothing.
    assert hypervolume(ACCURACIES, COSTS, (0.95, [8.0])) == 0
    assert hypervolume(ACCURACIES, COSTS, (0.4, [5.0])) == pytest.approx(0.2 + 0.6)


def test_the_volume_with_two_costs_worked_by_hand():
    # One row: (.9 - .4) x (4 - 1) x (5 - 2); the second adds (.7 - .4) x (1 - .5) x (5 - 2).
    costs = np.array([[1.0, 2.0], [0.5, 2.0]])
    one = hypervolume(np.array([0.9]), costs[:1], (0.4, [4.0, 5.0]))
    assert one == pytest.approx(4.5)
    assert hypervolume(np.array([0.9, 0.7]), costs, (0.4, [4.0, 5.0])) == pytest.approx(4.95)


POINTS = st.lists(
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=8
)


@given(POINTS)
def test_the_volume_is_that_of_counted_unit_cubes(points):
    rows = np.array(points, dtype=float)
    counted = sum(
        any(a > x and c <= y and d <= z for a, c, d in points)
        for x in range(10)
        for y in range(10)
        for z in range(10)
    )
    assert hypervolume(rows[:, 0], rows[:, 1:], (0.0, [10.0, 10.0])) == pytest.approx(counted)


@given(POINTS, st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)))
def test_the_gain_of_a_row_is_the_sum_over_its_boxes(points, new):
    rows, row = np.array(points, dtype=float), np.array([new], dtype=float)
    reference = (0.0, [10.0, 10.0])
    cut = boxes(rows[:, 0], rows[:, 1:], reference)
    lengths = [reached(ends, row[:, place + 1]) for place, ends in enumerate(cut.cuts)]
    gain = np.maximum(new[0] - cut.levels, 0.0) @ cut.volumes(lengths)[0]
    both = np.concatenate([rows, row])
    grown = hypervolume(both[:, 0], both[:, 1:], reference)
    assert grown - hypervolume(rows[:, 0], rows[:, 1:], reference) == pytest.approx(gain)


@given(POINTS)
def test_what_is_dominated_adds_no_volume(points):
    rows = np.array(points, dtype=float)
    front = on_front(rows[:, 0], rows[:, 1:])
    reference = (0.0, [10.0, 10.0])
    whole = hypervolume(rows[:, 0], rows[:, 1:], reference)
    assert hypervolume(rows[front, 0], rows[front, 1:], reference) == pytest.approx(whole)


def test_what_an_uncertain_cost_reaches_worked_by_hand():
    # C is 0 +- 1. Below 0 it reaches E max(-C, 0) = 1 / sqrt(2 pi) = .3989, below 1 it reaches
    # E max(1 - C, 0) = 1 x Phi(1) + phi(1) = .8413 + .2420; the interval between has the rest.
    posterior = Posterior(np.array([1.0]), np.array([[0.0]]), np.array([[1.0]]))
    lengths = expected_reached(np.array([-np.inf, 0.0, 1.0]), posterior)
    assert lengths == pytest.approx(np.array([[0.3989, 0.8413 + 0.2420 - 0.3989]]), abs=1e-4)


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=5), st.integers(-6, 6))
def test_a_cost_that_is_almost_certain_reaches_what_a_known_one_does(ends, cost):
    cuts = np.array([-np.inf, *sorted(set(ends))])
    sure = Posterior(np.array([1.0]), np.array([[-float(cost)]]), np.array([[1e-12]]))
    known = reached(cuts, np.array([float(cost)]))
    assert expected_reached(cuts, sure) == pytest.approx(known, abs=1e-5)


def test_the_expected_gain_is_the_mean_of_the_gains_of_many_draws(monkeypatch):
    monkeypatch.setattr(fronts, "MOST_AT_ONCE", 1)  # every row by itself
    rng = np.random.default_rng(3)
    reference = (0.1, [2.0, 3.0])
    accuracies, costs = np.array([0.4, 0.9, 0.6]), np.array([[-1.0, 0.2], [1.2, 0.7], [0.3, -0.4]])
    # Two children; accuracy and each cost have two vectors of hyperparameters of their own.
    posteriors = [
        Posterior(np.array([w, 1 - w]), rng.normal(m, 0.4, (2, 2)), rng.uniform(0.1, 0.6, (2, 2)))
        for w, m in ((0.3, 0.7), (0.8, 0.1), (0.5, -0.3))
    ]
    cut = boxes(accuracies, costs, reference)
    lengths = [expected_reached(e, p) for e, p in zip(cut.cuts, posteriors[1:], strict=True)]
    gains = expected_gains(cut, lengths, posteriors[0].expected_improvements)
    for child, gain in enumerate(gains):
        drawn = []
        for each in posteriors:
            vector = rng.choice(2, 20_000, p=each.weights)
            mean, deviation = each.mean[vector, child], np.sqrt(each.variance[vector, child])
            drawn.append(rng.normal(mean, deviation))
        covered = cut.volumes([reached(e, -d) for e, d in zip(cut.cuts, drawn[1:], strict=True)])
        grown = np.sum(np.maximum(drawn[0][:, None] - cut.levels, 0.0) * covered, axis=1)
        assert gain == pytest.approx(grown.mean(), abs=4 * grown.std() / np.sqrt(len(grown)))
        assert gain > 0


@given(st.lists(st.tuples(*[st.integers(1, 9)] * 4), min_size=8, max_size=30))
def test_fewer_boxes_than_there_are_take_no_accuracy_that_is_not_there(points):
    rows = np.array(points, dtype=float)
    reference = (0.0, [10.0] * 3)
    whole = boxes(rows[:, 0], rows[:, 1:], reference)
    few = boxes(rows[:, 0], rows[:, 1:], reference, most=64)
    assert len(few.levels) <= 64
    lower = np.stack(np.meshgrid(*(cut[:-1] for cut in few.cuts), indexing="ij"), axis=-1)
    for corner, level in zip(lower.reshape(-1, 3), few.levels, strict=True):
        there = (rows[:, 1:] <= corner).all(axis=1)
        assert level == rows[there, 0].max(initial=0.0)
    assert [cut[-1] for cut in few.cuts] == [cut[-1] for cut in whole.cuts]
    enough = boxes(rows[:, 0], rows[:, 1:], reference, most=len(whole.levels))
    np.testing.assert_array_equal(enough.levels, whole.levels)
