"""A cell as a drawing needs it: its edges, their operations, and which of them count."""

from dataclasses import dataclass
from typing import final

import numpy as np

from deltanas.encoding.cells import EdgeCells
from deltanas.spaces import Architecture, SearchSpace
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
    """What it does."""
    learned: bool
    """Whether the operation has weights."""
    live: bool
    """Whether it lies on a path that carries the input to the output."""


@final
@dataclass(frozen=True, slots=True)
class Cell:
    """Vertices in a row, and the arcs between them."""

    vertices: int
    """Their number; the last one is the output."""
    arcs: tuple[Arc, ...]
    """One per pair of vertices, by target, then source."""


def cell_of(space: SearchSpace, architecture: Architecture) -> Cell | None:
    """The architecture as a cell; None where the space has none to draw."""
    if not isinstance(space, EdgeCells) or len(edges(space.vertices)) != len(space.decisions):
        return None
    zeros = [place for place, role in enumerate(space.roles) if role is Role.ZERO]
    codes = np.array([architecture.code], dtype=np.int32)
    live = live_codes(codes, zeros[0], space.vertices)[0] if zeros else codes[0]
    return Cell(
        space.vertices,
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
