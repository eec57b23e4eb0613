"""Exact facts of a cell of any size that bear on accuracy: its walks, and what is in its graph.

All facts are counted on the graph without its dead parts and do not depend on how vertices
are numbered, so isomorphic cells have equal features.
"""

import itertools
from collections.abc import Sequence
from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.spaces.cell_graphs import CellGraphs, CellLayout, edge_counts
from deltanas.spaces.graph_walks import FIRST, NONE, PASSING, Steps, WalkCounts, steps_of

ALL_SETS = 4
"""Up to so many operations, paths are counted for each set of operations."""
SEQUELS = 8
"""Up to so many operations, it is counted how often each follows each."""
ROWS = 1_024
"""Cells that are counted at a time, so that memory stays bounded."""

Facts = Float[np.ndarray, "cells facts"]


@final
class GraphFeatures:
    """Features of cells with the same operations and vertices; see `names`.

    - `walks:a>b`: how many paths do exactly a, then b; see `WalkCounts`.
    - `graph:...`: how many vertices and edges there are, and how often each operation. For sets
      of operations, over the paths that use no other ones: how many there are, and how long
      the shortest and the longest is. How many paths begin and end with each operation, and
      how many times on them one comes right after another. These follow the neural graph
      features of Kadlecova et al. 2024 (GRAF); counting on paths is ours.

    Numbers of paths are given as ln(1 + number), because they grow exponentially.
    """

    def __init__(self, layout: CellLayout, operations: Sequence[str]) -> None:
        """Prepare the columns.

        Args:
            layout: Where operations stand.
            operations: Name of each operation; "no edge" is none.
        """
        self._layout = layout
        self._walks = WalkCounts(layout, operations)
        self._sets = _sets(len(operations))
        self._sequels = len(operations) <= SEQUELS
        words = ["+".join(operations[o] for o in each) for each in self._sets]
        if len(operations) > ALL_SETS:
            words[-1] = "all operations"
        pairs = itertools.product(operations, operations) if self._sequels else ()
        self.names = (
            *self._walks.names,
            *("graph:vertices", "graph:edges", "graph:edges from input", "graph:edges to output"),
            *(f"graph:times {operation}" for operation in operations),
            *(f"graph:{fact} of {word}" for fact in ("number", "least", "most") for word in words),
            *(f"graph:{end} {operation}" for end in ("begin", "end") for operation in operations),
            *(f"graph:{one} then {other}" for one, other in pairs),
        )
        # Whether a step is allowed on the paths of each set.
        self._allowed = np.zeros((len(self._sets), len(operations) + FIRST), dtype=bool)
        self._allowed[:, PASSING] = True
        for row, members in enumerate(self._sets):
            self._allowed[row, [member + FIRST for member in members]] = True

    def count(self, pruned: CellGraphs) -> Float[np.ndarray, "cells features"]:
        """The features of each cell, one column per name.

        Args:
            pruned: Cells without dead parts, with input and output joined.
        """
        found = [np.zeros((0, len(self.names)))]
        for start in range(0, len(pruned.labels), ROWS):
            block = slice(start, start + ROWS)
            cells = CellGraphs(pruned.arcs[block], pruned.labels[block])
            steps = steps_of(self._layout, cells)
            parts = [np.log1p(self._walks.count(steps)), self._sizes(cells), self._sets_of(steps)]
            found.append(np.concatenate([*parts, self._orders(steps)], axis=1))
        return np.concatenate(found)

    def _sizes(self, cells: CellGraphs) -> Facts:
        """Vertices, edges, and how often each operation is there."""
        there = cells.arcs > 0
        ends = there[:, 0].sum(axis=1), there[:, :, -1].sum(axis=1)
        operations = np.arange(self._allowed.shape[1] - FIRST)
        if self._layout.on_nodes:
            inner = cells.labels[:, 1:-1, None] == operations
            each = inner.sum(axis=1)
        else:
            each = (cells.arcs[:, :, :, None] == operations + 1).sum(axis=(1, 2))
        vertices = cells.live.sum(axis=1)
        return np.column_stack([vertices, edge_counts(cells), *ends, each]).astype(float)

    def _sets_of(self, steps: Steps) -> Facts:
        """For each set, the paths within it: their number, the least and the most operations."""
        cells, vertices, _ = steps.shape
        shape = (len(self._sets), cells, vertices)
        open_ = self._allowed[:, steps]
        does = (steps >= FIRST).astype(float)
        number, most = np.zeros(shape), np.full(shape, -np.inf)
        least = np.full(shape, np.inf)
        number[:, :, 0], least[:, :, 0], most[:, :, 0] = 1, 0, 0
        for vertex in range(1, vertices):
            way, step = open_[:, :, :vertex, vertex], does[:, :vertex, vertex]
            before = slice(None), slice(None), slice(0, vertex)
            number[:, :, vertex] = np.sum(number[before] * way, axis=2)
            least[:, :, vertex] = np.min(np.where(way, least[before] + step, np.inf), axis=2)
            most[:, :, vertex] = np.max(np.where(way, most[before] + step, -np.inf), axis=2)
        ends = np.log1p(number[:, :, -1])
        shortest = np.minimum(least[:, :, -1], vertices)
        longest = np.maximum(most[:, :, -1], -1)
        return np.concatenate([ends, shortest, longest]).T

    def _orders(self, steps: Steps) -> Facts:
        """Paths that begin and end with each operation, and how often one follows another."""
        cells, vertices, _ = steps.shape
        there = steps != NONE
        up, down = np.zeros((cells, vertices)), np.zeros((cells, vertices))
        up[:, 0] = down[:, -1] = 1
        for vertex in range(1, vertices):
            up[:, vertex] = np.sum(up[:, :vertex] * there[:, :vertex, vertex], axis=1)
        for vertex in range(vertices - 2, -1, -1):
            onward = there[:, vertex, vertex + 1 :]
            down[:, vertex] = np.sum(down[:, vertex + 1 :] * onward, axis=1)
        operations = range(FIRST, self._allowed.shape[1])
        # Paths as far as a vertex that arrive by each operation, and from it on that leave by it.
        arriving = [np.sum(up[:, :, None] * (steps == o), axis=1) for o in operations]
        leaving = [np.sum(down[:, None, :] * (steps == o), axis=2) for o in operations]
        passing = (steps[:, :, -1] == PASSING).astype(float)
        passing[:, -1] = 1
        begin = [each[:, 0] for each in leaving]
        end = [np.sum(each * passing, axis=1) for each in arriving]
        then = [
            np.sum(one * other, axis=1)
            for one, other in itertools.product(arriving, leaving)
            if self._sequels
        ]
        facts: Facts = np.log1p(np.column_stack([*begin, *end, *then]))
        return facts


def _sets(operations: int) -> list[tuple[int, ...]]:
    """All sets of operations; of many, each alone, all but each, and all."""
    everything = range(operations)
    sizes = everything if operations <= ALL_SETS else (0, operations - 2)
    smaller = [
        members for size in sizes for members in itertools.combinations(everything, size + 1)
    ]
    return [*smaller, tuple(everything)] if operations > ALL_SETS else smaller
