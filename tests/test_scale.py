import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.scale import PER_CENT, Scale

SCORE = Scale.of([-0.5])


def test_fractions_are_shown_in_per_cent():
    assert Scale.of([0.0, None, 1.0]) == PER_CENT
    assert PER_CENT.shown(0.93421, 3) == "93.421 %"
    assert PER_CENT.bare(0.93421) == "93.42"
    assert PER_CENT.change(-0.0123) == "-1.23"
    assert PER_CENT.size(0.0123) + PER_CENT.points == "1.23 points"


@pytest.mark.parametrize("value", [-1e-9, 1.0001, 93.1])
def test_one_value_that_is_no_fraction_makes_scores_of_all(value):
    assert not Scale.of([0.5, value, None]).is_fraction


def test_nothing_measured_yet_is_taken_for_fractions():
    assert Scale.of([]).is_fraction
    assert Scale.of([None]).is_fraction


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (-0.0342191, "-0.034219"),
        (27.3, "27.3"),
        (-1234567.8, "-1234568"),
        (0.0, "0"),
        (1.5e12, "1.5e+12"),
    ],
)
def test_scores_are_shown_as_they_are(value, shown):
    assert SCORE.shown(value) == SCORE.bare(value) == shown


def test_differences_of_scores_have_no_unit():
    assert SCORE.change(0.00225) + SCORE.points == "+0.00225"
    assert SCORE.size(0.00225) == "0.00225"


@given(st.floats(-1e15, 1e15), st.integers(1, 3))
def test_what_is_shown_of_a_score_is_the_score(value, digits):
    shown = float(SCORE.bare(value, digits))
    assert math.isclose(shown, value, rel_tol=10 ** -(digits + 1), abs_tol=0)
