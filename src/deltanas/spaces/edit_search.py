"""The fewest edits from one network to another, however either of them is written."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Protocol, final, runtime_checkable

import numpy as np
from jaxtyping import Int

from deltanas.errors import ArchitectureError, EditError
from deltanas.spaces.architecture import Architecture, Codes, Decision
from deltanas.spaces.edits import Edit, as_one, edits_between

MOST = 100_000
"""Most children that one step of the search may have; a step then takes a few seconds."""
TRIED = 200
"""Most meetings of the two sides that are tried, where searching goes on from both."""
FEW = 8
"""Codes of one network on either side that are tried as meetings."""

Code = tuple[int, ...]


@runtime_checkable
class Walkable(Protocol):
    """What the search asks of a space; every `SearchSpace` answers it."""

    name: str
    decisions: tuple[Decision, ...]

    def children(
        self, codes: Codes
    ) -> tuple[Int[np.ndarray, " children"], Int[np.ndarray, "children decisions"]]:
        """Rows of the parents and codes of all children."""
        ...

    def keys(self, codes: Codes) -> list[str]:
        """Canonical key of each code."""
        ...


def shortest_edits(
    space: Walkable,
    start: Architecture,
    goal: Architecture,
    *,
    limit: int = 4,
    most: int = MOST,
) -> tuple[Edit, ...] | None:
    """The fewest edits that turn one architecture into the same network as another.

    Applied to `start` one after the other they lead through valid architectures to one with
    the key of `goal`; its vertices may be numbered otherwise and its dead parts differ. An
    edit on the way may change nothing by itself, such as an edge to a vertex that leads
    nowhere yet. Inverted and in reverse order, the edits lead back.

    Breadth first from `start` for as long as a step has at most `most` children: then no
    shorter way exists. Beyond that from both sides, meeting at one network in the middle;
    then a way may be missed that needs `goal` to be written otherwise.

    Args:
        space: The space of both.
        start: Where to begin.
        goal: Which network to reach.
        limit: Most edits.
        most: Most children of a step.

    Returns:
        The edits; none for the same network. None if no way of at most `limit` edits was found.

    Raises:
        ArchitectureError: One of the two is not of this space.
        EditError: The next step would have more children than `most`, from either side.
    """
    for each in (start, goal):
        if each.space != space.name or each.decisions != space.decisions:
            raise ArchitectureError(
                f"expected two architectures of space {space.name!r}, got {each!r}; "
                f"edits lead from one architecture to another of the same space"
            )
    if start.key == goal.key:
        return ()
    ahead, behind = _Ball(space, start.code), _Ball(space, goal.code)
    for step in range(limit):
        growing = ahead if ahead.cost <= most else min(ahead, behind, key=lambda ball: ball.cost)
        if growing.cost > most:
            raise EditError(
                f"looking for more than {step} edits in space {space.name!r} means looking at "
                f"{growing.cost:,} architectures, more than most={most:,}; pass limit={step}, or "
                f"take edits_between, which compares the two as they are written"
            )
        growing.grow()
        for way in _ways(space, ahead, behind):
            return tuple(
                as_one(edits_between(space.decisions, one, other)) for one, other in pairwise(way)
            )
    return None


@final
class _Ball:
    """All codes at most so many edits away from one, by distance, and how each was reached."""

    def __init__(self, space: Walkable, centre: Code) -> None:
        self._space = space
        self._choices = sum(len(decision.options) - 1 for decision in space.decisions)
        self._from: dict[Code, Code | None] = {centre: None}
        self._edge: list[Code] = [centre]
        key = space.keys(np.array([centre], dtype=np.int32))[0]
        self.found: dict[str, list[tuple[int, Code]]] = {key: [(0, centre)]}
        """Codes of each network with their distance, nearest first."""
        self._radius = 0

    @property
    def cost(self) -> int:
        """Most children that the next step may have."""
        return len(self._edge) * self._choices

    def grow(self) -> None:
        """Take in all codes one edit further away."""
        self._radius += 1
        if not self._edge:
            return
        parents, codes = self._space.children(np.array(self._edge, dtype=np.int32))
        new: list[Code] = []
        for parent, row in zip(parents.tolist(), codes.tolist(), strict=True):
            code = tuple(row)
            if code not in self._from:
                self._from[code] = self._edge[parent]
                new.append(code)
        self._edge = new
        keys = self._space.keys(np.array(new, dtype=np.int32)) if new else []
        for code, key in zip(new, keys, strict=True):
            self.found.setdefault(key, []).append((self._radius, code))

    def way(self, code: Code) -> list[Code]:
        """The codes from the centre to one."""
        way = [code]
        while (before := self._from[way[-1]]) is not None:
            way.append(before)
        return way[::-1]


def _ways(space: Walkable, ahead: _Ball, behind: _Ball) -> Iterator[list[Code]]:
    """Ways from the centre ahead to the network of the centre behind, the shortest first."""
    meetings = [
        (one[0] + other[0], one[1], other[1])
        for key in ahead.found.keys() & behind.found.keys()
        for one in ahead.found[key][:FEW]
        for other in behind.found[key][:FEW]
    ]
    for _, one, other in sorted(meetings)[:TRIED]:
        back = behind.way(other)[::-1]
        for rest in _redone(space, one, space.keys(np.array(back, dtype=np.int32))):
            yield [*ahead.way(one), *rest]


def _redone(space: Walkable, code: Code, keys: Sequence[str]) -> list[list[Code]]:
    """Ways from a code through the same networks, written as it is written; none if it cannot."""
    ways: list[list[Code]] = [[]]
    for before, key in pairwise(keys):
        if key == before:
            continue
        ends = np.array([way[-1] if way else code for way in ways], dtype=np.int32)
        parents, children = space.children(ends)
        rows = [row for row, each in enumerate(space.keys(children)) if each == key]
        ways = [[*ways[parents[row]], tuple(children[row].tolist())] for row in rows[:TRIED]]
    return ways
