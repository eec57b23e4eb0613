import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch

from deltanas.evaluation import evaluation_of, failed, failure_of
from deltanas.records import Status


@pytest.mark.parametrize(
    ("returned", "accuracy"),
    [
        (0.25, 0.25),
        (1, 1.0),
        (93.1, 93.1),
        (-3, -3.0),
        (Fraction(3, 4), 0.75),
        (np.float32(0.5), 0.5),
        (np.int64(2), 2.0),
        (np.array(0.75), 0.75),
        (torch.tensor(0.5), 0.5),
        (torch.tensor([0.5]), 0.5),
        (np.array([[0.5]]), 0.5),
        ({"accuracy": 0.5}, 0.5),
    ],
)
def test_any_finite_number_is_an_accuracy(returned, accuracy):
    evaluation = evaluation_of(7, returned, 2.5)
    assert evaluation.number == 7
    assert evaluation.status is Status.FINISHED
    assert evaluation.accuracy == accuracy
    assert type(evaluation.accuracy) is float
    assert evaluation.seconds == 2.5
    assert evaluation.reason is None


class Unprintable:
    def __repr__(self):
        raise RuntimeError("no repr")


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (None, "expected a finite number as accuracy, got None; does the function end in"),
        ("0.93", "got '0.93' (str)"),
        (True, "got True (bool)"),
        (np.bool_(1), "(bool"),
        (math.nan, "got nan (float)"),
        (-math.inf, "got -inf (float)"),
        (10**400, "(int)"),
        ([0.9], "got [0.9] (list)"),
        (np.array([0.9, 0.8]), "(ndarray)"),
        (Decimal("0.9"), "(Decimal)"),
        (Unprintable(), "got an object whose repr raises RuntimeError (Unprintable)"),
        ({}, "expected an entry 'accuracy', got nothing"),
        ({"acc": 0.9, "loss": 1}, "expected an entry 'accuracy', got 'acc', 'loss'"),
        ({"accuracy": "high"}, "got 'high' (str)"),
    ],
)
def test_anything_else_is_a_failure_that_says_what_came(returned, words):
    evaluation = evaluation_of(7, returned)
    assert evaluation.status is Status.FAILED
    assert evaluation.accuracy is None
    assert words in evaluation.reason


def test_other_numbers_are_metrics_and_the_rest_is_left_out():
    evaluation = evaluation_of(
        0,
        {"accuracy": 0.5, "latency_ms": np.float64(3), "net": object(), "loss": math.nan, "ok": 1},
    )
    assert evaluation.metrics == {"latency_ms": 3.0, "ok": 1.0}


def test_metrics_survive_an_accuracy_that_is_none():
    evaluation = evaluation_of(0, {"accuracy": math.nan, "loss": 7.0})
    assert evaluation.status is Status.FAILED
    assert evaluation.metrics == {"loss": 7.0}


def raised():
    try:
        int("five")
    except ValueError as error:
        return error


def test_an_exception_is_told_with_its_type_its_words_and_the_users_line():
    reason = failure_of(0, raised(), __file__).reason
    assert reason.startswith("ValueError: invalid literal for int() with base 10: 'five' (")
    assert reason.endswith(': int("five"))')
    assert "test_outcome.py, line " in reason


def test_without_the_users_file_the_last_line_is_told():
    assert "test_outcome.py, line " in failure_of(0, raised(), None).reason
    assert "test_outcome.py, line " in failure_of(0, raised(), "elsewhere.py").reason
    assert failure_of(0, ValueError("never raised"), None).reason == "ValueError: never raised"


def test_a_reason_is_one_printable_line_of_bounded_length():
    reason = failed(0, "red \x1b[31m\n\n  and\tnul \0 " + 2000 * "x" + " the end", None).reason
    assert reason.startswith("red ?[31m and nul ? xxx")
    assert reason.endswith(" the end")
    assert " ... " in reason
    assert len(reason) < 520


def test_an_exception_that_cannot_be_shown_is_told_all_the_same():
    class BrokenError(Exception):
        def __str__(self):
            raise RuntimeError

    assert "BrokenError" in failure_of(0, BrokenError(), None).reason
