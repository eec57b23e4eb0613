import pytest

from deltanas.errors import ProtocolError
from deltanas.evaluation import (
    FunctionEvaluator,
    Recorded,
    SimulatedEvaluator,
    TableEvaluator,
)
from deltanas.study import Evaluated, Study
from deltanas.testing.evaluators import SPACE, EvaluatorContract, proposal_of, train_well


class TestSimulatedEvaluator(EvaluatorContract):
    def make(self, train):
        return SimulatedEvaluator(FunctionEvaluator(train), 3)


def recorded(architecture):
    """Trainings take `a * b` seconds: 6, 12, 10, 20, 14, 28 for numbers 0 to 5."""
    return Recorded((train_well(architecture),), float(architecture["a"] * architecture["b"]))


def test_trainings_end_in_the_order_of_the_clock_worked_by_hand():
    evaluator = SimulatedEvaluator(TableEvaluator(recorded), 2)
    ends = []
    waiting = list(range(6))
    while waiting or evaluator.capacity < 2:
        while waiting and evaluator.capacity:
            evaluator.submit(proposal_of(waiting.pop(0)))
        (found,) = evaluator.collect()
        ends.append((found.number, evaluator.now_s))
    # One worker: 0 until 6, 2 until 16, 4 until 30 with 3 from 12 until 32 on the other,
    # which had 1 until 12; then 4 from 16 until 30 and 5 from 30 until 58.
    assert ends == [(0, 6.0), (1, 12.0), (2, 16.0), (4, 30.0), (3, 32.0), (5, 58.0)]


def test_of_trainings_that_end_together_the_lower_number_comes_first():
    evaluator = SimulatedEvaluator(FunctionEvaluator(train_well), 3)
    evaluator._answers = TableEvaluator(lambda each: Recorded((train_well(each),), 5.0))
    for number in (4, 2, 3):
        evaluator.submit(proposal_of(number))
    assert [evaluator.collect()[0].number for _ in range(3)] == [2, 3, 4]


def test_a_parallel_study_is_the_same_every_time():
    def once():
        evaluator = SimulatedEvaluator(TableEvaluator(recorded), 3)
        order = []
        study = Study(SPACE, evaluator, seed=2)
        study.run(6, lambda event: order.append(event) if isinstance(event, Evaluated) else None)
        return [each.trial for each in order], evaluator.now_s

    assert once() == once()


def test_less_than_one_worker_is_refused():
    with pytest.raises(ProtocolError, match="1 worker or more, got 0"):
        SimulatedEvaluator(TableEvaluator(recorded), 0)
