"""What an encoding must know of a space whose decisions are the edges of one cell."""

from typing import Protocol, runtime_checkable

from deltanas.errors import EncodingError
from deltanas.spaces import SearchSpace
from deltanas.spaces.cells import Role, edges


@runtime_checkable
class EdgeCells(Protocol):
    """A space with one operation on each edge of a complete cell.

    Its decisions are the edges in the order of `spaces.cells.edges`, and every decision has
    the same operations in the same order.
    """

    @property
    def vertices(self) -> int:
        """Number of vertices; 0 is the input, the last one the output."""
        ...

    @property
    def operations(self) -> tuple[str, ...]:
        """Name of each operation, by position."""
        ...

    @property
    def roles(self) -> tuple[Role, ...]:
        """What each operation does to what passes through it."""
        ...


def edge_cells(space: SearchSpace, encoding: str) -> EdgeCells:
    """The space as one of edge cells.

    Args:
        space: Any space.
        encoding: Name of the encoding that asks, for the message.

    Raises:
        EncodingError: The space does not say that its decisions are the edges of a cell, or
            says so with another number of decisions.
    """
    if not isinstance(space, EdgeCells):
        raise EncodingError(
            f"{encoding} needs a space with operations on the edges of a cell (attributes "
            f"vertices, operations and roles), got {space.name!r}, a {type(space).__name__}; "
            f"use OneHot, which every space can give"
        )
    expected = len(edges(space.vertices))
    if len(space.decisions) != expected:
        raise EncodingError(
            f"{encoding} expects {expected} decisions for a cell of {space.vertices} vertices, "
            f"got {len(space.decisions)} in space {space.name!r}; "
            f"one decision per edge, in the order of spaces.cells.edges"
        )
    return space
