"""What is done along each edge of a cell, wherever its operations stand."""

import numpy as np
from jaxtyping import Int

from deltanas.spaces.cell_graphs import CellGraphs

NONE, PASSING, FIRST = 0, 1, 2
"""What stands on an edge: no edge; an edge only; from here on, the operations."""

Steps = Int[np.ndarray, "cells vertices vertices"]
"""What is done along each edge. An operation on a vertex is done along all edges into it."""


def steps_of(pruned: CellGraphs, *, on_nodes: bool) -> Steps:
    """What is done along each edge of cells without dead parts.

    Args:
        pruned: The cells.
        on_nodes: Whether operations stand on vertices; otherwise on edges.
    """
    arcs = pruned.arcs
    if not on_nodes:
        return np.where(arcs > 0, arcs - 1 + FIRST, NONE)
    at_target = pruned.labels[:, None, :] + FIRST
    at_target[:, :, -1] = PASSING
    return np.where(arcs > 0, at_target, NONE)
