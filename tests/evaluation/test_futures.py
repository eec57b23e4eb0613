from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial

import pytest

from deltanas.errors import TrainingError
from deltanas.evaluation import FunctionEvaluator, FuturesEvaluator
from deltanas.records import Status
from deltanas.testing.evaluators import EvaluatorContract, proposal_of, run, train_well


class TestFuturesEvaluator(EvaluatorContract):
    @pytest.fixture(autouse=True)
    def _executor(self):
        with ThreadPoolExecutor(2) as self.executor:
            yield

    def make(self, train):
        return FuturesEvaluator(self.executor, partial(FunctionEvaluator, train), 2)


class Losing(Executor):
    """An executor that loses the first proposals, as a node that goes away does."""

    def __init__(self, losses):
        self.losses = losses
        self.asked = 0

    def submit(self, function, *arguments):
        self.asked += 1
        future = Future()
        if self.asked <= self.losses:
            future.set_exception(RuntimeError("the node is gone"))
        else:
            future.set_result(function(*arguments))
        return future


def evaluator(losses):
    executor = Losing(losses)
    return executor, FuturesEvaluator(executor, partial(FunctionEvaluator, train_well), 1)


def test_what_an_executor_loses_is_handed_to_it_again():
    executor, found = evaluator(2)
    losses = []
    found.on_loss = lambda *loss: losses.append(loss)
    assert run(found, [proposal_of(4)])[0].accuracy == train_well(proposal_of(4).architecture)
    assert executor.asked == 3
    assert losses == [(4, "the executor lost it: RuntimeError: the node is gone")] * 2


def test_what_is_lost_three_times_is_a_failure_with_its_reason():
    executor, lost = evaluator(100)
    (found,) = run(lost, [proposal_of(4)])
    assert (found.number, found.status, executor.asked) == (4, Status.FAILED, 3)
    assert found.reason == "the executor lost it 3 times: RuntimeError: the node is gone"


def test_an_executor_that_takes_no_more_is_an_error_of_the_run():
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    waiting = FuturesEvaluator(executor, partial(FunctionEvaluator, train_well), 1)
    with pytest.raises(TrainingError, match=r"take proposal 3, it raised RuntimeError"):
        waiting.submit(proposal_of(3))


def test_less_than_one_worker_is_refused():
    with pytest.raises(TrainingError, match="workers, 1 or more, got 0"):
        FuturesEvaluator(Losing(0), partial(FunctionEvaluator, train_well), 0)


@pytest.mark.parametrize("make", [ImportError, lambda: None])
def test_what_makes_no_evaluator_is_an_error_of_the_run_and_no_failed_network(make):
    def raising():
        made = make()
        if isinstance(made, Exception):
            raise made
        return made

    with ThreadPoolExecutor(1) as executor:
        found = FuturesEvaluator(executor, raising, 1)
        found.submit(proposal_of(4))
        with pytest.raises(TrainingError, match="could not make its evaluator: .*Error"):
            found.collect()
