import functools
import sys

import pytest

from deltanas.evaluation import FunctionEvaluator
from deltanas.records import Status
from deltanas.testing.evaluators import EvaluatorContract, proposal_of


class TestFunctionEvaluator(EvaluatorContract):
    def make(self, train):
        return FunctionEvaluator(train)


def evaluate(function):
    return FunctionEvaluator(function).evaluate(proposal_of(4))


def test_the_function_gets_the_architecture():
    seen = []
    evaluation = evaluate(lambda architecture: seen.append(architecture) or 0.5)
    assert seen == [proposal_of(4).architecture]
    assert evaluation.number == 4
    assert evaluation.accuracy == 0.5


def test_seconds_are_measured_for_successes_and_failures(monkeypatch):
    ticks = iter([10.0, 12.5, 20.0, 20.25])
    monkeypatch.setattr("deltanas.evaluation.function.time.perf_counter", lambda: next(ticks))
    assert evaluate(lambda _: 0.5).seconds == 2.5
    assert evaluate(lambda _: 1 / 0).seconds == 0.25


def test_the_line_of_the_user_is_named_not_that_of_a_library():
    def train(architecture):
        return functools.reduce(lambda a, b: a + b, [architecture, 1])

    def deeper(architecture):
        import json  # noqa: PLC0415

        return json.loads("{" + str(architecture["a"]))

    assert "return json.loads" in evaluate(deeper).reason
    assert "test_function.py" in evaluate(deeper).reason
    assert evaluate(train).reason.startswith("TypeError: ")


class Trainer:
    def __call__(self, _):
        raise OSError("no gpu")

    def method(self, _):
        raise OSError("no gpu")


@pytest.mark.parametrize("function", [Trainer(), Trainer().method, functools.partial(Trainer())])
def test_objects_methods_and_partials_are_functions_too(function):
    reason = evaluate(function).reason
    assert reason.startswith("OSError: no gpu (test_function.py, line ")


def test_a_builtin_is_a_function_too():
    assert evaluate(len).accuracy == 2.0


def test_sys_exit_is_a_failure():
    evaluation = evaluate(lambda _: sys.exit("wrong flags"))
    assert evaluation.status is Status.FAILED
    assert "SystemExit: wrong flags" in evaluation.reason


def test_ctrl_c_passes_and_the_evaluator_is_free_again():
    def train(_):
        raise KeyboardInterrupt

    evaluator = FunctionEvaluator(train)
    evaluator.submit(proposal_of(0))
    with pytest.raises(KeyboardInterrupt):
        evaluator.collect()
    assert evaluator.capacity == 1
