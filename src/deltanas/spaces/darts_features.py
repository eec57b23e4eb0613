"""Exact facts of two DARTS cells that bear on accuracy: edges, operations and paths.

None of them depends on the order of the two inputs of a node.
"""

import itertools
from collections.abc import Sequence
from typing import final

import numpy as np
from jaxtyping import Bool, Float, Int

CELLS = ("normal", "reduce")
NODES = 4
INPUTS = 2
FIRST = (0, 2, 5, 9)
"""Number of the first edge into each node."""

Placed = Int[np.ndarray, "architectures cells edges"]
Counts = Float[np.ndarray, "architectures _"]


@final
class DartsFeatures:
    """Features of both cells; see `names`.

    - `graph:...`: how many edges have each operation; longest and mean number of operations
      from an input to each node; how many edges leave each input.
    - `edges:...`: 1 where an operation stands on an edge.
    - `walks:...`: how many paths from an input of the cell do exactly one operation, or one
      and then another one; the counted path encoding of White et al. 2020, cut at two.

    Source: the facts named `graph` follow the neural graph features of Kadlecova et al. 2024
    (GRAF). That they are one group and no more was chosen on NAS-Bench-301: two groups
    predicted no better.
    """

    def __init__(self, operations: Sequence[str]) -> None:
        """Prepare the columns.

        Args:
            operations: Name of each operation.
        """
        self._operations = len(operations)
        edges = [f"{source}→{node + INPUTS}" for node in range(NODES) for source in range(node + 2)]
        pairs = [f"{a}>{b}" for a, b in itertools.product(operations, repeat=2)]
        depths = [
            *(f"depth of node {node}" for node in (3, 4, 5)),
            "mean depth",
            "from 0",
            "from 1",
        ]
        self.names = (
            *(f"graph:{cell} {name}" for cell in CELLS for name in operations),
            *(f"edges:{c} {edge} {name}" for c in CELLS for edge in edges for name in operations),
            *(f"walks:{cell} {walk}" for cell in CELLS for walk in (*operations, *pairs)),
            *(f"graph:{cell} {fact}" for cell in CELLS for fact in depths),
        )

    def count(self, placed: Placed) -> Counts:
        """The features, one column per name.

        Args:
            placed: Operation on each edge of both cells, -1 for no edge.
        """
        hot = (placed[..., None] == np.arange(self._operations)).astype(float)
        parts = [hot.sum(axis=2).reshape(len(placed), -1), hot.reshape(len(placed), -1)]
        cells = range(len(CELLS))
        parts += [self._walks(hot[:, cell]) for cell in cells]
        parts += [_depth(placed[:, cell] >= 0) for cell in cells]
        return np.concatenate(parts, axis=1)

    def _walks(self, hot: Float[np.ndarray, "architectures edges operations"]) -> Counts:
        """How many paths from an input do one operation, and how many two."""
        single = np.zeros((len(hot), NODES, self._operations))
        double = np.zeros((len(hot), self._operations, self._operations))
        for node, first in enumerate(FIRST):
            single[:, node] = hot[:, first] + hot[:, first + 1]
            for source in range(node):
                after = hot[:, first + INPUTS + source]
                double += single[:, source, :, None] * after[:, None, :]
        return np.concatenate([single.sum(axis=1), double.reshape(len(hot), -1)], axis=1)


def _depth(present: Bool[np.ndarray, "architectures edges"]) -> Counts:
    """Longest way to nodes 3 to 5, mean way to all nodes, edges that leave each input."""
    longest = np.zeros((len(present), INPUTS + NODES))
    mean = np.zeros((len(present), INPUTS + NODES))
    for node, first in enumerate(FIRST):
        edges = present[:, first : first + INPUTS + node]
        sources = slice(0, INPUTS + node)
        longest[:, INPUTS + node] = 1 + np.max(np.where(edges, longest[:, sources], -1), axis=1)
        mean[:, INPUTS + node] = 1 + np.sum(np.where(edges, mean[:, sources], 0), axis=1) / 2
    leaving = [present[:, [first + source for first in FIRST]].sum(axis=1) for source in range(2)]
    return np.column_stack([longest[:, 3:], mean[:, INPUTS:].mean(axis=1), *leaving])
