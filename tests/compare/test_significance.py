import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import friedmanchisquare, rankdata, wilcoxon

from deltanas.compare.protocol import ComparisonError
from deltanas.compare.significance import EXACT, holm, paired_p, ranks
from deltanas.seeds import generator


def test_holm_on_three_p_values():
    # Sorted .01 .03 .04: times 3, 2, 1 gives .03 .06 .04, and .04 rises to .06 before it.
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])


def test_holm_never_exceeds_one():
    assert holm([0.9, 0.7]) == [1.0, 1.0]


@given(st.lists(st.floats(0.001, 1.0), min_size=1, max_size=8))
def test_holm_is_between_no_correction_and_bonferroni(p_values):
    for before, after in zip(p_values, holm(p_values), strict=True):
        assert before <= after <= min(1.0, before * len(p_values)) + 1e-12


def test_equal_runs_do_not_differ_and_clearly_better_ones_do():
    theirs = np.linspace(0.01, 0.05, 20)
    assert paired_p(theirs, theirs.copy()) == 1.0
    assert paired_p(theirs - np.linspace(0.001, 0.004, 20), theirs) < 0.001


def test_five_runs_cannot_reach_five_per_cent():
    # All of 2^5 signs are equally likely, and two of them are as extreme.
    assert paired_p(np.array([1.0, 2, 3, 4, 5]), np.zeros(5)) == pytest.approx(2 / 32)


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9).filter(any))
def test_few_runs_are_tested_by_counting_all_signs(differences):
    found = np.array(differences, dtype=float)
    weights = np.where(found == 0, 0, rankdata(np.abs(found)))
    sums = [abs(np.dot(signs, weights)) for signs in itertools.product((-1, 1), repeat=len(found))]
    reached = abs(np.dot(np.sign(found), weights))
    expected = np.mean(np.array(sums) >= reached - 1e-9)
    assert paired_p(found, np.zeros(len(found))) == pytest.approx(expected)


def test_the_exact_test_goes_over_into_the_normal_one():
    differences = generator(3, "differences").normal(0.4, 1.0, EXACT)
    approximate = wilcoxon(differences, zero_method="zsplit", method="approx").pvalue
    assert paired_p(differences, np.zeros(EXACT)) == pytest.approx(approximate, rel=0.1)


def test_average_ranks_and_critical_difference_by_hand():
    scores = np.array([[0.1, 0.2, 0.3], [0.1, 0.3, 0.2], [0.2, 0.2, 0.5], [0.1, 0.2, 0.9]])
    found = ranks(["a", "b", "c"], scores)
    # a: 1 1 1.5 1, b: 2 3 1.5 2, c: 3 2 3 3.
    assert found.mean == {"a": 4.5 / 4, "b": 8.5 / 4, "c": 11 / 4}
    # Demsar 2006, table 5: q = 2.343 for 3 methods; times sqrt(3 x 4 / (6 x 4)).
    assert found.critical_difference == pytest.approx(2.343 * np.sqrt(0.5), abs=0.002)
    assert found.blocks == 4


def test_friedman_agrees_with_scipy_where_nothing_is_tied():
    rng = np.random.default_rng(2)
    scores = rng.random((30, 4)) + np.array([0.0, 0.1, 0.2, 0.3])
    chi2 = friedmanchisquare(*scores.T).statistic
    found = ranks(["a", "b", "c", "d"], scores)
    from scipy.stats import f  # noqa: PLC0415

    expected = f.sf(29 * chi2 / (30 * 3 - chi2), 3, 3 * 29)
    assert found.p_value == pytest.approx(expected)


def test_one_method_or_one_block_cannot_be_ranked():
    with pytest.raises(ComparisonError, match="at least 2 methods and 2 blocks"):
        ranks(["a"], np.zeros((5, 1)))
