"""Exact facts of a cell with operations on vertices that bear on accuracy.

Everything is counted on paths from input to output, or on vertices and edges that lie on
one, and does not ask how vertices are numbered. So isomorphic cells have equal features.
"""

import itertools
from collections.abc import Sequence
from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.spaces.node_graphs import LiveCells, pairs

Counts = Float[np.ndarray, "cells features"]


@final
class NodeFeatures:
    """Features of cells with the same operations and number of vertices; see `names`.

    - `walks:a>b`: how many paths pass exactly a, then b. The counted form of the path
      encoding of White et al. 2020.
    - `graph:...`: for each set of operations, over the paths that pass no other ones: how
      many there are, and how long the shortest and the longest is. How many vertices have
      each operation, how many paths begin and end with it. How many edges there are, how
      many leave the input and enter the output, and whether one does both. These follow the
      neural graph features of Kadlecova et al. 2024 (GRAF).
    """

    def __init__(self, operations: Sequence[str], vertices: int) -> None:
        """Prepare the columns.

        Args:
            operations: Name of each operation.
            vertices: Number of vertices of a cell, input and output included.
        """
        count = len(operations)
        self._operations = count
        place = {pair: row for row, pair in enumerate(pairs(vertices))}
        inside = range(1, vertices - 1)
        self._paths = [
            (passed, [place[pair] for pair in itertools.pairwise((0, *passed, vertices - 1))])
            for length in range(vertices - 1)
            for passed in itertools.combinations(inside, length)
        ]
        walks = [
            walk
            for length in range(vertices - 1)
            for walk in itertools.product(range(count), repeat=length)
        ]
        self._sets = [
            members
            for size in range(1, count + 1)
            for members in itertools.combinations(range(count), size)
        ]
        self._start = np.cumsum([0, *(count**length for length in range(vertices - 2))])
        words = ["+".join(operations[o] for o in members) for members in self._sets]
        self.names = (
            *("walks:" + ">".join(operations[o] for o in walk) for walk in walks),
            *(f"graph:{fact} of {word}" for fact in ("number", "least", "most") for word in words),
            *(f"graph:{end} {name}" for end in ("begin", "end") for name in operations),
            *(f"graph:vertices {name}" for name in operations),
            *("graph:edges", "graph:out of input", "graph:into output", "graph:direct"),
        )
        self._by_length = self._lengths(walks, vertices - 1)
        self._ends = np.array(
            [
                [bool(walk) and walk[end] == operation for walk in walks]
                for end in (0, -1)
                for operation in range(count)
            ],
            dtype=float,
        )

    def count(self, cells: LiveCells) -> Counts:
        """The features of each cell, one column per name."""
        walks = self._count_walks(cells)
        lengths = self._by_length.shape[2]
        number = np.tensordot(walks, self._by_length, axes=(1, 1))
        there = number > 0
        found = there.any(axis=2)
        least = np.where(found, there.argmax(axis=2), lengths)
        most = np.where(found, lengths - 1 - there[:, :, ::-1].argmax(axis=2), -1)
        return np.column_stack(
            [
                walks,
                *(number.sum(axis=2), least, most),
                walks @ self._ends.T,
                *(
                    np.sum(cells.vertices[1:-1] & (cells.labels == operation), axis=0)
                    for operation in range(self._operations)
                ),
                cells.edges.sum(axis=0),
                *(cells.out_degrees[0], cells.in_degrees[-1]),
                cells.edges[len(cells.vertices) - 2],
            ]
        )

    def _count_walks(self, cells: LiveCells) -> Counts:
        """How often each walk occurs in each cell."""
        width, size = self._by_length.shape[1], cells.edges.shape[1]
        found = []
        for passed, edges in self._paths:
            there = np.flatnonzero(cells.edges[edges].all(axis=0))
            number = np.zeros(len(there), dtype=np.int64)
            for vertex in passed:
                number = number * self._operations + cells.labels[vertex - 1, there]
            found.append(there * width + self._start[len(passed)] + number)
        counted = np.bincount(np.concatenate(found), minlength=size * width)
        return counted.reshape(size, width).astype(float)

    def _lengths(
        self, walks: Sequence[tuple[int, ...]], lengths: int
    ) -> Float[np.ndarray, "sets walks lengths"]:
        """Whether a walk passes operations of a set only, and has a length."""
        found = np.zeros((len(self._sets), len(walks), lengths))
        for column, walk in enumerate(walks):
            for row, members in enumerate(self._sets):
                found[row, column, len(walk)] = set(walk) <= set(members)
        return found
