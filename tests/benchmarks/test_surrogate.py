from dataclasses import replace

import numpy as np
import pytest

from deltanas.benchmarks import Surrogate, under_limits
from deltanas.benchmarks.climbing import climbed
from deltanas.errors import ArchitectureError, DataError, LimitError, UnknownNameError
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace
from deltanas.testing import SurrogateContract


def made_up(best_known=0.9):
    """Ten decisions of ten options: 10^10 architectures, the best of which is all nines."""
    space = BlockSpace({f"d{n}": tuple(range(10)) for n in range(10)}, name="digits")
    return Surrogate(
        name="digits",
        space=space,
        citation="Nobody, A Formula of Ten Digits, 2026",
        licence="none",
        model=lambda codes: 0.005 * codes.sum(axis=1) + 0.003 * codes[:, 0] + 0.1,
        error="0 points",
        best_known=best_known,
        best_known_by="thinking",
        metrics={"sum_ms": lambda codes: codes.sum(axis=1).astype(float)},
    )


class TestSurrogate(SurrogateContract):
    def make(self):
        return made_up()


def test_an_answer_by_hand():
    benchmark = made_up()
    one = benchmark.space.architecture({f"d{n}": 9 if n < 2 else 0 for n in range(10)})
    record = benchmark.record(one)
    # .005 x 18 + .003 x 9 + .1
    assert record.accuracies == pytest.approx((0.217,))
    assert record.metrics == {"sum_ms": 18.0}
    with pytest.raises(UnknownNameError, match="no signal 'median'"):
        benchmark.evaluate(one, signal="median")


def test_a_best_known_accuracy_that_is_none_is_refused():
    with pytest.raises(DataError, match="best accuracy known so far, got nan"):
        made_up(np.nan)


def test_under_limits_the_best_known_is_what_ascents_find_within_them():
    benchmark = made_up()
    limited = under_limits(benchmark, ["sum_ms<=40"])
    codes = limited.space.sample_codes(50, generator(0, "limited"))
    assert (codes.sum(axis=1) <= 40).all()
    # The first decision counts .008 a step, others .005: 9 x .008 + 31 x .005 + .1.
    assert limited.best_known == pytest.approx(0.327)
    assert limited.best_known_by == "5 steepest ascents within the limits"
    assert limited.sampled[-1] <= limited.best_known < benchmark.best_known
    over = benchmark.space.architecture({f"d{n}": 9 for n in range(10)})
    with pytest.raises(ArchitectureError, match="answers for architectures of space 'digits'"):
        limited.record(over)
    assert under_limits(benchmark, []) is benchmark


def test_metrics_are_measured_for_many_codes():
    benchmark = made_up()
    codes = benchmark.space.sample_codes(5, generator(0, "metrics"))
    assert benchmark.metric_names == ("sum_ms",)
    assert benchmark.measure("sum_ms", codes).tolist() == codes.sum(axis=1).tolist()


def test_what_says_the_accuracy_is_recorded_but_not_known_before():
    benchmark = replace(made_up(), answers=("sum_ms",))
    assert benchmark.metric_names == ()
    (one,) = benchmark.space.sample(1, generator(0, "answers"))
    assert benchmark.record(one).metrics == {"sum_ms": float(sum(one.code))}
    with pytest.raises(LimitError, match="'sum_ms', but no metric is known here"):
        under_limits(benchmark, ["sum_ms<=40"])


def test_an_ascent_ends_where_no_edit_is_better():
    space = BlockSpace({"a": (0, 1, 2, 3), "b": (0, 1, 2, 3)})
    # Two hills: (0, 0) with 1, and (3, 3) with 2, a valley of -1 between them.
    hills = {(0, 0): 1.0, (3, 3): 2.0, (3, 0): -1.0, (0, 3): -1.0}
    asked = []

    def model(codes):
        asked.append(len(codes))
        return np.array([hills.get(tuple(code), 0.0) for code in codes.tolist()])

    assert climbed(space, model, 1, generator(0, "hills")) == 2.0
    # Fifty starts, among which is the top, then its six neighbours.
    assert asked == [50, 6]
