"""Evaluation in several processes of this machine, none of which can take the others down."""

import os
import socket
import time
import weakref
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from typing import Final, final

from deltanas.errors import ProtocolError, TrainingError
from deltanas.evaluation.base import Evaluator
from deltanas.evaluation.crew import Crew, Log, check_whole, crew_of
from deltanas.evaluation.devices import VISIBLE, devices_here, shared_out
from deltanas.evaluation.memory import session_bytes
from deltanas.evaluation.outcome import failed
from deltanas.evaluation.shipping import UNGUARDED, Make, Parcel, is_worker
from deltanas.evaluation.worker_process import THREADS, WorkerProcess
from deltanas.records import Evaluation, Proposal, Status

TRIES: Final = 3
"""How often a training is begun whose process dies each time, before it counts as failed."""
START_S: Final = 600.0
"""Seconds that a process may take to import everything and to read its data."""
WEIGH_S: Final = 0.25
"""Seconds between two looks at how much memory trainings take."""
LOOK_S: Final = 0.1
"""Seconds between two looks at whether all processes are still there."""


@dataclass(slots=True)
class _Job:
    """A proposal that a process works on."""

    proposal: Proposal
    worker: WorkerProcess
    slot: int
    begun: int = 0
    """How often it was begun."""
    start: float = 0.0
    """When the process or the training was started, on the clock that never goes back."""


