"""Trainings after the search: of the best network, or of finalists that are told apart by them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

import numpy as np

from deltanas.errors import BudgetError, ExportError, StudyError, TrainingError
from deltanas.evaluation import Workplace
from deltanas.records import Trial
from deltanas.scale import PER_CENT
from deltanas.seeds import generator
from deltanas.study import StudyRecord
from deltanas.training.networks import NetworkTraining, Trained

ALIKE = 0.01
"""Validation accuracies that differ by no more are of one network, on whatever device."""
TIMES = 3
"""Trainings of each finalist if nobody says how many."""

Told = Callable[[Trial, int, Trained | TrainingError], None]
"""Hears what came of the n-th training of a trial's network, from 1; 0 with what made it fail."""


@final
@dataclass(frozen=True, slots=True)
class Finalist:
    """A network that was trained again from scratch, and how good it was."""

    trial: Trial
    """The trial of the search whose architecture it is."""
    accuracies: tuple[float, ...]
    """Validation accuracy of each training, a fraction; that of the search is none of them."""
    test_accuracies: tuple[float, ...]
    """Test accuracy of each, a fraction; nothing is chosen by it."""

    @property
    def mean(self) -> float:
        """Mean validation accuracy, by which finalists are compared."""
        return float(np.mean(self.accuracies))


@final
@dataclass(frozen=True, slots=True)
class Finals:
    """Several of the best networks are trained again, to tell which is the best.

    Raises:
        BudgetError: A number is less than 1.
    """

    count: int = 5
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
        self, training: NetworkTraining, trials: Sequence[Trial], work: Workplace
    ) -> tuple[tuple[Finalist, ...], tuple[Trained, ...]]:
        """Train each network from scratch, with other seeds than that of the search.

        Trainings lie in the trial's folder: what was begun goes on, and what has ended is not
        repeated. One of several networks whose training fails is left out.

        Returns:
            The finalists, the best mean first, of equals that of the better trial; and the
            trainings of the first, the best on the validation part first.

        Raises:
            ExportError: A network does not answer as it did when it was trained.
            TrainingError: The training of the only one failed, or of each.
        """
        found: list[Finalist] = []
        kept: tuple[Trained, ...] = ()
        failure: TrainingError | None = None
        for trial in trials:
            try:
                made = self._trainings(training, trial, work)
            except TrainingError as error:
                failure = error
                self._tell(trial, 0, error)
                continue
            validation = tuple(each.accuracy for each in made)
            test = tuple(each.test_accuracy for each in made)
            # Networks that are not exported are let go: there may be no room for all.
            if not found or np.mean(validation) > max(each.mean for each in found):
                kept = made
            found.append(Finalist(trial, validation, test))
        if failure is not None and not found:
            raise failure
        found.sort(key=lambda each: -each.mean)
        best = int(np.argmax([each.accuracy for each in kept]))
        return tuple(found), (kept[best], *kept[:best], *kept[best + 1 :])

    def _trainings(
        self, training: NetworkTraining, trial: Trial, work: Workplace
    ) -> tuple[Trained, ...]:
        base = work.context(trial.proposal)
        made = []
        for number in range(self.times):
            seed = int(generator(base.seed, "retrain", number).integers(2**31))
            folder = made_folder(base.folder / f"again-{number}")
            context = replace(base, folder=folder, seed=seed, rungs=(), donor=None)
            found = training.train(trial.architecture, context)
            now = training.validated(found, context)
            check_same(found.accuracy, now, f"when it was trained in {folder}")
            made.append(_on_cpu(found))
            self._tell(trial, number + 1, found)
        return tuple(made)

    def _tell(self, trial: Trial, number: int, found: Trained | TrainingError) -> None:
        if self.told is not None:
            self.told(trial, number, found)


def trials_of(record: StudyRecord, trial: int | None, finalists: int) -> tuple[Trial, ...]:
    """The trial that is asked for, or the best ones, the best first.

    Raises:
        StudyError: No trial finished, or not this one.
    """
    if trial is None:
        order = sorted(record.history.finished, key=lambda each: -(each.accuracy or 0.0))
        return (record.best, *(each for each in order if each != record.best))[:finalists]
    for each in record.history.finished:
        if each.number == trial:
            return (each,)
    raise StudyError(
        f"the study {record.place} has no trial {trial} that finished; the best one is "
        f"{record.best.number}"
    )


def searched(training: NetworkTraining, trial: Trial, work: Workplace) -> Trained:
    """The training of the search.

    The weights are read from the trial's folder; where they are gone, the same training is made
    again, with the same seed.

    Raises:
        ExportError: The network does not answer as it did in the search.
        TrainingError: The training failed.
    """
    context = work.context(trial.proposal)
    found = training.train(trial.architecture, context)
    check_same(found.accuracy, training.validated(found, context), "in the search")
    return _on_cpu(found)


def made_folder(folder: Path) -> Path:
    """Make a folder to train in, if it is not there.

    Raises:
        ExportError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(
            f"expected a folder to train in, {folder} cannot be made ({error}); free some space, "
            f"or copy the study with its trials to where you may write"
        ) from None
    return folder


def check_same(told: float, now: float, when: str) -> None:
    """Refuse a network that does not answer as it did: it is another one.

    Args:
        told: Its validation accuracy then, a fraction.
        now: The same now.
        when: When "then" was.

    Raises:
        ExportError: They differ.
    """
    if abs(told - now) > ALIKE:
        raise ExportError(
            f"the network with these weights has {PER_CENT.shown(now)} on the validation part, "
            f"{when} it had {PER_CENT.shown(told)}: what builds it has been edited since, or was "
            f"given options that a study does not store. Give back the old code, make options "
            f"plain values, or define the space in the builder's file"
        )


def _on_cpu(trained: Trained) -> Trained:
    return replace(trained, network=trained.network.cpu().eval())
