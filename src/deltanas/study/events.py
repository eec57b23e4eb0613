"""What a running study tells whoever watches it, and how a run ends."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import final

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


Event = Proposed | Evaluated
Watch = Callable[[Event], None]
"""Called after every change of a running study, in the thread that runs it."""
