"""What a proposal is given before it is stored: rungs, a donor of weights, measured costs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import final

from deltanas.limits import Limit
from deltanas.records import History, Proposal
from deltanas.study.halving import Halving
from deltanas.study.inheritance import Inheritance
from deltanas.study.measuring import Gate


@final
@dataclass(frozen=True, slots=True)
class Provisions:
    """How a study's trainings are stopped early, begin with weights, or never begin."""

    gate: Gate
    """Measures proposals, and refuses those beyond a limit."""
    halving: Halving | None = None
    """How poor trainings are stopped early; None if they are not."""
    inheritance: Inheritance | None = None
    """How far weights are handed on; None if they are not."""
    limits: tuple[Limit, ...] = ()
    """Those on metrics that only a training tells."""

    def given(self, proposals: Sequence[Proposal], history: History) -> list[Proposal]:
        """The proposals with everything that is decided about them now, from what is known."""
        rungs = () if self.halving is None else self.halving.rungs(history)
        found = []
        for proposal in proposals:
            donor = self.inheritance and self.inheritance.donor(proposal.architecture, history)
            found.append(self.gate.measured(replace(proposal, rungs=rungs, donor=donor)))
        return found
