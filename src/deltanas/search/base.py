"""What a searcher is: a function from everything known so far to the next proposals.

A searcher holds settings and no state. Whatever it "remembers" it reads from the history,
so any process can rebuild it from a store and a resumed search equals an uninterrupted one.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.errors import ProtocolError
from deltanas.limits import Limit
from deltanas.records import History, Proposal
from deltanas.search.one_thread import one_thread
from deltanas.seeds import checked_seed, generator
from deltanas.spaces import Architecture, Codes, Edit, SearchSpace, codes_of

DRAW = 8
"""Random architectures that are drawn at a time."""
MANY_FRUITLESS = 96
"""Draws of what is known already, after which more are drawn at a time."""
LARGE_DRAW = 512
"""So many."""


@final
@dataclass(frozen=True, slots=True)
class Choice:
    """An architecture that a searcher chose, not yet numbered; see `Proposal`."""

    architecture: Architecture
    """What to evaluate."""
    parent: int | None = None
    """Number of the trial whose architecture was edited."""
    edits: tuple[Edit, ...] = ()
    """What turns the parent's architecture into this one."""
    predicted_delta: float | None = None
    """Predicted accuracy minus the parent's, a fraction."""
    spread: float | None = None
    """Standard deviation of that prediction."""


class Searcher(ABC):
    """Chooses architectures to evaluate.

    What every searcher promises; `deltanas.testing.SearcherContract` checks it:

    - `propose` never proposes a network twice: not one in the history, not one in the
      same batch. Networks are the same when their keys are equal.
    - An empty list means that nothing is left to propose; before that, it is never empty.
    - Equal settings, seeds and histories give equal proposals, in any process and
      whatever the order in which evaluations arrived.
    - The first `starts` proposals depend on the space and the seed only, so that all
      searchers start from the same architectures.
    - Failed trials are never proposed again, and do not stop the search.
    """

    def __init__(self, space: SearchSpace, *, seed: int, starts: int) -> None:
        """Keep the settings.

        Args:
            space: What to search.
            seed: The study's seed, 0 or more.
            starts: How many random architectures (no network twice) come first.

        Raises:
            SeedError: The seed is negative or not a whole number.
            ProtocolError: Fewer than one start, or no whole number.
        """
        check_counts("a search", starts=starts)
        self.space = space
        self.seed = checked_seed(seed)
        self.starts = starts

    @abstractmethod
    def choose(self, history: History, n: int, rng: np.random.Generator) -> Sequence[Choice]:
        """Choose at most `n` new networks, once all starts were proposed.

        Args:
            history: Everything known; at least one trial.
            n: How many to choose, at least 1.
            rng: Generator that belongs to this seed and this moment.

        Returns:
            Choices of `self.space`, most promising first. Networks that are already known are
            dropped and missing ones are filled up with random ones.
        """

    def under(self, limits: Sequence[Limit]) -> "Searcher":
        """The same searcher under limits on metrics that only trainings tell.

        A training beyond one ends as infeasible, which searchers take for a failure. Those that
        learn from it give a searcher that does.
        """
        del limits
        return self

    @final
    def propose(self, history: History, n: int = 1, *, number: int | None = None) -> list[Proposal]:
        """Propose at most `n` new architectures; an empty list if nothing is left.

        Args:
            history: All trials so far.
            n: How many to propose.
            number: Number of the first one, where another program numbers trials; the one after
                the last trial if left out.

        Raises:
            ProtocolError: `n` is less than 1, or `choose` gives what is no choice of the space.
        """
        if n < 1:
            raise ProtocolError(f"propose() needs n of at least 1, got {n}")
        number = history.next_number if number is None else number
        seen = set(history.keys)
        chosen: list[Choice] = []
        for architecture in self._starts()[number : number + n] if number < self.starts else ():
            if architecture.key not in seen:
                seen.add(architecture.key)
                chosen.append(Choice(architecture))
        rng = generator(self.seed, "propose", number)
        if len(chosen) < n and len(history):
            with one_thread():
                promising = self.choose(history, n - len(chosen), rng)
            for choice in promising:
                self._check(choice)
                if choice.architecture.key not in seen and len(chosen) < n:
                    seen.add(choice.architecture.key)
                    chosen.append(choice)
        if len(chosen) < n:
            fill = random_unseen(self.space, seen, n - len(chosen), rng)
            chosen += [Choice(architecture) for architecture in fill]
        return [
            Proposal(
                number + place,
                choice.architecture,
                choice.parent,
                choice.edits,
                choice.predicted_delta,
                choice.spread,
            )
            for place, choice in enumerate(chosen)
        ]

    def _check(self, choice: object) -> None:
        """Refuse what no study could keep: it would be told of another program's trials."""
        if not (isinstance(choice, Choice) and choice.architecture in self.space):
            raise ProtocolError(
                f"{type(self).__name__} chose {choice!r:.200}, which is no Choice of an "
                f"architecture of {self.space!r}; make it from `self.space`"
            )

    def _starts(self) -> list[Architecture]:
        rng = generator(self.seed, "starts")
        return random_unseen(self.space, set(), self.starts, rng)


def evaluated(history: History) -> tuple[Codes, Float[np.ndarray, " architectures"]]:
    """Codes and accuracies of the finished trials, by number; there must be one."""
    finished = history.finished
    codes = codes_of([trial.architecture for trial in finished])
    return codes, np.array([trial.accuracy for trial in finished], dtype=float)


def random_unseen(
    space: SearchSpace, seen: set[str], n: int, rng: np.random.Generator
) -> list[Architecture]:
    """At most `n` random architectures whose keys are new; fewer only if no more exist.

    Where the space can be listed, an empty answer is proof that nothing is left. Where it
    cannot, a thousand fruitless draws are taken for one.
    """
    found: list[Architecture] = []
    taken = set(seen)
    fruitless = 0
    while len(found) < n and fruitless < (100 if space.is_enumerable else 1_000):
        # As many at a time whatever `n` is, so that few starts are the first ones of many; more
        # only where next to nothing is left, and to draw from such a space takes long.
        is_rare = fruitless >= MANY_FRUITLESS and not space.is_enumerable
        for architecture in space.sample(LARGE_DRAW if is_rare else DRAW, rng):
            if architecture.key in taken:
                fruitless += 1
            elif len(found) < n:
                taken.add(architecture.key)
                found.append(architecture)
    if len(found) < n and space.is_enumerable:
        codes = rng.permutation(space.all_codes())
        for row, key in enumerate(space.keys(codes)):
            if key not in taken and len(found) < n:
                taken.add(key)
                found += space.from_codes(codes[row : row + 1])
    return found


def check_counts(method: str, **counts: object) -> None:
    """Refuse settings that count something and are no whole numbers of 1 or more.

    Raises:
        ProtocolError: One is not.
    """
    for name, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
            raise ProtocolError(
                f"{method} needs {name} >= 1, got {value!r}; give a whole number of 1 or more"
            )
