"""Exact facts of an edge-labelled cell that bear on accuracy: what lies on its paths.

Everything here is counted on *walks*: the operations along a path from input to output
that lets something pass, in order, identities left out. Functionally equal cells have the
same walks, so they have the same features.
"""

import itertools
from collections.abc import Sequence
from typing import final

import numpy as np
from jaxtyping import Float, Int

from deltanas.spaces.architecture import Codes
from deltanas.spaces.cells import Role, paths


@final
class CellFeatures:
    """Features of cells with the same operations and vertices; see `names`.

    - `walks:a>b`: how many paths do exactly a, then b. The counted form of the path
      encoding of White et al. 2020.
    - `graph:...`: for each set of operations, over the paths that use no other ones: how
      many there are, and how long the shortest and the longest is. For each operation, how
      many paths begin and end with it. These follow the neural graph features of
      Kadlecova et al. 2024 (GRAF); counting on walks is ours.
    """

    def __init__(self, operations: Sequence[str], roles: Sequence[Role], vertices: int) -> None:
        """Prepare the columns.

        Args:
            operations: Name of each operation.
            roles: What each operation does, in the same order.
            vertices: Number of vertices of the cell.
        """
        self._paths = paths(vertices)
        self._roles = tuple(roles)
        self._doing = [o for o, role in enumerate(roles) if role in (Role.LINEAR, Role.LEARNED)]
        self._walks = [
            walk
            for length in range(vertices)
            for walk in itertools.product(self._doing, repeat=length)
        ]
        self._sets = [
            members
            for size in range(1, len(self._doing) + 1)
            for members in itertools.combinations(self._doing, size)
        ]
        words = ["+".join(operations[o] for o in members) for members in self._sets]
        self.names = (
            *("walks:" + ">".join(operations[o] for o in walk) for walk in self._walks),
            *(f"graph:{fact} of {word}" for fact in ("number", "least", "most") for word in words),
            *(f"graph:{end} {operations[o]}" for end in ("begin", "end") for o in self._doing),
        )
        self._length = np.array([len(walk) for walk in self._walks])
        self._inside = np.array([[set(w) <= set(s) for w in self._walks] for s in self._sets])
        self._ends = np.array(
            [
                [bool(walk) and walk[place] == operation for walk in self._walks]
                for place in (0, -1)
                for operation in self._doing
            ]
        )

    def count(self, codes: Codes) -> Float[np.ndarray, "architectures features"]:
        """The features of each cell, one column per name."""
        walks = self._count_walks(codes)
        longest = int(self._length.max())
        number, least, most = walks @ self._inside.T, [], []
        for inside in self._inside:
            present = inside & (walks > 0)
            least.append(np.where(present, self._length, longest + 1).min(axis=1))
            most.append(np.where(present, self._length, -1).max(axis=1))
        return np.column_stack([walks, number, *least, *most, walks @ self._ends.T])

    def _count_walks(self, codes: Codes) -> Float[np.ndarray, "architectures walks"]:
        """How often each walk occurs in each cell."""
        base = len(self._doing) + 1
        digit = np.zeros(len(self._roles), dtype=int)
        digit[self._doing] = np.arange(1, base)
        stops = np.array([role is Role.ZERO for role in self._roles])
        number = {self._number(walk, base): column for column, walk in enumerate(self._walks)}
        column_of = np.zeros(max(number) + 1, dtype=int)
        column_of[list(number)] = list(number.values())
        counts = np.zeros((len(codes), len(self._walks)))
        for path in self._paths:
            along: Int[np.ndarray, "architectures steps"] = codes[:, list(path)]
            walked = np.zeros(len(codes), dtype=int)
            for step in along.T:
                walked = np.where(digit[step] > 0, walked * base + digit[step], walked)
            live = np.flatnonzero(~np.any(stops[along], axis=1))
            np.add.at(counts, (live, column_of[walked[live]]), 1.0)
        return counts

    def _number(self, walk: Sequence[int], base: int) -> int:
        value = 0
        for operation in walk:
            value = value * base + self._doing.index(operation) + 1
        return value
