"""What stands beside each training on a Ray cluster: one supervised process, as on one machine."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

from deltanas.errors import TrainingError
from deltanas.evaluation.crew import Crew
from deltanas.evaluation.processes import ProcessEvaluator
from deltanas.evaluation.shipping import Parcel
from deltanas.records import Evaluation, Proposal

Report = tuple[int, float, Mapping[str, float]]
"""An epoch, the accuracy after it, and what else was measured."""


@final
@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a proposal."""

    found: Evaluation
    """The evaluation."""
    reports: list[Report]
    """All that the training has reported."""
    losses: tuple[str, ...] = ()
    """How its process died, each time that it was begun again."""


@final
class Supervisor:
    """Lives in a worker of Ray and trains in a process of its own that it watches over.

    So a training has the same limits, threads and reasons as with local workers, what it prints
    never reaches Ray, and its children end when Ray, for whatever reason, ends the worker.
    Ray calls it from two threads: one evaluates, the other answers questions meanwhile.
    """

    def __init__(self, make: bytes, crew: Crew, log: Path | None, folder: str | None) -> None:
        """Be ready; the process starts with the first proposal.

        Args:
            make: A packed way to make an evaluator.
            crew: What a training gets, besides GPUs, which Ray has chosen.
            log: File for what trainings print; None to keep the last lines only.
            folder: Folder to work in, on the machine of the search; None for the one that was
                shipped.
        """
        if folder is not None:
            os.chdir(folder)
        parcel = Parcel.here(make)
        self._evaluator = ProcessEvaluator(parcel, crew, log=None if log is None else lambda _: log)
        self._evaluator.on_report = self._keep
        self._evaluator.on_loss = lambda _, words: self._losses.append(words)
        self._reports: list[Report] = []
        self._losses: list[str] = []

    def place(self) -> tuple[str, int]:
        """Name of the machine, and number of this process there."""
        return socket.gethostname(), os.getpid()

    def news(self, heard: int) -> list[Report]:
        """What the training has reported so far, without the first `heard` reports."""
        return self._reports[heard:]

    def evaluate(self, proposal: Proposal) -> Answer | str:
        """What came of a proposal; a text says why nothing can be evaluated at all."""
        self._reports, self._losses = [], []
        try:
            self._evaluator.submit(proposal)
            (found,) = self._evaluator.collect()
        except TrainingError as error:
            return str(error)
        return Answer(found, self._reports, tuple(self._losses))

    def _keep(self, _: int, epoch: int, accuracy: float, metrics: Mapping[str, float]) -> None:
        self._reports.append((epoch, accuracy, metrics))
