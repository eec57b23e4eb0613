import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import friedmanchisquare

from deltanas.compare.protocol import ComparisonError
from deltanas.compare.significance import holm, paired_p, ranks


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
