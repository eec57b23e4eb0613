"""Evaluation by any `concurrent.futures.Executor`: Dask, MPI, submitit, or Python's own pools."""

import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor
from dataclasses import dataclass
from typing import Any, Final, final

from deltanas.errors import ProtocolError, TrainingError
from deltanas.evaluation.base import Evaluator
from deltanas.evaluation.crew import check_whole
from deltanas.evaluation.outcome import failed
from deltanas.evaluation.shipping import Make
from deltanas.records import Evaluation, Proposal

TRIES: Final = 3
"""How often a proposal is handed to the executor before its loss counts as a failure."""
LOOK_S: Final = 0.02
"""Seconds between two looks; futures of several libraries have no common way to wait."""


@dataclass(slots=True)
class _Job:
    proposal: Proposal
    future: Any
    begun: int
    start: float


@final
class FuturesEvaluator(Evaluator):
    """Hands proposals to an executor that the user has made, and looks when they are done.

        with MPIPoolExecutor() as executor:
            study = Study(space, FuturesEvaluator(executor, make, workers=16))

    What the executor's processes may do, whether they survive each other and how long they may
    take is the executor's affair. A proposal that it loses is handed to it again.
    """

    def __init__(
        self, executor: Executor, make: Make, workers: int, *, pause_s: float = LOOK_S
    ) -> None:
        """Keep the executor; it is not shut down.

        Args:
            executor: Anything with `submit(function, *arguments)`, whose futures have `done()`,
                `result()` and `cancel()`.
            make: Makes an evaluator where the executor computes; called for each proposal.
            workers: How many proposals are handed over at the same time.
            pause_s: Seconds between two looks; more where a look is expensive, as with Slurm.

        Raises:
            TrainingError: Fewer than one worker.
        """
        check_whole("workers", workers)
        self._submit: Callable[..., Any] = executor.submit
        self._make, self._workers, self._pause_s = make, workers, pause_s
        self._jobs: dict[int, _Job] = {}

    @property
    def capacity(self) -> int:
        """How many more proposals are handed over."""
        return self._workers - len(self._jobs)

    def submit(self, proposal: Proposal) -> None:
        """Hand a proposal to the executor.

        Raises:
            ProtocolError: There is no free capacity.
            TrainingError: The executor takes no more, because it is shut down or broken.
        """
        if not self.capacity:
            raise ProtocolError(
                f"{self._workers} proposals are with the executor, got number {proposal.number} "
                f"too; collect() first"
            )
        self._hand_over(proposal, 1)

    def collect(self) -> list[Evaluation]:
        """Wait until something is done, and return all that is.

        Raises:
            ProtocolError: There is nothing to wait for.
            TrainingError: `make` raised, or made no evaluator.
        """
        if not self._jobs:
            raise ProtocolError("there is nothing to collect; submit() a proposal first")
        found: list[Evaluation] = []
        while not found:
            for number, job in list(self._jobs.items()):
                if job.future.done():
                    del self._jobs[number]
                    found += self._result(job)
            if not found:
                time.sleep(self._pause_s)
        return found

    def cancel(self, number: int) -> None:
        """Forget a proposal; whether one that runs is ended is up to the executor."""
        job = self._jobs.pop(number, None)
        if job is not None:
            job.future.cancel()

    def _hand_over(self, proposal: Proposal, begun: int) -> None:
        try:
            future = self._submit(evaluated, self._make, proposal)
        except Exception as error:
            raise TrainingError(
                f"expected the executor to take proposal {proposal.number}, it raised "
                f"{type(error).__name__}: {error}; make a new one, the study goes on from its file"
            ) from error
        self._jobs[proposal.number] = _Job(proposal, future, begun, time.monotonic())

    def _result(self, job: _Job) -> list[Evaluation]:
        """What came of a proposal; nothing yet if the executor lost it and gets it again."""
        number = job.proposal.number
        try:
            found = job.future.result()
        except (Exception, CancelledError) as error:  # noqa: BLE001 - any failure is a value
            if job.begun < TRIES:
                if self.on_loss is not None:
                    self.on_loss(number, f"the executor lost it: {type(error).__name__}: {error}")
                self._hand_over(job.proposal, job.begun + 1)
                return []
            reason = f"the executor lost it {job.begun} times: {type(error).__name__}: {error}"
            return [failed(number, reason, time.monotonic() - job.start)]
        if isinstance(found, NotMade):
            raise TrainingError(
                f"the executor could not make its evaluator: {found.reason}; mend that, the study "
                f"goes on from its file"
            )
        if isinstance(found, Evaluation) and found.number == number:
            return [found]
        return [failed(number, f"the executor returned {type(found).__name__}", None)]


@final
@dataclass(frozen=True, slots=True)
class NotMade:
    """There is no evaluator where the executor computes: no fault of the network."""

    reason: str
    """The error, in one line."""


def evaluated(make: Make, proposal: Proposal) -> Evaluation | NotMade:
    """Evaluate one proposal, where the executor computes."""
    try:
        evaluator = make()
        evaluate = evaluator.evaluate
    except Exception as error:  # noqa: BLE001 - whatever the user's modules raise
        return NotMade(f"{type(error).__name__}: {error}")
    return evaluate(proposal)
