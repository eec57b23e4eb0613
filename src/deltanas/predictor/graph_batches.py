"""Cells as dense tensors: many graphs at once, what stands where kept apart from what leads where.

Operations on edges become vertices: each place of an edge is a vertex that is there where the
edge is, and leads to the edges that begin where it ends. So a network needs to know vertices
with labels only. A vertex keeps its place in all architectures of a space, so two graphs can
be compared place by place.
"""

from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Float
from torch import Tensor

from deltanas.encoding.graphs import Cells
from deltanas.encoding.labelled_graphs import (
    FIRST,
    Graphs,
    between_present,
    joined_edges,
    on_vertices,
)
from deltanas.spaces import ABSENT, Codes
from deltanas.spaces.cell_graphs import CellGraphs
from deltanas.spaces.cells import edges

DEGREES: Final = 2
"""Numbers beside the label of a vertex: how many edges enter it, and how many leave it."""

Rows = Float[np.ndarray, "architectures columns"]


@final
@dataclass(frozen=True, slots=True)
class Batch:
    """Graphs as a network sees them."""

    vertices: Float[Tensor, "architectures places facts"]
    """Indicators of the label and the two degrees; all 0 where there is no vertex."""
    there: Float[Tensor, "architectures places 1"]
    """1 where there is a vertex, else 0."""
    shares: Float[Tensor, "architectures places places"]
    """Row source, column target: what share of a target's edges come from a source."""


@final
class GraphRows:
    """Architectures to rows that hold a whole graph each, and rows to batches."""

    def __init__(self, cells: Cells, codes: Codes) -> None:
        """Find out how many places and labels there are.

        Args:
            cells: The space.
            codes: Any architectures of it, at least one.
        """
        self._cells = cells
        self.labels = FIRST + len(cells.graph_operations)
        """How many labels a vertex may have."""
        self.places = int(self._graphs(codes[:1]).labels.shape[1])
        """How many vertices a graph may have, input and output included."""
        self.facts = self.labels + DEGREES
        """Numbers for each vertex."""

    @property
    def columns(self) -> int:
        """Length of a row."""
        return self.places * (self.facts + self.places)

    def encode(self, codes: Codes) -> Rows:
        """One row for each architecture: what its vertices are, then what leads where."""
        graphs = self._graphs(codes)
        arcs, hot = graphs.arcs, graphs.one_hot(self.labels)
        incoming, outgoing = arcs.sum(axis=1), arcs.sum(axis=2)
        vertices = np.concatenate([hot, incoming[:, :, None], outgoing[:, :, None]], axis=2)
        shares = arcs / np.maximum(incoming, 1)[:, None, :]
        count = len(codes)
        parts = [each.reshape(count, each.shape[1] * each.shape[2]) for each in (vertices, shares)]
        return np.concatenate(parts, axis=1)

    def batch(self, rows: Float[Tensor, "architectures columns"]) -> Batch:
        """The graphs of rows."""
        split = self.places * self.facts
        vertices = rows[:, :split].reshape(len(rows), self.places, self.facts)
        shares = rows[:, split:].reshape(len(rows), self.places, self.places)
        there = vertices[:, :, : self.labels].sum(dim=2, keepdim=True)
        return Batch(vertices, there, shares)

    def _graphs(self, codes: Codes) -> Graphs:
        cells = self._cells.graphs(codes)
        return on_vertices(cells) if self._cells.graph_on_nodes else _on_edges(cells)


def _on_edges(cells: CellGraphs) -> Graphs:
    """Input, one place for each edge in the order of `cells.edges`, output."""
    last = cells.arcs.shape[1] - 1
    pairs = edges(last + 1)
    begin, end = np.array(pairs).T
    stands = cells.arcs[:, begin, end]
    inner = np.where(stands > 0, stands - 1 + FIRST, ABSENT)
    return between_present(inner, joined_edges(pairs, {0}, {last}))
