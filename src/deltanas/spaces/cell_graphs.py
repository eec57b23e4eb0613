"""Cells as graphs, many at once: from code to graph and back, and what counts in them.

A cell is a directed acyclic graph: vertex 0 is its input, the last vertex its output, and
edges lead from lower to higher numbers. Operations stand on the interior vertices or on the
edges. What lies on no path from input to output changes nothing; here it is called dead.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Bool, Int

from deltanas.spaces.architecture import ABSENT, Codes
from deltanas.spaces.cells import edges

Arcs = Int[np.ndarray, "cells vertices vertices"]
Labels = Int[np.ndarray, "cells vertices"]
Live = Bool[np.ndarray, "cells vertices"]


@final
@dataclass(frozen=True, eq=False, slots=True)
class CellGraphs:
    """Cells with equally many vertices."""

    arcs: Arcs
    """Row source, column target: 0 where there is no edge, else what stands on it, from 1."""
    labels: Labels
    """Operation of each vertex, 0 where vertices have none; `ABSENT` for a dead vertex."""

    @property
    def live(self) -> Live:
        """Which vertices are there."""
        present: Live = self.labels != ABSENT
        return present

    def pruned(self) -> "CellGraphs":
        """The cells without what lies on no path from input to output.

        Input and output always stay; no edge stays where no path joins them.
        """
        there = self.arcs > 0
        vertices = there.shape[1]
        reached = np.zeros(there.shape[:2], dtype=bool)
        needed = np.zeros(there.shape[:2], dtype=bool)
        reached[:, 0] = needed[:, -1] = True
        for vertex in range(1, vertices):
            reached[:, vertex] = np.any(reached[:, :vertex] & there[:, :vertex, vertex], axis=1)
        for vertex in range(vertices - 2, -1, -1):
            onward = needed[:, vertex + 1 :] & there[:, vertex, vertex + 1 :]
            needed[:, vertex] = np.any(onward, axis=1)
        live = reached & needed
        arcs = np.where(live[:, :, None] & live[:, None, :], self.arcs, 0)
        live[:, [0, -1]] = True
        return CellGraphs(arcs, np.where(live, self.labels, ABSENT))

    def reordered(self, order: Int[np.ndarray, "cells vertices"]) -> "CellGraphs":
        """The cells with vertex `order[:, k]` in place k."""
        rows = np.arange(len(order))[:, None]
        arcs = self.arcs[rows[:, :, None], order[:, :, None], order[:, None, :]]
        return CellGraphs(arcs, self.labels[rows, order])


@final
class CellLayout:
    """Where the edges and the operations of a cell stand in its code.

    First one place for each pair of vertices, in the order of `cells.edges`, then, where
    operations stand on vertices, one for each interior vertex.
    """

    def __init__(self, nodes: int, *, on_nodes: bool) -> None:
        """Prepare for cells with so many interior vertices."""
        self.nodes = nodes
        self.vertices = nodes + 2
        self.on_nodes = on_nodes
        self.pairs = edges(self.vertices)
        self._sources, self._targets = np.array(self.pairs).T

    def graphs(self, codes: Codes) -> CellGraphs:
        """The cells that codes describe, dead parts too."""
        arcs = np.zeros((len(codes), self.vertices, self.vertices), dtype=np.int32)
        labels = np.zeros((len(codes), self.vertices), dtype=np.int32)
        arcs[:, self._sources, self._targets] = codes[:, : len(self.pairs)]
        if self.on_nodes:
            labels[:, 1:-1] = codes[:, len(self.pairs) :]
        return CellGraphs(arcs, labels)

    def codes(self, graphs: CellGraphs) -> Codes:
        """The codes of cells, `ABSENT` at the operation of a dead vertex."""
        parts = [graphs.arcs[:, self._sources, self._targets]]
        if self.on_nodes:
            parts.append(graphs.labels[:, 1:-1])
        codes: Codes = np.concatenate(parts, axis=1).astype(np.int32)
        return codes


def edge_counts(pruned: CellGraphs) -> Int[np.ndarray, " cells"]:
    """Number of edges of each cell; 0 where no path joins input and output."""
    counts: Int[np.ndarray, " cells"] = np.count_nonzero(pruned.arcs, axis=(1, 2))
    return counts


def levels(pruned: CellGraphs) -> Int[np.ndarray, "cells vertices"]:
    """Edges on the longest way from the input to each vertex that is there."""
    cells, vertices = pruned.labels.shape
    found = np.zeros((cells, vertices), dtype=np.int64)
    for vertex in range(1, vertices):
        longer = np.where(pruned.arcs[:, :vertex, vertex] > 0, found[:, :vertex] + 1, 0)
        found[:, vertex] = longer.max(axis=1)
    return found
