"""What a user says of a cell space, checked, and the decisions that follow from it."""

from collections.abc import Mapping, Sequence
from numbers import Integral

from deltanas.errors import SpaceError
from deltanas.spaces.architecture import NO_EDGE, Decision, DecisionKind
from deltanas.spaces.cell_graphs import CellLayout

NODES = 20
"""Most interior vertices: that many have 231 possible edges."""
PLACES = ("nodes", "edges")
"""Where operations may stand."""


def check_description(
    name: str,
    nodes: object,
    operations: object,
    on: object,
    max_edges: object,
    functions: Mapping[str, object],
) -> None:
    """Refuse what describes no cell space.

    Args:
        name: Name of the space, for messages.
        nodes: See `CellSpace`, as for the next three.
        operations: A list.
        on: One of `PLACES`.
        max_edges: A number or None.
        functions: `valid` and `costs`, by these names.

    Raises:
        SpaceError: See `CellSpace`.
    """
    if not _is_whole(nodes) or not 1 <= nodes <= NODES:  # type: ignore[operator]
        raise SpaceError(
            f"space {name!r} needs nodes, the number of vertices between input and output, from "
            f"1 to {NODES}, got {nodes!r}; stack several cells for a deeper network"
        )
    if isinstance(operations, str) or not isinstance(operations, Sequence) or not operations:
        raise SpaceError(
            f"space {name!r} needs a list of operations, got {operations!r}; "
            f"give for example ['conv3x3', 'pool']"
        )
    if on not in PLACES:
        raise SpaceError(
            f"operations of space {name!r} stand on 'nodes' or on 'edges', got on={on!r}; "
            f"choose one of the two"
        )
    if on == "edges" and NO_EDGE in [str(each) for each in operations]:
        raise SpaceError(
            f"operations on the edges of space {name!r} are what may stand there, got {NO_EDGE!r} "
            f"among them; leave it out, every edge may be absent anyway"
        )
    if max_edges is not None and (not _is_whole(max_edges) or max_edges < 1):  # type: ignore[operator]
        raise SpaceError(
            f"space {name!r} allows max_edges of at least 1, or None for any number, got "
            f"{max_edges!r}; every edge counts that lies on a path from input to output"
        )
    for what, function in functions.items():
        if function is not None and not callable(function):
            raise SpaceError(
                f"{what} of space {name!r} is a function of an architecture, got {function!r}; "
                f"leave it out if there is none"
            )


def decisions_of(layout: CellLayout, operations: Sequence[object]) -> tuple[Decision, ...]:
    """One decision for each pair of vertices; then one for each vertex, where operations are."""
    pairs = [f"{source}→{target}" for source, target in layout.pairs]
    if not layout.on_nodes:
        options = (NO_EDGE, *operations)
        return tuple(Decision(pair, options, DecisionKind.EDGE_OPERATION) for pair in pairs)
    return (
        *(Decision(pair, (False, True), DecisionKind.EDGE) for pair in pairs),
        *(Decision(f"vertex {v}", tuple(operations)) for v in range(1, layout.vertices - 1)),
    )


def _is_whole(number: object) -> bool:
    return isinstance(number, Integral) and not isinstance(number, bool)  # numpy's too
