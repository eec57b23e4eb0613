"""A cell as a drawing needs it: its edges, their operations, and which of them count."""

from dataclasses import dataclass
from typing import final

import numpy as np

from deltanas.encoding.cells import EdgeCells
from deltanas.encoding.graphs import Cells
from deltanas.spaces import Architecture, Codes, SearchSpace
from deltanas.spaces.cells import Role, edges, live_codes


@final
@dataclass(frozen=True, slots=True)
class Arc:
    """One edge of a cell."""

    source: int
    """Vertex it leaves; 0 is the input of the cell."""
    target: int
    """Vertex it enters, a later one."""
    operation: str
    """What it does; empty where operations stand on vertices."""
    learned: bool
    """Whether the operation has weights."""
    live: bool
    """Whether it lies on a path that carries the input to the output."""


@final
@dataclass(frozen=True, slots=True)
class Cell:
    """Vertices in a row, and the arcs between them."""

    names: tuple[str, ...]
    """What is written at each vertex; the first one is the input, the last one the output."""
    arcs: tuple[Arc, ...]
    """By target, then source."""
    on_nodes: bool = False
    """Whether the names of interior vertices are operations."""

    @property
    def vertices(self) -> int:
        """Their number."""
        return len(self.names)


def cell_of(space: SearchSpace, architecture: Architecture) -> Cell | None:
    """The architecture as a cell; None where the space has none to draw."""
    if isinstance(space, Cells) and space.graph_on_nodes:
        return _on_nodes(space, np.array([architecture.code], dtype=np.int32))
    if not isinstance(space, EdgeCells) or len(edges(space.vertices)) != len(space.decisions):
        return None
    zeros = [place for place, role in enumerate(space.roles) if role is Role.ZERO]
    codes = np.array([architecture.code], dtype=np.int32)
    live = live_codes(codes, zeros[0], space.vertices)[0] if zeros else codes[0]
    return Cell(
        ("in", *map(str, range(1, space.vertices - 1)), "out"),
        tuple(
            Arc(
                source,
                target,
                space.operations[position],
                space.roles[position] is Role.LEARNED,
                bool(kept not in zeros),
            )
            for (source, target), position, kept in zip(
                edges(space.vertices), architecture.code, live, strict=True
            )
        ),
    )


def _on_nodes(space: Cells, codes: Codes) -> Cell:
    """The live part of a cell whose operations stand on vertices."""
    graph = space.graphs(codes)
    live = np.flatnonzero(graph.live[0])
    operations = [space.graph_operations[label] for label in graph.labels[0, live[1:-1]].tolist()]
    there = graph.arcs[0][np.ix_(live, live)] > 0
    arcs = [
        Arc(int(source), int(target), "", learned=False, live=True)
        for target, source in np.argwhere(there.T)
    ]
    return Cell(("in", *operations, "out"), tuple(arcs), on_nodes=True)
