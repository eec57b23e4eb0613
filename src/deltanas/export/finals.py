"""Finals after the search: the best few networks are trained again, to tell which is the best."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from deltanas.errors import BudgetError, StudyError, TrainingError
from deltanas.evaluation import Workplace
from deltanas.export.again import Again, Retrainer
from deltanas.records import Trial
from deltanas.seeds import generator
from deltanas.study import StudyRecord

COUNT = 5
TIMES = 3
"""Trainings of each finalist if nobody says how many."""

Told = Callable[[Trial, int, Again | TrainingError], None]
"""Hears what came of the n-th training of a trial's network, from 1; 0 with what made it fail."""


@final
@dataclass(frozen=True, slots=True)
class Finalist:
    """A network that was trained again from scratch, and how good it was."""

    trial: Trial
    """The trial of the search whose architecture it is."""
    accuracies: tuple[float, ...]
    """Validation accuracy of each training, a fraction; that of the search is none of them."""
    test_accuracies: tuple[float, ...] = ()
    """Test accuracy of each, a fraction; nothing is chosen by it. Empty where it is not told."""

    @property
    def mean(self) -> float:
        """Mean validation accuracy, by which finalists are compared."""
        return float(np.mean(self.accuracies))


@final
@dataclass(frozen=True, slots=True)
class Finals:
    """How many of the best networks are trained again, and how often.

    Raises:
        BudgetError: A number is less than 1.
    """

    count: int = COUNT
    """How many of the best trials."""
    times: int = TIMES
    """How often each is trained from scratch."""
    told: Told | None = None
    """Called after each training, and once with the error of a network that is left out."""

    def __post_init__(self) -> None:
        """Refuse finals without trainings."""
        for name, number in (("count", self.count), ("times", self.times)):
            if number < 1:
                raise BudgetError(
                    f"expected finals of at least one network and one training of each, got "
                    f"{name} {number}; give for example Finals(5, times=3)"
                )

    @classmethod
    def of(cls, retrain: "int | Finals") -> "Finals | None":
        """Finals of the best network alone for a number of trainings; None for no training.

        Raises:
            BudgetError: The number is negative.
        """
        if isinstance(retrain, cls):
            return retrain
        return cls(1, int(retrain)) if retrain else None

    def run(
        self, retrain: Retrainer, trials: Sequence[Trial], work: Workplace
    ) -> tuple[tuple[Finalist, ...], tuple[Again, ...]]:
        """Train each network from scratch, with other seeds than that of the search.

        Trainings lie in `finals` beside the trials' folders: what was begun goes on, and what has
        ended is not repeated. One of several networks whose training fails is left out.

        Args:
            retrain: Trains once.
            trials: Whose networks, the best first.
            work: Where trials of the search keep their files.

        Returns:
            The finalists, the best mean first, of equals that of the better trial; and the
            trainings of the first, the best on the validation part first.

        Raises:
            ExportError: A network does not answer as it did when it was trained.
            TrainingError: The training of the only one failed, or of each.
        """
        found: list[Finalist] = []
        kept: list[Again] = []
        failure: TrainingError | None = None
        for trial in trials:
            try:
                made = self._trainings(retrain, trial, work)
            except TrainingError as error:
                failure = error
                self._tell(trial, 0, error)
                continue
            finalist = _finalist(trial, made)
            # Networks that are not exported are let go: there may be no room for all.
            if not found or finalist.mean > max(each.mean for each in found):
                kept = made
            found.append(finalist)
        if failure is not None and not found:
            raise failure
        found.sort(key=lambda each: -each.mean)
        kept.sort(key=lambda each: -each.accuracy)
        return tuple(found), tuple(kept)

    def _trainings(self, retrain: Retrainer, trial: Trial, work: Workplace) -> list[Again]:
        proposal = replace(trial.proposal, rungs=(), donor=None)
        made = []
        for number in range(self.times):
            seed = int(generator(work.seed, "retrain", number).integers(2**31))
            place = Workplace(work.folder / "finals" / f"{number}", seed=seed, device=work.device)
            made.append(retrain(proposal, place))
            self._tell(trial, number + 1, made[-1])
        return made

    def _tell(self, trial: Trial, number: int, found: Again | TrainingError) -> None:
        if self.told is not None:
            self.told(trial, number, found)


def _finalist(trial: Trial, made: Sequence[Again]) -> Finalist:
    tests = [each.test_accuracy for each in made]
    known = tuple(each for each in tests if each is not None)
    return Finalist(
        trial,
        tuple(each.accuracy for each in made),
        known if len(known) == len(tests) else (),
    )


def trials_of(record: StudyRecord, trial: int | None, count: int) -> tuple[Trial, ...]:
    """The trial that is asked for, or the best ones, the best first.

    Raises:
        StudyError: No trial finished, or not this one.
    """
    if trial is None:
        order = sorted(record.history.finished, key=lambda each: -(each.accuracy or 0.0))
        return (record.best, *(each for each in order if each != record.best))[:count]
    for each in record.history.finished:
        if each.number == trial:
            return (each,)
    raise StudyError(
        f"the study {record.place} has no trial {trial} that finished; the best one is "
        f"{record.best.number}"
    )
