"""How many assignments keep to all of some tables, exactly, and uniform samples of them.

Decisions are eliminated one after the other: what the tables that name one of them say
together is summed over its states and becomes a table of its neighbours. The work grows
with the widest such table and not with the number of assignments, so 10^35 of them are
counted in milliseconds where few decisions depend on many.

Source: variable elimination (Dechter 1999, Artificial Intelligence 113:41-85). Sampling
backwards along it is exact, as in forward filtering, backward sampling.
"""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

MOST_CELLS = 200_000
"""Largest table that is ever made."""


class TooWideError(Exception):
    """The tables hang together so densely that a table of their combinations is too large."""


@final
@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """Which combinations of the states of some decisions are allowed."""

    places: tuple[int, ...]
    """Decisions, one axis each."""
    allowed: NDArray[np.bool]
    """Whether each combination is."""


@final
@dataclass(frozen=True, eq=False, slots=True)
class _Step:
    """One decision that was eliminated: how its state is drawn once its neighbours' are."""

    place: int
    neighbours: tuple[int, ...]
    cumulated: Float[np.ndarray, "states *neighbours"]


@final
class Counted:
    """All assignments that keep to the tables: their number, and samples."""

    def __init__(self, states: Sequence[int], tables: Sequence[Table]) -> None:
        """Eliminate every decision.

        Args:
            states: Number of states of each decision.
            tables: What they keep to.

        Raises:
            TooWideError: A table of more than `MOST_CELLS` cells would be needed.
        """
        self._states = tuple(states)
        self._tables: dict[int, tuple[tuple[int, ...], NDArray[np.object_]]] = {
            number: (table.places, table.allowed.astype(int).astype(object))
            for number, table in enumerate(tables)
        }
        self._of: list[set[int]] = [set() for _ in states]
        for number, table in enumerate(tables):
            for place in table.places:
                self._of[place].add(number)
        self.total = 1
        """How many there are."""
        self._steps: list[_Step] = []
        self._eliminate_all()

    def sample(self, n: int, rng: np.random.Generator) -> Int[np.ndarray, "samples decisions"]:
        """`n` independent assignments, uniform over all; there must be one."""
        drawn = np.zeros((n, len(self._states)), dtype=np.int64)
        for step in reversed(self._steps):
            given: tuple[Any, ...] = tuple(drawn[:, place] for place in step.neighbours)
            chances = step.cumulated[(slice(None), *given)].reshape(len(step.cumulated), -1)
            drawn[:, step.place] = np.sum(chances <= rng.random(n), axis=0)
        return drawn

    def _eliminate_all(self) -> None:
        """The decision whose table is smallest first."""
        heap = [(self._cost(place), place) for place in range(len(self._states))]
        heapq.heapify(heap)
        done: set[int] = set()
        while heap:
            cost, place = heapq.heappop(heap)
            if place in done:
                continue
            if cost != self._cost(place):
                heapq.heappush(heap, (self._cost(place), place))
                continue
            if cost > MOST_CELLS:
                raise TooWideError
            done.add(place)
            for neighbour in self._eliminate(place):
                heapq.heappush(heap, (self._cost(neighbour), neighbour))

    def _neighbours(self, place: int) -> tuple[int, ...]:
        found = {each for number in self._of[place] for each in self._tables[number][0]}
        return tuple(sorted(found - {place}))

    def _cost(self, place: int) -> int:
        """Cells of the table of a decision and its neighbours."""
        return self._states[place] * math.prod(self._states[k] for k in self._neighbours(place))

    def _eliminate(self, place: int) -> tuple[int, ...]:
        neighbours = self._neighbours(place)
        axes = (place, *neighbours)
        joint: NDArray[np.object_] = np.full([self._states[each] for each in axes], 1, dtype=object)
        for number in sorted(self._of[place]):
            places, table = self._tables.pop(number)
            order = sorted(range(len(places)), key=lambda axis: axes.index(places[axis]))
            shape = [self._states[each] if each in places else 1 for each in axes]
            joint = joint * table.transpose(order).reshape(shape)
            for each in places:
                self._of[each].discard(number)
        summed = np.asarray(joint.sum(axis=0), dtype=object)
        chances = (joint / np.where(summed == 0, 1, summed)).astype(float)
        cumulated = np.cumsum(chances, axis=0)
        # Rounding must not leave a gap below 1 through which a draw could fall.
        cumulated /= np.where(cumulated[-1] > 0, cumulated[-1], 1.0)
        self._steps.append(_Step(place, neighbours, cumulated))
        if neighbours:
            number = -1 - place  # numbers of given tables are not negative
            self._tables[number] = (neighbours, summed)
            for each in neighbours:
                self._of[each].add(number)
        else:
            self.total *= int(summed.item())
        return neighbours
