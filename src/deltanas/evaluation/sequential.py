"""Evaluation one at a time, in the process that asks for it."""

from abc import abstractmethod
from typing import final

from deltanas.errors import ProtocolError
from deltanas.evaluation.base import Evaluator
from deltanas.records import Evaluation, Proposal


class SequentialEvaluator(Evaluator):
    """Keeps one proposal and evaluates it when it is collected."""

    def __init__(self) -> None:
        """Start with nothing to do."""
        self._waiting: Proposal | None = None

    @abstractmethod
    def evaluate(self, proposal: Proposal) -> Evaluation:
        """Evaluate one proposal; whatever goes wrong is part of the answer."""

    @property
    @final
    def capacity(self) -> int:
        """One, or none while a proposal waits to be collected."""
        return 0 if self._waiting else 1

    @final
    def submit(self, proposal: Proposal) -> None:
        """Keep the proposal until it is collected."""
        if self._waiting is not None:
            raise ProtocolError(
                f"this evaluator takes one proposal at a time, got number {proposal.number} while "
                f"number {self._waiting.number} waits; collect() that one first"
            )
        self._waiting = proposal

    @final
    def collect(self) -> list[Evaluation]:
        """Evaluate the proposal that waits. After an interruption it is forgotten."""
        if self._waiting is None:
            raise ProtocolError("there is nothing to collect; submit() a proposal first")
        proposal, self._waiting = self._waiting, None
        return [self.evaluate(proposal)]

    @final
    def cancel(self, number: int) -> None:
        """Forget the proposal that waits, if it has this number."""
        if self._waiting is not None and self._waiting.number == number:
            self._waiting = None
