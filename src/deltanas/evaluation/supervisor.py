"""What stands beside each training on a Ray cluster: one supervised process, as on one machine."""

import os
from pathlib import Path
from typing import final

from deltanas.errors import TrainingError
from deltanas.evaluation.crew import Crew
from deltanas.evaluation.processes import ProcessEvaluator
from deltanas.evaluation.shipping import Parcel
from deltanas.records import Evaluation, Proposal


@final
class Supervisor:
    """Lives in a worker of Ray and trains in a process of its own that it watches over.

    So a training has the same limits, threads and reasons as with local workers, what it prints
    never reaches Ray, and its children end when Ray, for whatever reason, ends the worker.
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

    def evaluate(self, proposal: Proposal) -> Evaluation | str:
        """What came of a proposal; a text says why nothing can be evaluated at all."""
        try:
            self._evaluator.submit(proposal)
            (found,) = self._evaluator.collect()
        except TrainingError as error:
            return str(error)
        return found
