"""Many workers on a clock that is only counted: how a parallel search would have gone."""

import heapq
from typing import final

from deltanas.errors import ProtocolError
from deltanas.evaluation.base import Evaluator
from deltanas.evaluation.sequential import SequentialEvaluator
from deltanas.records import Evaluation, Proposal


@final
class SimulatedEvaluator(Evaluator):
    """Workers that take as long as the table says a training took, in no time.

    Days of a cluster pass in seconds and always in the same way: of trainings that end at the
    same moment the one with the lower number comes first.
    """

    def __init__(self, answers: SequentialEvaluator, workers: int) -> None:
        """Start the clock at 0.

        Args:
            answers: Says what comes of a proposal, and the seconds that it takes.
            workers: How many trainings run at the same time.

        Raises:
            ProtocolError: Fewer than one worker.
        """
        if workers < 1:
            raise ProtocolError(f"expected 1 worker or more, got {workers}; give for example 4")
        self._answers = answers
        self._workers = workers
        self._running: list[tuple[float, int, Evaluation]] = []
        self.now_s = 0.0
        """Seconds on the clock: when the last collected training ended."""

    @property
    def capacity(self) -> int:
        """Workers without a training."""
        return self._workers - len(self._running)

    def submit(self, proposal: Proposal) -> None:
        """Start a training now; one without recorded seconds ends at once."""
        if not self.capacity:
            raise ProtocolError(
                f"all {self._workers} workers are at work, got proposal {proposal.number} too; "
                f"collect() first"
            )
        found = self._answers.evaluate(proposal)
        end = self.now_s + (found.seconds or 0.0)
        heapq.heappush(self._running, (end, proposal.number, found))

    def collect(self) -> list[Evaluation]:
        """Move the clock on to the next end of a training."""
        if not self._running:
            raise ProtocolError("there is nothing to collect; submit() a proposal first")
        self.now_s, _, found = heapq.heappop(self._running)
        return [found]

    def cancel(self, number: int) -> None:
        """Forget a training; its worker is free at once."""
        self._running = [each for each in self._running if each[1] != number]
        heapq.heapify(self._running)
