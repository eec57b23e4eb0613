"""What every evaluator promises, as tests to inherit."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable

from deltanas.errors import ProtocolError
from deltanas.evaluation import Evaluator
from deltanas.records import Evaluation, Proposal, Status
from deltanas.spaces import Architecture, BlockSpace

SPACE = BlockSpace({"a": (3, 5, 7), "b": (2, 4)})
MOST_ROUNDS = 100
"""Calls of `collect` after which a test gives up."""


class EvaluatorContract(ABC):
    """The promises of `Evaluator`, for pytest.

    Inherit and say how to make an evaluator that gives an architecture to a function:

        class TestMyEvaluator(EvaluatorContract):
            def make(self, train: Callable[[Architecture], object]) -> Evaluator:
                return MyEvaluator(train)

    The functions are importable, so evaluators in other processes can be tested too. The
    name of the subclass must start with `Test`, as pytest wants it.
    """

    @abstractmethod
    def make(self, train: Callable[[Architecture], object]) -> Evaluator:
        """A fresh evaluator of this function."""

    def test_each_proposal_is_collected_once_under_its_number(self) -> None:
        found = run(self.make(train_well), proposals())
        expected = {each.number: train_well(each.architecture) for each in proposals()}
        assert {each.number: each.accuracy for each in found} == expected
        assert all(each.status is Status.FINISHED for each in found)
        assert len(found) == len(proposals())

    def test_capacity_shrinks_by_one_a_proposal_and_comes_back(self) -> None:
        evaluator = self.make(train_well)
        free = evaluator.capacity
        assert free >= 1
        taken = proposals()[:free]
        for count, proposal in enumerate(taken, start=1):
            evaluator.submit(proposal)
            assert evaluator.capacity == free - count
        collected = 0
        for _ in range(MOST_ROUNDS):
            if collected == len(taken):
                break
            collected += len(evaluator.collect())
        assert evaluator.capacity == free

    def test_more_than_the_capacity_is_refused(self) -> None:
        evaluator = self.make(train_well)
        for number in range(evaluator.capacity):
            evaluator.submit(proposal_of(number))
        assert evaluator.capacity == 0
        assert_refuses(lambda: evaluator.submit(proposal_of(1000)))

    def test_collecting_without_submitting_is_refused(self) -> None:
        assert_refuses(self.make(train_well).collect)

    def test_what_raises_is_a_failure_with_its_words_and_the_next_one_is_none_the_worse(
        self,
    ) -> None:
        found = {each.number: each for each in run(self.make(train_badly), proposals())}
        assert len(found) == len(proposals())
        for proposal in proposals():
            evaluation = found[proposal.number]
            if proposal.architecture["b"] == 4:
                assert evaluation.status is Status.FAILED
                assert "four is too much" in (evaluation.reason or "")
                assert "\n" not in (evaluation.reason or "")
            else:
                assert evaluation.accuracy == train_well(proposal.architecture)

    def test_what_is_no_accuracy_is_a_failure_with_a_reason(self) -> None:
        for evaluation in run(self.make(train_to_nothing), proposals()):
            assert evaluation.status is Status.FAILED
            assert "nan" in (evaluation.reason or "").lower()

    def test_what_was_cancelled_is_not_collected(self) -> None:
        evaluator = self.make(train_well)
        free = evaluator.capacity
        evaluator.submit(proposal_of(0))
        evaluator.cancel(0)
        evaluator.cancel(0)
        evaluator.cancel(77)
        assert evaluator.capacity == free
        evaluator.submit(proposal_of(1))
        assert [each.number for each in evaluator.collect()] == [1]


def train_well(architecture: Architecture) -> float:
    """An accuracy that differs between all six architectures: (a + b) / 16."""
    return (int(str(architecture["a"])) + int(str(architecture["b"]))) / 16


def train_badly(architecture: Architecture) -> float:
    """Raises where `b` is 4."""
    if architecture["b"] == 4:
        raise ValueError("four is too much,\nsays the user")
    return train_well(architecture)


def train_to_nothing(architecture: Architecture) -> float:
    """Not a number."""
    del architecture
    return math.nan


def proposal_of(number: int) -> Proposal:
    """The proposal with this number; architectures take turns."""
    codes = SPACE.all_codes()
    return Proposal(number, SPACE.from_codes(codes[[number % len(codes)]])[0])


def proposals() -> list[Proposal]:
    """Six proposals with six architectures, and numbers that do not start at 0."""
    return [proposal_of(number) for number in range(6, 12)]


def run(evaluator: Evaluator, waiting: list[Proposal]) -> list[Evaluation]:
    """Submit everything as there is room, and collect it all."""
    waiting = list(waiting)
    found: list[Evaluation] = []
    wanted = len(waiting)
    for _ in range(MOST_ROUNDS):
        while waiting and evaluator.capacity:
            evaluator.submit(waiting.pop(0))
        if len(found) == wanted:
            return found
        found += evaluator.collect()
    raise AssertionError(f"{len(found)} of {wanted} proposals were collected")


def assert_refuses(call: Callable[[], object]) -> None:
    """The call raises a `ProtocolError`."""
    try:
        call()
    except ProtocolError:
        return
    raise AssertionError("expected a ProtocolError, nothing was raised")
