"""What a graph network must know of a space whose architectures are cells."""

from typing import Protocol, runtime_checkable

from deltanas.errors import EncodingError
from deltanas.spaces import Codes, SearchSpace
from deltanas.spaces.cell_graphs import CellGraphs


@runtime_checkable
class Cells(Protocol):
    """A space that gives its architectures as graphs, operations on vertices or on edges."""

    @property
    def graph_operations(self) -> tuple[str, ...]:
        """Name of what may stand on a vertex, or on an edge, by its number in a graph."""
        ...

    @property
    def graph_on_nodes(self) -> bool:
        """Whether operations stand on vertices; otherwise on edges."""
        ...

    def graphs(self, codes: Codes) -> CellGraphs:
        """The cells without their dead parts."""
        ...


@runtime_checkable
class Renumbered(Protocol):
    """A space whose vertices may change places without changing the network.

    There a single choice says little, because it means something else in each numbering:
    predictors look at the features alone.
    """

    @property
    def renumbered(self) -> bool:
        """Whether they may."""
        ...


def has_order(space: SearchSpace) -> bool:
    """Whether a decision means the same in all architectures of the space."""
    return not (isinstance(space, Renumbered) and space.renumbered)


def cells_of(space: SearchSpace, what: str) -> Cells:
    """The space as one of cells.

    Args:
        space: Any space.
        what: Name of what asks, for the message.

    Raises:
        EncodingError: The space does not give its architectures as graphs.
    """
    if not isinstance(space, Cells):
        raise EncodingError(
            f"{what} needs a space of cells that gives graphs (attributes graphs, "
            f"graph_operations and graph_on_nodes), got {space.name!r}, a "
            f"{type(space).__name__}; use NeuralDelta, which sees the choices of any space"
        )
    return space
