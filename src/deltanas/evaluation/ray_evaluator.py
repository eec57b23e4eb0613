"""Evaluation on a Ray cluster, whose machines may come and go.

Ray itself is behind `Cluster`, in the one file that imports it.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, final

from deltanas.errors import ProtocolError, TrainingError
from deltanas.evaluation.base import Evaluator
from deltanas.evaluation.crew import Crew, Log
from deltanas.evaluation.outcome import failed
from deltanas.evaluation.ray import Cluster
from deltanas.evaluation.shipping import Make
from deltanas.evaluation.supervisor import Answer, Report
from deltanas.records import Evaluation, Proposal

TRIES: Final = 3
"""How often a training is begun whose Ray worker is lost each time, before it counts as failed."""
LOOK_S: Final = 1.0
"""Seconds between two looks at what trainings report, and at how many there is room for."""


@dataclass(slots=True, eq=False)
class _Worker:
    """A worker of the cluster, which may still wait for a machine."""

    handle: Any
    asked: Any
    """The question where it is; None once that is known, or it is lost."""
    place: tuple[str, int] | None = None
    """Its machine, and its number there."""


@dataclass(slots=True, eq=False)
class _Job:
    """A proposal that a worker of the cluster has."""

    proposal: Proposal
    slot: int
    worker: _Worker
    answer: Any
    begun: int
    start: float
    news: Any = None
    """The question what it has reported, while that is open."""
    asked_at: float = 0.0
    heard: int = 0
    """How many of its reports were passed on."""


@final
class RayEvaluator(Evaluator):
    """Trains on a Ray cluster, one supervised process a training.

        study = Study(space, RayEvaluator(partial(FunctionEvaluator, train), Crew(ray="auto")))

    A training whose Ray worker or machine is lost is begun again elsewhere, with an equal
    context, and after three times it is failed. Everything else is as with `ProcessEvaluator`,
    which trains on each machine. Workers without a proposal give their resources back.

    `collect` also returns, with nothing, when there is suddenly room for more.
    """

    def __init__(self, make: Make, crew: Crew, *, log: Log | None = None) -> None:
        """Keep the settings; Ray is started or joined with the first question.

        Args:
            make: Makes an evaluator where a training runs.
            crew: Which cluster, how many trainings at a time, and what each one gets.
            log: Names the file for what a training prints, from the number of its place.
        """
        self._make, self._crew, self._log = make, crew, log
        self._cluster: Cluster | None = None
        self._jobs: dict[int, _Job] = {}
        self._done: list[Evaluation] = []
        self._idle: dict[int, _Worker] = {}
        self._room = 0
        self._seen: int | None = None
        self._looked_at = -LOOK_S

    @property
    def capacity(self) -> int:
        """So many trainings the cluster could take on, as far as its machines are known now.

        With a number of workers it is theirs: what does not fit waits for machines.
        """
        self._seen = self._most()
        return self._left_of(self._seen)

    @property
    def processes(self) -> dict[str, tuple[int, ...]]:
        """Workers of the cluster that have a proposal, and a machine."""
        places = sorted(job.worker.place for job in self._jobs.values() if job.worker.place)
        return {name: tuple(pid for host, pid in places if host == name) for name, _ in places}

    def submit(self, proposal: Proposal) -> None:
        """Give a proposal to a worker without one; a new one is asked for if need be.

        Raises:
            ProtocolError: There is no free capacity.
            TrainingError: There is no cluster, or the training cannot be shipped.
        """
        if not self._left_of(self._most()):
            raise ProtocolError(
                f"{len(self._jobs)} trainings are on the cluster, got proposal {proposal.number} "
                f"too; collect() first"
            )
        taken = {job.slot for job in self._jobs.values()}
        free = next(slot for slot in range(len(taken) + 1) if slot not in taken)
        self._hand_over(proposal, next(iter(self._idle), free), begun=1)

    def collect(self) -> list[Evaluation]:
        """Wait until a training has ended, and return all that have; or none, if room was won.

        Raises:
            ProtocolError: Nothing was submitted.
            TrainingError: No worker can make its evaluator, or the cluster is lost.
        """
        if not self._jobs and not self._done:
            raise ProtocolError("there is nothing to collect; submit() a proposal first")
        cluster = self._joined()
        self._send_home()
        # A machine may have come since the capacity was asked for: that is news, too.
        before = self._left_of(self._most() if self._seen is None else self._seen)
        while not self._done and self._left_of(self._most()) <= before:
            for job in self._jobs.values():
                self._ask_for_news(job)
            jobs = {asked: job for job in self._jobs.values() for asked in _open(job)}
            for asked in cluster.wait(list(jobs), LOOK_S):
                self._listen(jobs[asked], asked)
        found, self._done = sorted(self._done, key=lambda each: each.number), []
        return found

    def cancel(self, number: int) -> None:
        """Forget a proposal; its training is ended, with everything it has started."""
        self._done = [each for each in self._done if each.number != number]
        job = self._jobs.pop(number, None)
        if job is not None:
            self._joined().end(job.worker.handle)

    def close(self) -> None:
        """End all trainings, leave the cluster, and end it if it was started for this search."""
        for number in list(self._jobs):
            self.cancel(number)
        self._done = []
        self._send_home()
        if self._cluster is not None:
            self._cluster.leave()
            self._cluster = None

    def _joined(self) -> Cluster:
        if self._cluster is None:
            self._cluster = Cluster(self._crew, self._make)
        return self._cluster

    def _most(self) -> int:
        cluster = self._joined()
        if self._crew.workers is not None:
            return self._crew.workers
        now = time.monotonic()
        if now - self._looked_at >= LOOK_S:
            # Without any machine for the moment, one training waits for the next.
            self._room = max(cluster.room(is_needed=not self._room), 1)
            self._looked_at = now
        return self._room

    def _left_of(self, most: int) -> int:
        return max(0, most - len(self._jobs) - len(self._done))

    def _hand_over(self, proposal: Proposal, slot: int, begun: int) -> None:
        """Give a proposal to the worker of a place; one that cannot be sent is done, and failed."""
        cluster = self._joined()
        worker = self._idle.pop(slot, None)
        if worker is None:
            handle = cluster.worker(None if self._log is None else self._log(slot))
            worker = _Worker(handle, cluster.ask(handle.place))
        try:
            answer = cluster.ask(worker.handle.evaluate, proposal)
        except TrainingError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the options of an architecture are
            self._idle[slot] = worker
            reason = f"proposal cannot be handed to another process: {error}"
            self._done.append(failed(proposal.number, reason, None))
            return
        now = time.monotonic()
        self._jobs[proposal.number] = _Job(
            proposal, slot, worker, answer, begun, start=now, asked_at=now
        )

    def _ask_for_news(self, job: _Job) -> None:
        """Ask what a training has reported, now and then; a short one tells it at its end."""
        now = time.monotonic()
        if job.news is None and job.worker.place is not None and now - job.asked_at >= LOOK_S:
            job.news = self._joined().ask(job.worker.handle.news, job.heard)
            job.asked_at = now

    def _listen(self, job: _Job, asked: Any) -> None:  # noqa: ANN401
        """Take in what a worker says: where it is, what was reported, or what came of it all."""
        if self._jobs.get(job.proposal.number) is not job:
            return
        if asked is job.worker.asked:
            job.worker.asked = None
            job.worker.place = self._joined().told(asked)
            if self.on_change is not None:
                self.on_change()
        elif asked is job.news:
            job.news = None
            self._pass_on(job, self._joined().told(asked) or [])
        else:
            self._take(job)

    def _pass_on(self, job: _Job, reports: list[Report]) -> None:
        job.heard += len(reports)
        for report in reports:
            if self.on_report is not None:
                self.on_report(job.proposal.number, *report)

    def _take(self, job: _Job) -> None:
        """What came of a training: a result, or that its worker was lost."""
        number = job.proposal.number
        del self._jobs[number]
        answer = self._joined().answer(job.answer, number)
        if isinstance(answer, Answer):
            self._pass_on(job, answer.reports[job.heard :])
            self._mourn(number, answer.losses)
            self._idle[job.slot] = job.worker
            self._done.append(answer.found)
            return
        self._joined().end(job.worker.handle)
        if answer.is_final:
            raise TrainingError(answer.words)
        if job.begun < TRIES:
            self._mourn(number, [f"its Ray worker was lost: {answer.words}"])
            self._hand_over(job.proposal, job.slot, job.begun + 1)
            return
        reason = f"its Ray worker was lost {job.begun} times, the last time: {answer.words}"
        self._done.append(failed(number, reason, time.monotonic() - job.start))

    def _mourn(self, number: int, losses: Iterable[str]) -> None:
        for words in losses:
            if self.on_loss is not None:
                self.on_loss(number, words)

    def _send_home(self) -> None:
        """End workers that got no proposal: others may need what they hold."""
        while self._idle:
            self._joined().end(self._idle.popitem()[1].handle)


def _open(job: _Job) -> list[Any]:
    """The questions about a job that are not answered."""
    asked = (job.answer, job.worker.asked, job.news)
    return [each for each in asked if each is not None]
