"""Architectures as graphs with labelled vertices, which graph methods see.

A cell with operations on edges becomes a graph whose vertices are the operations, joined
where the end of one edge is the beginning of the next, with an input and an output. Any
other space becomes a chain of its decisions between an input and an output.
"""

from typing import final

import numpy as np
from jaxtyping import Bool, Float, Int

from deltanas.encoding.cells import EdgeCells
from deltanas.spaces import ABSENT, Codes, SearchSpace
from deltanas.spaces.cells import Role, edges

INPUT, OUTPUT = 0, 1
"""Labels of the two ends; the labels of options follow."""


@final
class CellGraphs:
    """The graph of a space: one adjacency, and labels that depend on the architecture."""

    adjacency: Bool[np.ndarray, "vertices vertices"]
    """Whether a vertex feeds another: input first, then one per decision, output last."""
    label_count: int
    """How many labels there are."""

    def __init__(self, space: SearchSpace) -> None:
        """Join the decisions."""
        count = len(space.decisions)
        self.adjacency = np.zeros((count + 2, count + 2), dtype=bool)
        if isinstance(space, EdgeCells):
            ends = edges(space.vertices)
            for place, (source, target) in enumerate(ends, start=1):
                self.adjacency[0, place] = source == 0
                self.adjacency[place, -1] = target == space.vertices - 1
                for other, (begin, _) in enumerate(ends, start=1):
                    self.adjacency[place, other] = begin == target
            self._offsets = np.zeros(count, dtype=int)
            self._zero = {2 + o for o, role in enumerate(space.roles) if role is Role.ZERO}
            self._identity = {2 + o for o, role in enumerate(space.roles) if role is Role.IDENTITY}
        else:
            self.adjacency[np.arange(count + 1), np.arange(1, count + 2)] = True
            self._offsets = np.concatenate([[0], np.cumsum(space.option_counts)[:-1]])
            self._zero, self._identity = set[int](), set[int]()
        self._absent = 2 + int(self._offsets[-1] + space.option_counts[-1])
        self._identity.add(self._absent)  # a chain would end where a decision does not exist
        self.label_count = self._absent + 1

    def labels(self, codes: Codes) -> Int[np.ndarray, "architectures vertices"]:
        """Label of each vertex."""
        inner = np.where(codes == ABSENT, self._absent, codes + self._offsets + 2)
        ends = np.ones((len(codes), 1), dtype=int)
        return np.concatenate([INPUT * ends, inner, OUTPUT * ends], axis=1)

    def one_hot(self, codes: Codes) -> Float[np.ndarray, "architectures vertices labels"]:
        """The same as indicators."""
        hot: Float[np.ndarray, "architectures vertices labels"] = np.eye(
            self.label_count, dtype=np.float32
        )[self.labels(codes)]
        return hot

    def pruned(self, labels: Int[np.ndarray, " vertices"]) -> Bool[np.ndarray, "vertices vertices"]:
        """Adjacency without the vertices that let nothing pass, identities bridged over.

        Vertices that are no longer between input and output have no neighbours left.
        """
        joined = self.adjacency.copy()
        for vertex, label in enumerate(labels.tolist()):
            if label in self._identity:
                joined |= np.outer(joined[:, vertex], joined[vertex])
            if label in self._identity | self._zero:
                joined[vertex], joined[:, vertex] = False, False
        reach = joined | np.eye(len(joined), dtype=bool)
        for _ in range(len(joined)):
            reach = reach | (reach @ reach)
        alive = reach[0] & reach[:, -1]
        joined &= np.outer(alive, alive)
        return joined
