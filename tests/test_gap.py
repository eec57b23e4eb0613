"""The numbers of Fig. 5."""

import numpy as np
import pytest

from bench.gap import ends, growth, resamples, times_fewer


def test_times_fewer_by_hand():
    # After four queries the other method is at .2 on average; we are at (.3 + .1) / 2 after two.
    ours = np.array([[0.5, 0.3, 0.2, 0.1], [0.5, 0.1, 0.1, 0.0]])
    others = np.array([[0.6, 0.5, 0.4, 0.3], [0.6, 0.4, 0.2, 0.1]])
    assert times_fewer(ours, others, 4)[0] == pytest.approx(4 / 2)
    # After two it is at .45: the first query is not enough, the second is.
    assert times_fewer(ours, others, 2)[0] == pytest.approx(2 / 2)


def test_who_never_gets_there_needs_the_whole_budget_at_least():
    behind = np.full((3, 5), 0.7)
    assert (times_fewer(behind, behind - 0.1, 4) == 4 / 5).all()


def test_seeds_are_drawn_for_both_methods_together():
    # In each seed we are twice as fast, whatever is drawn.
    others = np.array([[0.8, 0.6, 0.4, 0.2], [0.9, 0.7, 0.5, 0.3], [0.7, 0.5, 0.3, 0.1]])
    ours = others[:, [1, 3, 3, 3]]
    assert (times_fewer(ours, others, 4) == 4 / 2).all()


def test_weights_of_seeds_sum_to_one_and_the_first_are_equal():
    weights = resamples(7)
    assert weights[0].tolist() == pytest.approx([1 / 7] * 7)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)


def test_growth_is_the_factor_for_ten_powers_of_ten():
    # 3, 6 and 12 times fewer in 10^5, 10^15 and 10^25 architectures: it doubles.
    factors = [np.array([each, each]) for each in (3.0, 6.0, 12.0)]
    assert growth([5.0, 15.0, 25.0], factors).tolist() == pytest.approx([2.0, 2.0])


def test_the_interval_does_not_count_the_seeds_as_they_are():
    values = np.array([9.0, *np.linspace(1.0, 2.0, 1001)])
    assert ends(values) == ("9.000", "1.025", "1.975")
