import pytest

from deltanas.cli.timing import Timing, duration


def test_proposals_are_timed_apart_from_evaluations():
    # Proposing takes 2 s and 4 s, evaluating 10 s and 20 s.
    timing = Timing(100.0)
    assert timing.seconds_per_proposal is None
    assert timing.left(5) is None
    timing.proposed(102.0, is_repeat=False)
    timing.evaluated(112.0)
    timing.proposed(116.0, is_repeat=False)
    timing.evaluated(136.0)
    assert timing.seconds_per_proposal == 3.0
    assert timing.elapsed(140.0) == 40.0
    # 36 s for two: 18 s each.
    assert timing.left(3) == pytest.approx(54.0)
    assert timing.left(-1) == 0.0


def test_a_proposal_of_an_earlier_run_costs_nothing():
    timing = Timing(0.0)
    timing.proposed(9.0, is_repeat=True)
    assert timing.seconds_per_proposal is None


def test_the_time_left_follows_the_last_ten():
    timing = Timing(0.0)
    for now in (1_000.0, *(1_000.0 + each for each in range(1, 11))):
        timing.evaluated(now)
    assert timing.left(2) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (185.0, "3 min 05 s"),
        (7620.0, "2 h 07 min"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds, words):
    assert duration(seconds) == words
