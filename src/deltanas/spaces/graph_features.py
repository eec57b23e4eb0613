"""Exact facts of a cell of any size that bear on accuracy: what is in its graph and on its paths.

All facts are counted on the graph without its dead parts and do not depend on how vertices
are numbered, so isomorphic cells have equal features.
"""

import itertools
from collections.abc import Sequence
from typing import TypeVar, final

import numpy as np
from jaxtyping import Float

from deltanas.spaces.cell_graphs import CellGraphs, edge_counts
from deltanas.spaces.graph_flows import flow_names, flows
from deltanas.spaces.graph_steps import FIRST, NONE, PASSING, Steps, steps_of

ALL_SETS = 4
"""Up to so many operations, paths are counted for each set of operations."""
SEQUELS = 8
"""Up to so many operations, it is counted how often each follows each."""
ROWS = 1_024
"""Cells that are counted at a time, so that memory stays bounded."""

Facts = Float[np.ndarray, "cells facts"]
Member = TypeVar("Member")


@final
class GraphFeatures:
    """Features of cells with the same operations and vertices; see `names`.

    - `graph:...`: how many vertices and edges there are, and how often each operation. For sets
      of operations, over the paths that use no other ones: how many there are, and how long
      the shortest and the longest is. For each operation and all together, how many the path
      with the fewest and the one with the most has. How many paths begin and end with each
      operation, and how many times on them one comes right after another. These follow the
      neural graph features of Kadlecova et al. 2024 (GRAF); counting on paths is ours.
    - `flow:...`: how often each operation is met on a random walk; see `flows`.

    Numbers of paths are given as ln(1 + number), because they grow exponentially.
    """

    def __init__(self, operations: Sequence[str], *, on_nodes: bool) -> None:
        """Prepare the columns.

        Args:
            operations: Name of each operation; "no edge" is none.
            on_nodes: Whether operations stand on vertices; otherwise on edges.
        """
        self._on_nodes, self._operations = on_nodes, len(operations)
        self._sets = _sets(len(operations))
        self._sequels = len(operations) <= SEQUELS
        words = ["+".join(operations[o] for o in each) for each in self._sets]
        if len(operations) > ALL_SETS:
            words[-1] = "all operations"
        pairs = itertools.product(operations, operations) if self._sequels else ()
        ways = ("number", "least", "most")
        self.names = (
            *("graph:vertices", "graph:edges", "graph:edges from input", "graph:edges to output"),
            *(f"graph:times {operation}" for operation in operations),
            *(f"graph:{fact} of {word}" for fact in ways for word in words),
            *(f"graph:{fact} {word}" for fact in ("fewest", "most") for word in self._sums(words)),
            *(f"graph:{end} {operation}" for end in ("begin", "end") for operation in operations),
            *(f"graph:{one} then {other}" for one, other in pairs),
            *(f"flow:{fact}" for fact in flow_names(operations)),
        )
        # Whether a step is one of each set, and whether it is allowed on the paths of the set.
        inside = np.zeros((len(self._sets), len(operations) + FIRST), dtype=bool)
        for row, members in enumerate(self._sets):
            inside[row, [member + FIRST for member in members]] = True
        self._counted = np.array(self._sums([*inside]))
        self._allowed = inside.copy()
        self._allowed[:, PASSING] = True

    def count(self, pruned: CellGraphs) -> Float[np.ndarray, "cells features"]:
        """The features of each cell, one column per name.

        Args:
            pruned: Cells without dead parts, with input and output joined.
        """
        found = [np.zeros((0, len(self.names)))]
        for start in range(0, len(pruned.labels), ROWS):
            block = slice(start, start + ROWS)
            cells = CellGraphs(pruned.arcs[block], pruned.labels[block])
            steps = steps_of(cells, on_nodes=self._on_nodes)
            parts = [self._sizes(cells, steps), self._sets_of(steps), self._times(steps)]
            parts += [self._orders(steps)]
            parts += [flows(steps, self._operations, on_nodes=self._on_nodes)]
            found.append(np.concatenate(parts, axis=1))
        return np.concatenate(found)

    def _sizes(self, cells: CellGraphs, steps: Steps) -> Facts:
        """Vertices, edges, and how often each operation is there."""
        there = steps != NONE
        ends = there[:, 0].sum(axis=1), there[:, :, -1].sum(axis=1)
        operations = np.arange(self._operations)
        if self._on_nodes:
            each = (cells.labels[:, 1:-1, None] == operations).sum(axis=1)
        else:
            each = (steps[:, :, :, None] == operations + FIRST).sum(axis=(1, 2))
        vertices = cells.live.sum(axis=1)
        return np.column_stack([vertices, edge_counts(cells), *ends, each]).astype(float)

    def _sums(self, sets: Sequence[Member]) -> list[Member]:
        """Of what there is for each set, that for single operations and for all together."""
        return [*sets[: self._operations], *sets[self._operations :][-1:]]

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

    def _times(self, steps: Steps) -> Facts:
        """Over all paths, the fewest and the most times that each operation, and any, is done."""
        cells, vertices, _ = steps.shape
        adds = self._counted[:, steps].astype(float)
        there = steps != NONE
        fewest, most = (np.zeros((len(adds), cells, vertices)) for _ in range(2))
        for vertex in range(1, vertices):
            way, step = there[:, :vertex, vertex], adds[:, :, :vertex, vertex]
            low, high = fewest[:, :, :vertex] + step, most[:, :, :vertex] + step
            fewest[:, :, vertex] = np.min(np.where(way, low, np.inf), axis=2)
            most[:, :, vertex] = np.max(np.where(way, high, -np.inf), axis=2)
        return np.concatenate([fewest[:, :, -1], most[:, :, -1]]).T

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
