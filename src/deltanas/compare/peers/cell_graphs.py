"""Architectures as graphs with labelled vertices, which graph methods see.

Operations are vertices, between an input and an output. Where they stand on the edges of a cell,
they are joined where the end of one edge is the beginning of the next. Spaces that are no graphs
become a chain of their decisions.
"""

from typing import Protocol, final, runtime_checkable

import numpy as np
from jaxtyping import Bool, Int

from deltanas.encoding import Cells
from deltanas.encoding.cells import EdgeCells
from deltanas.encoding.labelled_graphs import (
    FIRST,
    Arcs,
    Graphs,
    between_ends,
    between_present,
    joined_edges,
    on_vertices,
)
from deltanas.spaces import ABSENT, Codes, SearchSpace, nasbench_graph
from deltanas.spaces.cells import Role, edges
from deltanas.spaces.darts import CELLS, EDGES, NODES, OPERATIONS, Darts, on_edges
from deltanas.spaces.facts import unwrapped
from deltanas.spaces.nasbench_graph import NasBenchGraph


@runtime_checkable
class _Layout(Protocol):
    """Where the vertices of a space are."""

    label_count: int
    zero: frozenset[int]
    """Labels that let nothing pass."""
    identity: frozenset[int]
    """Labels that change nothing."""

    def graphs(self, codes: Codes) -> Graphs: ...


@final
class CellGraphs:
    """The graphs of a space."""

    label_count: int
    """How many labels there are."""

    def __init__(self, space: SearchSpace) -> None:
        """Find out where its vertices are."""
        self._layout = _layout(space)
        self.label_count = self._layout.label_count

    def graphs(self, codes: Codes) -> Graphs:
        """The graphs of architectures."""
        return self._layout.graphs(codes)

    def pruned(self, code: Int[np.ndarray, " decisions"]) -> Graphs:
        """One graph without the vertices that let nothing pass, identities bridged over.

        Vertices that are no longer between input and output are absent; the ends stay.
        """
        graph = self._layout.graphs(code[None, :])
        labels, joined = graph.labels[0].copy(), graph.arcs[0].copy()
        for vertex, label in enumerate(labels.tolist()):
            if label in self._layout.identity:
                joined |= np.outer(joined[:, vertex], joined[vertex])
            if label in self._layout.identity | self._layout.zero:
                joined[vertex], joined[:, vertex] = False, False
        reach = joined | np.eye(len(joined), dtype=bool)
        for _ in range(len(joined).bit_length()):  # each time ways twice as long
            reach = reach | (reach @ reach)
        alive = reach[0] & reach[:, -1]
        joined &= np.outer(alive, alive)
        alive[[0, -1]] = True
        labels[~alive] = ABSENT
        return Graphs(labels[None], joined[None])


def _layout(space: SearchSpace) -> _Layout:
    if isinstance(space, EdgeCells):
        return _OnEdges(space)
    if isinstance(space, Cells):
        return _OnVertices(space)
    kind = type(unwrapped(space))
    if kind is Darts:
        return _TwoCells()
    return _Trees() if kind is NasBenchGraph else _Chain(space)


@final
class _OnEdges:
    """One vertex for each edge of a complete cell, whatever stands there."""

    def __init__(self, space: EdgeCells) -> None:
        self._arcs = joined_edges(edges(space.vertices), {0}, {space.vertices - 1})
        self.label_count = FIRST + len(space.roles)
        self.zero = _with_role(space, Role.ZERO)
        self.identity = _with_role(space, Role.IDENTITY)

    def graphs(self, codes: Codes) -> Graphs:
        return Graphs(between_ends(codes + FIRST), _alike(self._arcs, len(codes)))


@final
class _OnVertices:
    """The vertices of a cell that are on a path from its input to its output."""

    zero = identity = frozenset[int]()

    def __init__(self, space: Cells) -> None:
        self._space = space
        self.label_count = FIRST + len(space.graph_operations)

    def graphs(self, codes: Codes) -> Graphs:
        return on_vertices(self._space.graphs(codes))


@final
class _TwoCells:
    """Both cells of DARTS side by side, one vertex for each edge, all nodes feeding the output.

    An operation has another label in each of the two.
    """

    zero = identity = frozenset[int]()
    label_count = FIRST + len(CELLS) * len(OPERATIONS)

    def __init__(self) -> None:
        one = joined_edges(EDGES, {0, 1}, set(NODES))
        inner, count = one[1:-1, 1:-1], len(EDGES)
        self._arcs = np.zeros((2 * count + 2, 2 * count + 2), dtype=bool)
        for first in (1, 1 + count):
            place = slice(first, first + count)
            self._arcs[place, place] = inner
            self._arcs[0, place], self._arcs[place, -1] = one[0, 1:-1], one[1:-1, -1]

    def graphs(self, codes: Codes) -> Graphs:
        stands = on_edges(codes)
        offsets = FIRST + len(OPERATIONS) * np.arange(len(CELLS))[:, None]
        placed = np.where(stands < 0, ABSENT, stands + offsets)
        inner = placed.reshape(len(codes), placed.shape[1] * placed.shape[2])
        return between_present(inner, self._arcs)


@final
class _Trees:
    """The nodes of NAS-Bench-Graph; what no other node takes feeds the output."""

    zero = frozenset[int]()
    identity = frozenset({FIRST + nasbench_graph.SKIP})
    label_count = FIRST + len(nasbench_graph.OPERATIONS)

    def graphs(self, codes: Codes) -> Graphs:
        nodes = nasbench_graph.NODES
        arcs = np.zeros((len(codes), nodes + 2, nodes + 2), dtype=bool)
        arcs[:, 0, 1] = True
        for column in range(nodes - 1):
            arcs[np.arange(len(codes)), codes[:, column], column + 2] = True
        arcs[:, 1:-1, -1] = ~arcs[:, 1:-1].any(axis=2)
        return Graphs(between_ends(codes[:, nodes - 1 :] + FIRST), arcs)


@final
class _Chain:
    """The decisions of a space one after the other; one that does not exist has its own label."""

    zero = frozenset[int]()

    def __init__(self, space: SearchSpace) -> None:
        count = len(space.decisions)
        self._arcs = np.eye(count + 2, k=1, dtype=bool)
        self._offsets = FIRST + np.concatenate([[0], np.cumsum(space.option_counts)[:-1]])
        self._nothing = int(self._offsets[-1] + space.option_counts[-1])
        self.identity = frozenset({self._nothing})
        """A chain would end where a decision does not exist."""
        self.label_count = self._nothing + 1

    def graphs(self, codes: Codes) -> Graphs:
        inner = np.where(codes == ABSENT, self._nothing, codes + self._offsets)
        return Graphs(between_ends(inner), _alike(self._arcs, len(codes)))


def _with_role(space: EdgeCells, role: Role) -> frozenset[int]:
    return frozenset(FIRST + o for o, each in enumerate(space.roles) if each is role)


def _alike(arcs: Bool[np.ndarray, "vertices vertices"], count: int) -> Arcs:
    """The same for so many architectures, without a copy."""
    return np.broadcast_to(arcs, (count, *arcs.shape))
