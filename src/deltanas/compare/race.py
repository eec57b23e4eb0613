"""One run of one method: the loop that is the same for all of them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np

from deltanas.compare.contestant import Contestant
from deltanas.compare.problem import Problem
from deltanas.errors import ProtocolError
from deltanas.search import random_unseen
from deltanas.seeds import generator
from deltanas.spaces import Architecture


@final
@dataclass(frozen=True, slots=True)
class Query:
    """One query of a run and where the run stands after it; accuracies are fractions."""

    number: int
    """Position in the run, from 1."""
    architecture: str
    """The architecture in the field's notation."""
    value: float
    """What the method was told."""
    mean: float
    """The architecture's mean validation accuracy, which it may not have been told."""
    regret: float
    """Best mean accuracy of the table minus that of the architecture observed best so far."""
    test: float | None
    """Mean test accuracy of the architecture observed best so far."""
    seconds: float
    """CPU seconds that the method took for this query, told and asked; 0 for a start."""
    repeats: int
    """Known architectures that the method asked for before it."""


@final
@dataclass
class _Standing:
    """What a run knows so far."""

    problem: Problem
    seed: int
    queries: list[Query] = field(default_factory=list)
    values: dict[str, float] = field(default_factory=dict)
    best: Architecture | None = None

    def query(self, architecture: Architecture, seconds: float, repeats: int) -> float:
        """Evaluate a new architecture and note it down; what the method is told."""
        value = self.problem.observed(architecture, self.seed)
        if self.best is None or value > self.values[self._key(self.best)]:
            self.best = architecture
        self.values[self._key(architecture)] = value
        regret = self.problem.optimum - self.problem.mean(self.best)
        self.queries.append(
            Query(
                len(self.queries) + 1,
                self.problem.write(architecture),
                value,
                self.problem.mean(architecture),
                regret,
                self.problem.test(self.best),
                seconds,
                repeats,
            )
        )
        return value

    def known(self, architecture: Architecture) -> float | None:
        """What was told of this architecture; None if it is new."""
        return self.values.get(self._key(architecture))

    def is_over(self) -> bool:
        """Whether the budget is spent, the space exhausted, or the optimum enough and found."""
        rules = self.problem.protocol
        found = bool(self.queries) and self.queries[-1].regret <= 0.0
        return len(self.queries) >= rules.budget or (rules.until_optimum and found)

    def random(self) -> list[Architecture]:
        """A random architecture that is new; none if there is none left."""
        rng = generator(self.seed, "instead", len(self.queries))
        return random_unseen(self.problem.space, set(self.values), 1, rng)

    def _key(self, architecture: Architecture) -> str:
        code = np.array([architecture.code], dtype=np.int32)
        return self.problem.space.keys(code)[0]


def race(contestant: Contestant, problem: Problem, seed: int) -> list[Query]:
    """Run a contestant until its budget is spent.

    Args:
        contestant: A fresh one.
        problem: Says what counts as the same architecture and what a query tells.
        seed: Seed of the starts and, with one noisy run, of the noise.

    Returns:
        The queries in order; fewer than the budget if the space is exhausted, or if the
        protocol says to stop at the optimum.

    Raises:
        ProtocolError: The contestant asks for what are no architectures.
    """
    standing = _Standing(problem, seed)
    starts = random_unseen(problem.space, set(), problem.protocol.starts, generator(seed, "starts"))
    spent = 0.0
    for architecture in starts:
        value = standing.query(architecture, 0.0, 0)
        began = time.process_time()
        contestant.tell(architecture, value)
        spent += time.process_time() - began
    repeats = 0
    while not standing.is_over():
        left = problem.protocol.budget - len(standing.queries)
        began = time.process_time()
        answered = contestant.ask(min(contestant.batch, left))
        spent += time.process_time() - began
        asked = _checked(answered)
        new = _new(asked, standing)
        if not new and (not asked or repeats + len(asked) >= contestant.patience):
            asked = new = standing.random()
            if not new:
                break
        repeats += len(asked) - len(new)
        share, spent = spent / max(len(new), 1), spent if not new else 0.0
        for architecture in asked:
            answer = standing.known(architecture)
            if answer is None:
                if standing.is_over():
                    break
                answer = standing.query(architecture, share, repeats)
                repeats = 0
            began = time.process_time()
            contestant.tell(architecture, answer)
            spent += time.process_time() - began
    return standing.queries


def _checked(asked: object) -> list[Architecture]:
    """What a contestant asked for, refused where it is something else.

    Raises:
        ProtocolError: It is no sequence of architectures.
    """
    if not isinstance(asked, Sequence) or not all(isinstance(each, Architecture) for each in asked):
        raise ProtocolError(
            f"expected a list of architectures from ask(), got {str(asked)[:60]!r}; "
            f"`space.sample(n, rng)` and `space.from_codes(codes)` give some"
        )
    return list(asked)


def _new(asked: list[Architecture], standing: _Standing) -> list[Architecture]:
    """Those that are not known yet, each once."""
    found: dict[str, Architecture] = {}
    for architecture in asked:
        if standing.known(architecture) is None:
            found.setdefault(architecture.key, architecture)
    return list(found.values())
