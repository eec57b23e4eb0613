"""One training after the search: by the built-in loop, or by the function of a user's."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import final

from deltanas.errors import ExportError, TrainingError
from deltanas.evaluation import FunctionEvaluator, Workplace, takes_context
from deltanas.records import Proposal, Trial
from deltanas.scale import PER_CENT
from deltanas.study.source import digest_of
from deltanas.training.networks import NetworkTraining, Trained

ALIKE = 0.01
"""Validation accuracies that differ by no more are of one network, on whatever device."""


@final
@dataclass(frozen=True, slots=True)
class Again:
    """What came of one training after the search."""

    accuracy: float
    """Validation accuracy, a fraction."""
    folder: Path
    """What the training left."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """What else it told."""
    trained: Trained | None = None
    """The network, of the built-in training."""

    @property
    def test_accuracy(self) -> float | None:
        """Test accuracy, a fraction; None if the training did not tell it."""
        return self.metrics.get("test_accuracy")


Retrainer = Callable[[Proposal, Workplace], Again]
"""Trains the network of a proposal once, or takes up a training that has ended there; raises a
`TrainingError` that says why a training failed."""


@final
class BuiltInRetrainer:
    """Trains with the built-in loop, whose checkpoints it takes up."""

    def __init__(self, training: NetworkTraining) -> None:
        """Keep the training."""
        self._training = training

    def __call__(self, proposal: Proposal, work: Workplace) -> Again:
        """Train.

        Raises:
            ExportError: A checkpoint is of a network that does not answer as it did.
            TrainingError: The training failed.
        """
        context = work.context(proposal)
        found = self._training.train(proposal.architecture, context)
        now = self._training.validated(found, context)
        check_same(found.accuracy, now, f"when it was trained in {context.folder}")
        metrics = {"test_accuracy": found.test_accuracy}
        return Again(found.accuracy, context.folder, metrics, _on_cpu(found))


@final
class OwnRetrainer:
    """Calls a training function of the user's; what it told is kept beside the folder.

    A training that ended is not repeated unless the function was edited since.
    """

    def __init__(self, function: Callable[..., object]) -> None:
        """Keep the function."""
        self._function = function
        self._edition = digest_of(function)

    def __call__(self, proposal: Proposal, work: Workplace) -> Again:
        """Train.

        Raises:
            TrainingError: The training failed, or what it told cannot be kept.
        """
        folder = work.context(proposal).folder
        file = folder.with_name(f"{folder.name}.json")
        known = self._known(file, folder)
        if known is not None:
            return known
        # Without a context any finite score counts, as in the search.
        place = work if takes_context(self._function) else None
        found = FunctionEvaluator(self._function, place).evaluate(proposal)
        if found.accuracy is None:
            raise TrainingError(found.reason or f"its training is {found.status.value}")
        told = {"accuracy": found.accuracy, "metrics": dict(found.metrics)}
        try:
            file.write_text(json.dumps({"edition": self._edition, **told}), encoding="utf-8")
        except OSError as error:
            raise TrainingError(
                f"what a training told cannot be kept in {file} ({error}); free some space"
            ) from None
        return Again(found.accuracy, folder, found.metrics)

    def _known(self, file: Path, folder: Path) -> Again | None:
        """What a training told that ended before; None if there is none of this function."""
        try:
            kept = json.loads(file.read_text("utf-8"))
            if self._edition is None or kept["edition"] != self._edition:
                return None
            metrics = {str(name): float(value) for name, value in kept["metrics"].items()}
            return Again(float(kept["accuracy"]), folder, metrics)
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
