import itertools

import matplotlib as mpl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.report.style import spread_out, style


def test_labels_that_meet_are_moved_apart_around_their_middle():
    # 1 and 2 are 1 apart and must be 4 apart: around 1.5, so -0.5 and 3.5; 10 stays.
    assert spread_out([2.0, 10.0, 1.0], 4.0) == pytest.approx([3.5, 10.0, -0.5])


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=6), st.floats(0.1, 5))
def test_labels_keep_their_order_and_their_distance(heights, gap):
    moved = spread_out(heights, gap)
    places = sorted(range(len(heights)), key=lambda place: heights[place])
    for lower, upper in itertools.pairwise(places):
        assert moved[upper] - moved[lower] >= gap * (1 - 1e-9)


def test_a_users_own_settings_do_not_reach_the_figures_and_are_given_back():
    with mpl.rc_context({"font.size": 31, "svg.hashsalt": "mine"}):
        with style("salt"):
            assert mpl.rcParams["font.size"] == 11
            assert mpl.rcParams["svg.hashsalt"] == "salt"
        assert mpl.rcParams["font.size"] == 31
        assert mpl.rcParams["svg.hashsalt"] == "mine"
