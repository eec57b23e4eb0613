"""One training after the search: by the built-in loop, or by the function of a user's."""

import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import final

from deltanas.errors import ExportError, TrainingError
from deltanas.evaluation import FunctionEvaluator, Workplace, takes_context
from deltanas.export.own_code import edition_of
from deltanas.records import Proposal, Trial
from deltanas.scale import PER_CENT
from deltanas.training.networks import NetworkTraining, Trained

KEPT = "deltanas-told.json"
"""File of a training's folder with what it told, of a function of the user's."""
ALIKE = 0.01
"""Validation accuracies that differ by no more are of one network, on whatever device."""


@final
@dataclass(frozen=True, slots=True)
class Retraining:
    """What came of one training after the search."""

    accuracy: float
    """Validation accuracy, a fraction."""
    folder: Path
    """What the training left."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """What else it told."""
    trained: Trained | None = None
    """The network, of the built-in training."""
    is_kept: bool = False
    """Whether it had ended before, and was only read."""

    @property
    def test_accuracy(self) -> float | None:
        """Test accuracy, a fraction; None if the training did not tell it."""
        return self.metrics.get("test_accuracy")


class Retrainer(ABC):
    """Trains the network of a proposal once, or takes up a training that has ended there."""

    edition: str
    """Of the user's code that it runs: trainings of another one are not taken up."""

    @abstractmethod
    def train(self, proposal: Proposal, work: Workplace) -> Retraining:
        """Train from scratch, in the folder that the workplace has for the proposal.

        Raises:
            ExportError: What was kept is of a network that does not answer as it did.
            TrainingError: The training failed; the message says why.
        """


@final
class BuiltInRetrainer(Retrainer):
    """Trains with the built-in loop, whose checkpoints it takes up."""

    def __init__(self, training: NetworkTraining, build: str = "") -> None:
        """Keep the training.

        Args:
            training: What trains.
            build: The user's builder, `my_project.py:build`, if it has one.
        """
        self._training = training
        self.edition = edition_of(build) if build else ""

    def train(self, proposal: Proposal, work: Workplace) -> Retraining:
        """Train; see `Retrainer.train`."""
        context = work.context(proposal)
        found = self._training.train(proposal.architecture, context)
        if found.had_ended:
            now = self._training.validated(found, context)
            check_same(found.accuracy, now, f"when it was trained in {context.folder}")
        metrics = {"test_accuracy": found.test_accuracy}
        return Retraining(found.accuracy, context.folder, metrics, _on_cpu(found), found.had_ended)


@final
class OwnRetrainer(Retrainer):
    """Calls a training function of the user's; what it told is kept in its folder."""

    def __init__(self, function: Callable[..., object], *, of_fractions: bool) -> None:
        """Keep the function.

        Args:
            function: Takes an architecture, or an architecture and a context.
            of_fractions: Whether it must tell a fraction, as in a search by the command line.
        """
        self._function = function
        self._of_fractions = of_fractions
        self.edition = edition_of(function)

    def train(self, proposal: Proposal, work: Workplace) -> Retraining:
        """Train; see `Retrainer.train`."""
        folder = work.context(proposal).folder
        if self.edition:
            kept = _read(folder)
            if kept is not None:
                return kept
        else:
            # Which code the files there are of cannot be told.
            shutil.rmtree(folder, ignore_errors=True)
        place = work if self._of_fractions or takes_context(self._function) else None
        found = FunctionEvaluator(self._function, place).evaluate(proposal)
        if found.accuracy is None:
            raise TrainingError(found.reason or f"its training is {found.status.value}")
        told = {"accuracy": found.accuracy, "metrics": dict(found.metrics)}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / KEPT).write_text(json.dumps(told), encoding="utf-8")
        except OSError as error:
            raise ExportError(
                f"what a training told cannot be kept in {folder} ({error}); free some space"
            ) from None
        return Retraining(found.accuracy, folder, found.metrics)


def _read(folder: Path) -> Retraining | None:
    """What a training told that ended before; None if there is none that can be read."""
    try:
        kept = json.loads((folder / KEPT).read_text("utf-8"))
        metrics = {str(name): float(value) for name, value in kept["metrics"].items()}
        return Retraining(float(kept["accuracy"]), folder, metrics, is_kept=True)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


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
