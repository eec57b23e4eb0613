import numpy as np
import pytest

from deltanas.benchmarks import Surrogate
from deltanas.errors import DataError, UnknownNameError
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