@final
class ProcessEvaluator(Evaluator):
    """Supervises long-lived processes, each of which evaluates one proposal at a time.

        def make():
            return FunctionEvaluator(train)

        study = Study(space, ProcessEvaluator(make, workers=4))

    A process computes with one thread. If it dies (out of memory, a crash, by hand), only its
    own training is begun again, with an equal context, and after `tries` times it is failed.
    A training past its time limit is ended with everything it has started. When this process
    dies, the others end by themselves.

    Only what lies outside every training is raised: that no process can make its evaluator.
    """

    def __init__(
        self,
        make: Make | Parcel,
        workers: int | Crew,
        *,
        time_limit_s: float | None = None,
        tries: int = TRIES,
        log: Log | None = None,
    ) -> None:
        """Keep the settings; processes start with the first proposals.

        Args:
            make: Makes the evaluator of a process; a function of a module, a `partial` of one,
                or whatever else can be pickled. Or that, packed.
            workers: How many processes; or a crew that also says what each training gets.
            time_limit_s: Seconds after which a training is ended as timed out.
            tries: How often a training is begun whose process dies each time.
            log: Names the file for what a process prints, from the number of its place.

        Raises:
            TrainingError: Not one worker, try or second; or this system has no process groups.
        """
        crew = crew_of(workers, time_limit_s)
        check_whole("tries", tries)
        if os.name != "posix":
            raise TrainingError(
                f"several processes need Linux or macOS, this system is {os.name!r}; use one "
                f"worker, or FuturesEvaluator with an executor of yours"
            )
        self._make = make
        self._parcel: Parcel | None = None
        self._workers, self._tries, self._limit_s = crew.workers or 1, tries, crew.time_limit_s
        self._log = log
        self._crew, self._weighed = crew, 0.0
        self._gpus: list[str] | None = None
        self._jobs: dict[int, _Job] = {}
        self._idle: dict[int, WorkerProcess] = {}
        self._done: list[Evaluation] = []
        self._failed_starts = 0
        self._started: set[WorkerProcess] = set()
        weakref.finalize(self, _end_all, self._started)

    @property
    def capacity(self) -> int:
        """Processes that have nothing to do."""
        return self._workers - len(self._jobs) - len(self._done)

    @property
    def processes(self) -> dict[str, tuple[int, ...]]:
        """Those that were started and not ended."""
        return {socket.gethostname(): tuple(sorted(each.pid for each in self._started))}

    def submit(self, proposal: Proposal) -> None:
        """Give a proposal to a process that has nothing to do; one is started if need be."""
        if self.capacity < 1:
            raise ProtocolError(
                f"all {self._workers} processes are at work, got proposal {proposal.number} too; "
                f"collect() first"
            )
        taken = {job.slot for job in self._jobs.values()}
        free = [slot for slot in range(self._workers) if slot not in taken]
        slot = next((each for each in free if each in self._idle), free[0])
        worker = self._idle.pop(slot, None)
        if worker is not None and not worker.is_alive:
            self._end(worker)
            worker = None
        job = _Job(proposal, worker or self._new(slot), slot)
        self._jobs[proposal.number] = job
        self._begin(job)

    def collect(self) -> list[Evaluation]:
        """Wait until a training has ended, and return all that have."""
        if not self._jobs and not self._done:
            raise ProtocolError("there is nothing to collect; submit() a proposal first")
        while not self._done:
            wait([job.worker.connection for job in self._jobs.values()], LOOK_S)
            for job in list(self._jobs.values()):
                self._look_at(job)
            self._weigh()
        found, self._done = sorted(self._done, key=lambda each: each.number), []
        return found

    def cancel(self, number: int) -> None:
        """Forget a proposal; its process is ended, with everything it has started."""
        self._done = [each for each in self._done if each.number != number]
        job = self._jobs.pop(number, None)
        if job is not None:
            self._end(job.worker)

    def close(self) -> None:
        """End all processes; what they work on is forgotten."""
        for number in list(self._jobs):
            self.cancel(number)
        self._done = []
        self._idle.clear()
        _end_all(self._started)

    def _new(self, slot: int) -> WorkerProcess:
        if self._parcel is None:
            if is_worker():
                raise TrainingError(
                    "expected a training, got a search with processes inside one of its own; "
                    f"{UNGUARDED}"
                )
            make = self._make
            self._parcel = make if isinstance(make, Parcel) else Parcel.of(make)
        log = None if self._log is None else self._log(slot)
        try:
            worker = WorkerProcess(log, self._environment(slot))
        except OSError as error:
            raise TrainingError(
                f"expected to start a process to train in, got {error}; free memory, or use "
                f"fewer workers than {self._workers}"
            ) from None
        self._started.add(worker)
        return worker

    def _environment(self, slot: int) -> dict[str, str]:
        found = dict.fromkeys(THREADS, str(self._crew.threads))
        if self._crew.gpus and self._gpus is None:
            self._gpus = shared_out(devices_here(), self._crew.gpus, self._workers)
        return found if self._gpus is None else {**found, VISIBLE: self._gpus[slot]}

    def _begin(self, job: _Job) -> None:
        """Start the clock, and the training if its process is ready for it."""
        job.start = time.monotonic()
        if job.worker.is_ready:
            job.begun += 1
            self._send(job, job.proposal)

    def _send(self, job: _Job, message: object) -> None:
        try:
            job.worker.connection.send(message)
        except OSError:
            self._begin_again(job)
        except Exception as error:  # noqa: BLE001 - whatever the options of an architecture are
            self._idle[job.slot] = job.worker
            reason = f"proposal cannot be handed to another process: {error}"
            self._finish(job, failed(job.proposal.number, reason, None))

    def _look_at(self, job: _Job) -> None:
        """Take in what a process says, or that it is no more."""
        worker = job.worker
        is_alive, message = worker.hear(self.on_report)
        seconds = time.monotonic() - job.start
        limit = self._limit_s if worker.is_ready else START_S
        if message is not None:
            self._take(job, *message)
        elif not is_alive:
            self._begin_again(job)
        elif limit is not None and seconds > limit:
            self._stop(job, seconds, limit)

    def _take(self, job: _Job, what: str, content: object) -> None:
        if what == "hello":
            self._send(job, self._parcel)
        elif what == "ready":
            self._failed_starts = 0
            self._check_room(job.worker)
            job.worker.is_ready = True
            self._begin(job)
        elif isinstance(content, Evaluation):
            self._idle[job.slot] = job.worker
            self._finish(job, content)
        else:
            self._end(job.worker)
            raise TrainingError(
                f"expected a process that can train, one could not make its evaluator "
                f"({content}); correct that, its whole output is in worker-{job.slot}.txt"
            )

    def _begin_again(self, job: _Job) -> None:
        """The process of a training has died: begin in a new one, unless that was enough."""
        was_ready, seconds = job.worker.is_ready, time.monotonic() - job.start
        self._started.discard(job.worker)
        # Its pipe may be closed a moment before it has ended.
        words = job.worker.end(patience_s=1.0)
        if not was_ready:
            self._failed_starts += 1
            if self._failed_starts >= TRIES * self._workers:
                raise TrainingError(
                    f"expected processes to train in, {self._failed_starts} died before they were "
                    f"ready ({words}); free memory, or use fewer workers than {self._workers}"
                )
        elif job.begun >= self._tries:
            reason = f"its process died {job.begun} times, the last time {words}"
            self._finish(job, failed(job.proposal.number, reason, seconds))
            return
        elif self.on_loss is not None:
            self.on_loss(job.proposal.number, words)
        job.worker = self._new(job.slot)
        self._begin(job)

    def _stop(self, job: _Job, seconds: float, limit: float) -> None:
        """A training, or the start of a process, takes too long."""
        if not job.worker.is_ready:
            self._begin_again(job)
            return
        self._end(job.worker)
        reason = f"it took longer than the limit of {limit:g} s and was ended; allow more time"
        found = failed(job.proposal.number, reason, seconds)
        self._finish(job, replace(found, status=Status.TIMED_OUT))

    def _weigh(self) -> None:
        """End trainings that take too much memory; looked at now and then, as it costs time."""
        limit, now = self._crew.memory_limit_bytes, time.monotonic()
        if limit is None or now - self._weighed < WEIGH_S:
            return
        self._weighed = now
        for job in list(self._jobs.values()):
            taken = session_bytes(job.worker.pid) if job.worker.is_ready else 0
            if taken > limit:
                self._end(job.worker)
                reason = (
                    f"it took {taken / 1e9:.2f} GB of memory, more than the limit of "
                    f"{limit / 1e9:.2f} GB, and was ended; allow more, or train smaller batches"
                )
                self._finish(job, failed(job.proposal.number, reason, now - job.start))

    def _check_room(self, worker: WorkerProcess) -> None:
        limit = self._crew.memory_limit_bytes
        taken = 0 if limit is None else session_bytes(worker.pid)
        if limit is not None and taken > limit:
            raise TrainingError(
                f"expected processes within the memory limit of {limit / 1e9:.2f} GB, one takes "
                f"{taken / 1e9:.2f} GB before it trains; allow more, or import and load less"
            )

    def _finish(self, job: _Job, evaluation: Evaluation) -> None:
        del self._jobs[job.proposal.number]
        self._done.append(evaluation)

    def _end(self, worker: WorkerProcess) -> None:
        self._started.discard(worker)
        worker.end()


def _end_all(started: set[WorkerProcess]) -> None:
    while started:
        started.pop().end()
