import numpy as np
import pytest

from deltanas.records import History
from deltanas.report.curves import best_so_far, random_draws_needed, simulate


def test_the_best_so_far_counts_failures_as_evaluations(history):
    # 0.60, failed, 0.70, 0.73, 0.61 -> the best after each of the five.
    curve = best_so_far("mine", history)
    assert curve.runs == 1
    assert curve.evaluations.tolist() == [1, 2, 3, 4, 5]
    assert curve.middle.tolist() == [0.60, 0.60, 0.70, 0.73, 0.73]
    assert curve.low.tolist() == curve.high.tolist() == curve.middle.tolist()


def test_a_curve_begins_with_the_first_accuracy(trial):
    history = History([trial(0, 8, "relu", None), trial(1, 8, "gelu", 0.4)])
    curve = best_so_far("mine", history)
    assert curve.evaluations.tolist() == [2]
    assert curve.middle.tolist() == [0.4]


def test_a_simulation_ends_at_the_best_of_a_space_that_it_exhausts(space, table):
    curve = simulate("random", space, lambda a, _: table.evaluate(a), steps=6, runs=7)
    assert curve.runs == 7
    assert curve.middle[-1] == curve.low[-1] == curve.high[-1] == 0.80
    assert np.all(np.diff(curve.middle) >= 0)
    assert np.all(curve.low <= curve.middle)
    assert np.all(curve.middle <= curve.high)


def test_quartiles_are_over_the_runs(space):
    # Run r of 5 sees the accuracy r / 10 everywhere: 0, 0.1, 0.2, 0.3, 0.4.
    curve = simulate("random", space, lambda _, seed: (seed - 1_000) / 10, steps=2, runs=5)
    assert curve.middle.tolist() == pytest.approx([0.2, 0.2])
    assert curve.low.tolist() == pytest.approx([0.1, 0.1])
    assert curve.high.tolist() == pytest.approx([0.3, 0.3])


def test_a_long_simulation_takes_fewer_runs(space):
    assert simulate("random", space, lambda *_: 0.5, steps=2_000, runs=20).runs == 10


def test_random_search_needs_half_of_the_networks_for_the_only_best_one():
    # The best of 101 networks is equally likely at each of 101 places: median 51.
    accuracies = np.linspace(0, 1, 101)
    needed = random_draws_needed(np.arange(101), accuracies, 1.0, runs=2_000)
    assert needed == pytest.approx(51, abs=4)


def test_random_search_does_not_count_a_network_twice():
    # Four codes of one network and one of another, which is wanted: it is the first or second.
    accuracies = np.array([0.1, 0.1, 0.1, 0.1, 0.9])
    assert random_draws_needed(np.array([0, 0, 0, 0, 1]), accuracies, 0.9) == 2


def test_any_network_is_good_enough_for_the_lowest_target():
    assert random_draws_needed(np.array([0, 1]), np.array([0.3, 0.4]), 0.3) == 1
