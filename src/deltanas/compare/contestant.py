"""What takes part in a comparison: anything that can be asked for architectures and told values.

Peers from other libraries keep a state of their own and repeat themselves; our searchers are
functions of the history and never do. This interface has room for both. The starts are given to
a contestant, never chosen by it, so that all of them begin with the same knowledge.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import final

import numpy as np

from deltanas.records import Evaluation, History, Proposal, Status, Trial
from deltanas.search import Searcher
from deltanas.spaces import Architecture


class Contestant(ABC):
    """One run of one method.

    What every contestant promises:

    - It learns of values through `tell` only: first all starts, later what it asked for.
    - Equal seeds and an equal sequence of calls give equal answers.
    """

    batch = 1
    """How many architectures its authors evaluate between two updates."""
    patience = 200
    """So many known architectures asked for in a row, and the next query is a random one."""

    @abstractmethod
    def ask(self, n: int) -> Sequence[Architecture]:
        """At most `n` architectures to evaluate, known ones allowed; none if it has no idea."""

    @abstractmethod
    def tell(self, architecture: Architecture, value: float) -> None:
        """Learn the value (a fraction, higher is better) of a start, or of one asked for.

        An architecture that was asked for again is told again.
        """


@final
class SearcherContestant(Contestant):
    """A searcher of the `search` room, which is asked with the history so far."""

    def __init__(self, searcher: Searcher, *, batch: int = 1) -> None:
        """Begin with an empty history.

        Args:
            searcher: Whatever it takes for the same network is up to its space.
            batch: How many it is asked for at a time.
        """
        self._searcher = searcher
        self._trials: list[Trial] = []
        self._open: dict[tuple[int, ...], Proposal] = {}
        self.batch = batch

    def ask(self, n: int) -> Sequence[Architecture]:
        """What the searcher proposes."""
        proposals = self._searcher.propose(History(self._trials), n)
        self._open = {proposal.architecture.code: proposal for proposal in proposals}
        return [proposal.architecture for proposal in proposals]

    def tell(self, architecture: Architecture, value: float) -> None:
        """Append to the history."""
        number = len(self._trials)
        proposal = self._open.pop(architecture.code, None)
        if proposal is None or proposal.number != number:
            code = np.array([architecture.code], dtype=np.int32)
            own = self._searcher.space.from_codes(code)[0]
            proposal = Proposal(number, own)
        evaluation = Evaluation(number, Status.FINISHED, value)
        self._trials.append(Trial(proposal, evaluation))
