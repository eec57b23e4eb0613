"""Facts that travel between rooms: what was proposed, what came of it, and all of it so far.

Accuracies are fractions and higher is better. A failure is a `Status` with a reason, never
a special number; a trial without an evaluation is still running.
"""

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final, final

from deltanas.errors import ProtocolError
from deltanas.spaces import Architecture, Edit

ACCURACY: Final = "accuracy"
"""Metric of a training that was beyond a limit: how accurate the network is that it left out."""


class Status(StrEnum):
    """How an evaluation ended."""

    FINISHED = "finished"
    """It gave an accuracy."""
    FAILED = "failed"
    """It raised, or gave something that is no accuracy."""
    INFEASIBLE = "infeasible"
    """The architecture breaks a limit: nothing was trained, or its training told so."""
    TIMED_OUT = "timed out"
    """It ran past its time limit."""
    PRUNED = "pruned"
    """It was stopped early because it was not promising."""


@final
@dataclass(frozen=True, slots=True)
class Rung:
    """After which epoch a training is looked at, and what it needs to go on."""

    epoch: int
    """Epochs that are done then."""
    needed: float | None
    """Accuracy without which it is stopped; None if it goes on whatever it has."""


@final
@dataclass(frozen=True, slots=True)
class Donor:
    """The finished trial whose weights another training may begin with."""

    number: int
    """Number of the trial."""
    key: str
    """Canonical key of its architecture: with the number it names the trial's folder."""


@final
@dataclass(frozen=True, slots=True)
class Proposal:
    """An architecture that a searcher wants evaluated, and why."""

    number: int
    """Order of proposal within the study, from 0: the age of a trial, whoever was faster."""
    architecture: Architecture
    """What to evaluate."""
    parent: int | None = None
    """Number of the trial from whose architecture it was edited; None for a fresh one."""
    edits: tuple[Edit, ...] = ()
    """What turns the parent's architecture into this one."""
    predicted_delta: float | None = None
    """Predicted accuracy minus the parent's, an accuracy fraction; None if not predicted."""
    spread: float | None = None
    """Standard deviation of that prediction, an accuracy fraction."""
    rungs: tuple[Rung, ...] = ()
    """Where its training may be stopped early; empty if it is not."""
    donor: Donor | None = None
    """Whose weights its training may begin with; None for random ones."""
    measured: Mapping[str, float] = field(default_factory=dict, hash=False)
    """Costs that were measured before training, by name; empty if none were asked for."""


@final
@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of one proposal.

    Raises:
        ProtocolError: An accuracy without `Status.FINISHED`, none with it, or NaN or infinity,
            also after an epoch or of a training beyond a limit.
    """

    number: int
    """Number of the proposal."""
    status: Status
    """How it ended."""
    accuracy: float | None = None
    """Validation accuracy, a fraction (or another score, higher is better); only if finished."""
    seconds: float | None = None
    """Seconds it took, or would have taken where a table recorded them."""
    reason: str | None = None
    """Why there is no accuracy, in one line."""
    metrics: Mapping[str, float] = field(default_factory=dict, hash=False)
    """Whatever else was measured, by name with its unit (`latency_ms`)."""
    rungs: Mapping[int, float] = field(default_factory=dict, hash=False)
    """Accuracy after the epochs of the proposal's rungs, as far as it came, and after the last
    one that was reported."""

    def __post_init__(self) -> None:
        """Refuse an accuracy that contradicts the status, or that is none."""
        if (self.accuracy is not None) != (self.status is Status.FINISHED):
            raise ProtocolError(
                f"an evaluation has an accuracy exactly if it finished, got accuracy="
                f"{self.accuracy!r} with status {self.status.value!r} for proposal {self.number}; "
                f"report a failure as Status.FAILED with a reason"
            )
        measured = [self.accuracy, *self.rungs.values()]
        if self.status is Status.INFEASIBLE:
            measured.append(self.metrics.get(ACCURACY))
        for accuracy in measured:
            if accuracy is not None and not math.isfinite(accuracy):
                raise ProtocolError(
                    f"an accuracy is a finite number, got {accuracy!r} for proposal "
                    f"{self.number}; report it as Status.FAILED with a reason"
                )


@final
@dataclass(frozen=True, slots=True)
class Trial:
    """A proposal and, once it is there, its evaluation."""

    proposal: Proposal
    """What was proposed."""
    evaluation: Evaluation | None = None
    """What came of it; None while it runs."""

    @property
    def number(self) -> int:
        """Order of proposal, from 0."""
        return self.proposal.number

    @property
    def architecture(self) -> Architecture:
        """What was proposed."""
        return self.proposal.architecture

    @property
    def accuracy(self) -> float | None:
        """Its accuracy, a fraction; None while it runs and if it failed."""
        return None if self.evaluation is None else self.evaluation.accuracy

    @property
    def trained_accuracy(self) -> float | None:
        """Its accuracy, also where its training told that it is beyond a limit."""
        if self.evaluation is None or self.evaluation.status is not Status.INFEASIBLE:
            return self.accuracy
        return self.evaluation.metrics.get(ACCURACY)


@final
class History:
    """All trials of a study so far, ordered by number: the only thing a searcher knows.

    Immutable; what is derived from the trials is worked out once, when first asked for.
    """

    def __init__(self, trials: Iterable[Trial] = ()) -> None:
        """Order the trials by number; arrival order carries no information.

        Raises:
            ProtocolError: Two trials have one number.
        """
        self._trials = tuple(sorted(trials, key=lambda trial: trial.number))
        for earlier, later in itertools.pairwise(self._trials):
            if earlier.number == later.number:
                raise ProtocolError(
                    f"every trial has a number of its own, got two of number {later.number}; "
                    f"keep the one with the evaluation"
                )

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials, by number."""
        return self._trials

    @cached_property
    def finished(self) -> tuple[Trial, ...]:
        """Trials with an accuracy, by number."""
        return tuple(trial for trial in self._trials if trial.accuracy is not None)

    @cached_property
    def trained(self) -> tuple[Trial, ...]:
        """Trials that were trained to their end, also those that turned out beyond a limit."""
        return tuple(trial for trial in self._trials if trial.trained_accuracy is not None)

    @cached_property
    def pending(self) -> tuple[Trial, ...]:
        """Trials without an evaluation yet, by number."""
        return tuple(trial for trial in self._trials if trial.evaluation is None)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Canonical keys of everything proposed: none of them is proposed again."""
        return frozenset(trial.architecture.key for trial in self._trials)

    @property
    def next_number(self) -> int:
        """Number that the next proposal gets."""
        return self._trials[-1].number + 1 if self._trials else 0

    @property
    def best(self) -> Trial | None:
        """The finished trial with the highest accuracy, the earliest of equals."""
        return max(self.finished, key=lambda trial: (trial.accuracy, -trial.number), default=None)

    def __len__(self) -> int:
        """Number of trials."""
        return len(self._trials)
