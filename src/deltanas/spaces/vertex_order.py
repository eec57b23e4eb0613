"""In which order the vertices of a cell are numbered: every edge leads to a higher number."""

import numpy as np
from jaxtyping import Int

from deltanas.errors import ArchitectureError

Square = Int[np.ndarray, "vertices vertices"]
"""Row source, column target; 0 where there is no edge."""


def refuse_wrong_order(arcs: Square, space: str) -> None:
    """Refuse edges that do not lead from lower to higher numbers.

    Args:
        arcs: The cell as it was given.
        space: Name of its space, for messages.

    Raises:
        ArchitectureError: There is a cycle, an edge into the input or out of the output, or
            vertices are numbered in another order.
    """
    wrong = np.argwhere(np.tril(arcs))
    if not len(wrong):
        return
    edge = "→".join(map(str, wrong[0].tolist()))
    order = _order(arcs)
    if order is None:
        raise ArchitectureError(
            f"a cell of space {space!r} has no cycle, got one in which the edge {edge} lies or to "
            f"which it leads; every edge must lead from a lower to a higher vertex"
        )
    last = len(arcs) - 1
    if arcs[:, 0].any() or arcs[last].any():
        raise ArchitectureError(
            f"in a cell of space {space!r} vertex 0 is the input and the last vertex, {last}, the "
            f"output, got an edge {edge}; no edge may enter the input or leave the output"
        )
    inner = [vertex for vertex in order if vertex not in (0, last)]
    raise ArchitectureError(
        f"the matrix of a cell of space {space!r} is upper triangular, because every edge leads "
        f"from a lower to a higher vertex, got an edge {edge}; there is no cycle, so put the "
        f"vertices in the order {[0, *inner, last]}"
    )


def _order(arcs: Square) -> list[int] | None:
    """The vertices, each after all that lead to it; None if there is a cycle."""
    order: list[int] = []
    left = set(range(len(arcs)))
    while left:
        free = sorted(v for v in left if not any(arcs[u, v] for u in left))
        if not free:
            return None
        order += free
        left -= set(free)
    return order
