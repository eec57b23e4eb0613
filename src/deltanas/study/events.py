"""What a study tells while it runs: one small value per step."""

from dataclasses import dataclass
from enum import StrEnum
from typing import final

from deltanas.records import Proposal, Trial


@final
@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal was stored and its evaluation begins."""

    proposal: Proposal
    """What was proposed."""
    seconds: float
    """Seconds that proposing took; 0 for one that an earlier process left unfinished."""


@final
@dataclass(frozen=True, slots=True)
class Evaluated:
    """An evaluation was stored."""

    trial: Trial
    """The proposal and what came of it."""


class Ending(StrEnum):
    """Why `Study.run` returned."""

    BUDGET_SPENT = "budget spent"
    """All trials that the budget allows have ended."""
    NOTHING_TO_DO = "nothing to do"
    """They had ended before: no new trial was needed."""
    SPACE_EXHAUSTED = "space exhausted"
    """No network is left to propose."""
