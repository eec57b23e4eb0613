"""What a running study tells whoever watches it, and how a run ends."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, final

from deltanas.records import Proposal, Trial


class Ending(StrEnum):
    """Why `Study.run` returned."""

    BUDGET_REACHED = "budget reached"
    """Trainings were made, and the study now has as many trials as the budget allows."""
    NOTHING_TO_DO = "nothing left to do"
    """The study had that many trials already; nothing was trained."""
    SPACE_EXHAUSTED = "space exhausted"
    """Every architecture of the space was proposed before the budget was reached."""
    STOPPED = "stopped"
    """Another process asked for it; what was running has been finished."""


@final
@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal is in the store, and its evaluation starts."""

    proposal: Proposal
    """What is evaluated."""
    budget: int
    """Trials that this run goes up to."""
    is_repeat: bool = False
    """Whether it was under way when an earlier run ended, and now starts over."""


@final
@dataclass(frozen=True, slots=True)
class Reported:
    """A training tells of an epoch; nothing is stored of it but a line in the trial's folder."""

    proposal: Proposal
    """What is trained."""
    epoch: int
    """Which one, counted from 1."""
    accuracy: float
    """Validation accuracy after it, a fraction."""
    metrics: Mapping[str, float]
    """What else was measured, by name."""


@final
@dataclass(frozen=True, slots=True)
class Evaluated:
    """An evaluation is in the store."""

    trial: Trial
    """The trial that ended."""
    best: Trial | None
    """The best trial so far; None while none finished."""
    done: int
    """Trials that have ended, this one included."""
    budget: int
    """Trials that this run goes up to."""


Event = Proposed | Reported | Evaluated
Watch = Callable[[Event], None]
"""Called after every change of a running study, in the thread that runs it."""


@final
@dataclass(frozen=True, slots=True)
class Callback:
    """Plain functions for a start, an epoch and an end, as one watch.

        study.run(40, Callback(on_epoch=lambda each: print(each.epoch, each.accuracy)))

    They are called in the process that searches, also where trainings run in others. What they
    raise ends the run, as anything else that goes wrong outside a training; the study goes on
    with the next run.
    """

    on_start: Callable[[Proposed], object] | None = None
    """A training starts, or starts again."""
    on_epoch: Callable[[Reported], object] | None = None
    """A training reports an epoch."""
    on_end: Callable[[Evaluated], object] | None = None
    """A training has ended, well or not."""

    def __call__(self, event: Event) -> None:
        """Hand an event to the function for it."""
        if isinstance(event, Proposed):
            _call(self.on_start, event)
        elif isinstance(event, Reported):
            _call(self.on_epoch, event)
        else:
            _call(self.on_end, event)


def together(watches: Sequence[Watch]) -> Watch:
    """One watch that calls all of them, in their order."""

    def watch(event: Event) -> None:
        for each in watches:
            each(event)

    return watch


def _call(function: Callable[[Any], object] | None, event: Event) -> None:
    if function is not None:
        function(event)
