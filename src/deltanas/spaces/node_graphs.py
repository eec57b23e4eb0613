"""Cells with operations on vertices: which vertices and edges count, many cells at once.

A cell is a directed acyclic graph whose vertex 0 is the input and whose last vertex is the
output; edges lead from lower to higher numbers. What lies on no path from input to output
computes nothing that is used, so it is pruned before anything is measured or hashed.

Arrays hold one column a cell, so that each step below is one operation on all cells.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Bool, Int

from deltanas.spaces.architecture import ABSENT
from deltanas.spaces.cell_graphs import CellGraphs

Edges = Bool[np.ndarray, "pairs cells"]
"""Whether each edge is there, in the order of `pairs`."""
Labels = Int[np.ndarray, "interior cells"]
"""Operation of each interior vertex, by position."""


@final
@dataclass(frozen=True, eq=False, slots=True)
class LiveCells:
    """Cells without what lies on no path from input to output; vertices keep their numbers."""

    edges: Edges
    """The edges that count."""
    vertices: Bool[np.ndarray, "vertices cells"]
    """The vertices that count; none if the output is not reached."""
    labels: Labels
    """Operation of each interior vertex, dead ones too."""

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Source and target of each row of `edges`."""
        return pairs(len(self.vertices))

    @property
    def in_degrees(self) -> Int[np.ndarray, "vertices cells"]:
        """Number of edges that enter each vertex."""
        return self._degrees(1)

    @property
    def out_degrees(self) -> Int[np.ndarray, "vertices cells"]:
        """Number of edges that leave each vertex."""
        return self._degrees(0)

    def take(self, columns: Int[np.ndarray, " chosen"]) -> "LiveCells":
        """Some of the cells."""
        return LiveCells(self.edges[:, columns], self.vertices[:, columns], self.labels[:, columns])

    def graphs(self) -> CellGraphs:
        """The same with one row a cell."""
        vertices, cells = self.vertices.shape
        sources, targets = np.array(self.pairs).T
        arcs = np.zeros((cells, vertices, vertices), dtype=np.int32)
        arcs[:, sources, targets] = self.edges.T
        labels = np.zeros((cells, vertices), dtype=np.int32)
        labels[:, 1:-1] = self.labels.T
        live = self.vertices.T.copy()
        live[:, [0, -1]] = True
        return CellGraphs(arcs, np.where(live, labels, ABSENT))

    def _degrees(self, end: int) -> Int[np.ndarray, "vertices cells"]:
        found = np.zeros(self.vertices.shape, dtype=np.int64)
        for place, pair in enumerate(self.pairs):
            found[pair[end]] += self.edges[place]
        return found


def pairs(vertices: int) -> tuple[tuple[int, int], ...]:
    """Edges `(from, to)` of the complete graph, row by row of its adjacency matrix."""
    return tuple((i, j) for i in range(vertices) for j in range(i + 1, vertices))


def prune(edges: Edges, labels: Labels) -> LiveCells:
    """Keep what lies on a path from input to output.

    Args:
        edges: Whether each edge is there, shape `(pairs, cells)`.
        labels: Operation of each interior vertex, shape `(vertices - 2, cells)`.

    Source: the pruning of Ying et al., "NAS-Bench-101", ICML 2019.
    """
    vertices = len(labels) + 2
    order = pairs(vertices)
    reached = np.zeros((vertices, edges.shape[1]), dtype=bool)
    reached[0] = True
    for place, (source, target) in enumerate(order):
        reached[target] |= reached[source] & edges[place]
    needed = np.zeros_like(reached)
    needed[-1] = True
    for place, (source, target) in reversed(tuple(enumerate(order))):
        needed[source] |= needed[target] & edges[place]
    live = reached & needed
    sources, targets = np.array(order).T
    return LiveCells(edges & live[sources] & live[targets], live, labels)
