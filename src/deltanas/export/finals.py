"""Finals after the search: the best few networks are trained again, to tell which is the best."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from deltanas.errors import BudgetError, StudyError, TrainingError
from deltanas.evaluation import Workplace
from deltanas.export.retraining import Retrainer, Retraining
from deltanas.records import Trial
from deltanas.seeds import generator
from deltanas.study import StudyRecord

COUNT = 5
"""Finalists if nobody says how many."""
TIMES = 3
"""Trainings of each if nobody says how many."""


@final
@dataclass(frozen=True, slots=True)
class Moment:
    """One training of the finals begins, or has ended."""

    trial: Trial
    """Whose network it is."""
    number: int
    """Which of its trainings, from 1."""
    networks: int
    """How many finalists there are."""
    outcome: Retraining | TrainingError | None = None
    """What came of it; None where it begins. After an error a finalist is out."""


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
    failure: str = ""
    """Why a training failed, after which it was out; empty if none did."""

    @property
    def mean(self) -> float:
        """Mean validation accuracy, by which finalists are compared; -inf of one that is out."""
        return float("-inf") if self.failure else float(np.mean(self.accuracies))


@final
@dataclass(frozen=True, slots=True)
class Finals:
    """How many of the best networks are trained again, and how often.

    Raises:
        BudgetError: A number is less than 1, or not whole.
    """

    count: int = COUNT
    """How many of the best trials."""
    times: int = TIMES
    """How often each is trained from scratch."""
    told: Callable[[Moment], None] | None = None
    """Called before and after each training."""

    def __post_init__(self) -> None:
        """Refuse finals without trainings."""
        numbers: dict[str, object] = {"count": self.count, "times": self.times}
        for name, number in numbers.items():
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise BudgetError(
                    f"expected finals of at least one network and one training of each, got "
                    f"{name} {number!r}; give for example Finals(5, times=3)"
                )

    @classmethod
    def of(cls, retrain: "int | Finals") -> "Finals | None":
        """Finals of the best network alone for a number of trainings; None for no training.

        Raises:
            BudgetError: The number is negative, or not whole.
        """
        if isinstance(retrain, cls):
            return retrain
        return None if retrain == 0 else cls(1, retrain)

    def run(
        self, retrainer: Retrainer, trials: Sequence[Trial], work: Workplace
    ) -> tuple[tuple[Finalist, ...], tuple[Retraining, ...]]:
        """Train each network from scratch, with other seeds than that of the search.

        Trainings lie in `finals` beside the trials' folders: what was begun goes on, and what has
        ended is not repeated, unless the user's code is another one. One of several networks
        whose training fails is out.

        Args:
            retrainer: Trains once.
            trials: Whose networks, the best first.
            work: Where trials of the search keep their files.

        Returns:
            The finalists, the best mean first, of equals that of the better trial, and last what
            failed; and the trainings of the first, the best on the validation part first.

        Raises:
            ExportError: A network does not answer as it did when it was trained.
            TrainingError: There is no such device; the training of the only network failed, or
                of each.
        """
        place = Workplace(work.folder / "finals", seed=work.seed, device=work.device)
        found: list[Finalist] = []
        kept: list[Retraining] = []
        for trial in trials:
            made: list[Retraining] = []
            try:
                for number in range(self.times):
                    self._tell(Moment(trial, number + 1, len(trials)))
                    made.append(_trained(retrainer, trial, place, number))
                    self._tell(Moment(trial, number + 1, len(trials), made[-1]))
            except TrainingError as error:
                if len(trials) == 1:
                    raise
                self._tell(Moment(trial, len(made) + 1, len(trials), error))
                found.append(Finalist(trial, (), failure=str(error)))
                continue
            finalist = _finalist(trial, made)
            # Networks that are not exported are let go: there may be no room for all.
            if finalist.mean > max((each.mean for each in found), default=float("-inf")):
                kept = made
            found.append(finalist)
        if not kept:
            raise TrainingError(
                f"none of the {len(found)} finalists could be trained again; the last one: "
                f"{found[-1].failure}"
            )
        found.sort(key=lambda each: -each.mean)
        kept.sort(key=lambda each: -each.accuracy)
        return tuple(found), tuple(kept)

    def _tell(self, moment: Moment) -> None:
        if self.told is not None:
            self.told(moment)


def _trained(retrainer: Retrainer, trial: Trial, work: Workplace, number: int) -> Retraining:
    """One training from scratch, with the seed and in the folder of its number."""
    seed = int(generator(work.seed, "retrain", number).integers(2**31))
    folder = work.folder / retrainer.edition / f"{number}"
    place = Workplace(folder, seed=seed, device=work.device)
    return retrainer.train(replace(trial.proposal, rungs=(), donor=None), place)


def _finalist(trial: Trial, made: Sequence[Retraining]) -> Finalist:
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
    best = record.best
    if trial is None:
        return tuple(sorted(record.history.finished, key=lambda each: -(each.accuracy or 0)))[
            :count
        ]
    for each in record.history.finished:
        if each.number == trial:
            return (each,)
    raise StudyError(
        f"the study {record.place} has no trial {trial} that finished; the best one is "
        f"{best.number}"
    )
