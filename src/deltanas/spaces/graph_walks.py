"""Which sequences of operations stand on the paths of a cell, and how often.

A *walk* is the sequence of operations along a path from input to output. Isomorphic cells
have the same walks.
"""

import itertools
import math
from collections.abc import Sequence
from typing import final

import numpy as np
from jaxtyping import Float, Int

from deltanas.spaces.cell_graphs import CellGraphs, CellLayout

NONE, PASSING, FIRST = 0, 1, 2
"""What stands on an edge: no edge; an edge only; from here on, the operations."""
COLUMNS = 32
"""Most columns; longer walks than these reach are not counted one by one. With more columns,
walks that few cells have mislead predictors that see few cells (measured on NAS-Bench-101)."""
PATHS = 2_000
"""Most paths that are looked at."""

Steps = Int[np.ndarray, "cells vertices vertices"]
"""What is done along each edge. An operation on a vertex is done along all edges into it."""


def steps_of(layout: CellLayout, pruned: CellGraphs) -> Steps:
    """What is done along each edge of cells without dead parts."""
    arcs = pruned.arcs
    if not layout.on_nodes:
        return np.where(arcs > 0, arcs - 1 + FIRST, NONE)
    at_target = pruned.labels[:, None, :] + FIRST
    at_target[:, :, -1] = PASSING
    return np.where(arcs > 0, at_target, NONE)


@final
class WalkCounts:
    """How many paths have each short walk, one column per walk.

    Source: the counted form of the path encoding of White et al. 2020, "A Study on Neural
    Network Architecture Encodings", cut off at short walks as there.
    """

    def __init__(self, layout: CellLayout, operations: Sequence[str]) -> None:
        """Name the columns, short walks first.

        Args:
            layout: Where operations stand.
            operations: Name of each operation; "no edge" is none.
        """
        count = len(operations)
        # A path through k vertices does k operations, or k + 1 where they stand on edges.
        first = 0 if layout.on_nodes else 1
        kept = 0
        self._offsets: list[int] = []
        paths = columns = 0
        for between in range(layout.nodes + 1):
            paths += math.comb(layout.nodes, between)
            wider = columns + count ** (first + between)
            if between and (paths > PATHS or wider > COLUMNS):
                break
            self._offsets.append(columns)
            columns, kept = wider, between
        self._base = count
        self._paths = [
            (0, *through, layout.vertices - 1)
            for between in range(kept + 1)
            for through in itertools.combinations(range(1, layout.vertices - 1), between)
        ]
        self.names = tuple(
            f"walks:{'>'.join(walk)}"
            for between in range(kept + 1)
            for walk in itertools.product(operations, repeat=first + between)
        )

    def count(self, steps: Steps) -> Float[np.ndarray, "cells walks"]:
        """The number of paths with each walk."""
        places = []
        for path in self._paths:
            along = steps[:, list(path[:-1]), list(path[1:])]
            cells = np.flatnonzero(np.all(along != NONE, axis=1))
            column = np.zeros(len(cells), dtype=np.int64)
            for step in along[cells].T:
                # Horner's rule; an edge that only passes adds no digit.
                column = np.where(step >= FIRST, column * self._base + step - FIRST, column)
            places.append(cells * len(self.names) + column + self._offsets[len(path) - 2])
        counts = np.bincount(np.concatenate(places), minlength=len(steps) * len(self.names))
        return counts.astype(float).reshape(len(steps), len(self.names))
