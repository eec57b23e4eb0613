"""Graphs with labelled vertices, operations on vertices or edges alike: what graph methods see."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Bool, Float, Int

from deltanas.spaces import ABSENT
from deltanas.spaces.cell_graphs import CellGraphs

INPUT, OUTPUT, FIRST = 0, 1, 2
"""Labels of the two ends; those of operations follow."""

Labels = Int[np.ndarray, "architectures vertices"]
Arcs = Bool[np.ndarray, "architectures vertices vertices"]


@final
@dataclass(frozen=True, slots=True)
class Graphs:
    """Graphs with equally many places for vertices: input first, output last."""

    labels: Labels
    """Label of each vertex; `ABSENT` where there is none."""
    arcs: Arcs
    """Row source, column target: whether one feeds the other."""

    def one_hot(self, count: int) -> Float[np.ndarray, "architectures vertices labels"]:
        """The `count` labels as indicators, 0 where there is no vertex."""
        stands: Bool[np.ndarray, "architectures vertices labels"]
        stands = self.labels[:, :, None] == np.arange(count)
        return stands.astype(np.float32)


def on_vertices(cells: CellGraphs) -> Graphs:
    """Cells whose operations stand on their vertices."""
    labels = np.where(cells.live, cells.labels + FIRST, ABSENT)
    labels[:, 0], labels[:, -1] = INPUT, OUTPUT
    return Graphs(labels, cells.arcs > 0)


def joined_edges(
    pairs: Sequence[tuple[int, int]], begins: Collection[int], ends: Collection[int]
) -> Bool[np.ndarray, "vertices vertices"]:
    """Edges as vertices: from one to those that begin where it ends; input and output around.

    Args:
        pairs: Source and target of each edge.
        begins: Sources that the input feeds.
        ends: Targets that feed the output.
    """
    count = len(pairs)
    arcs = np.zeros((count + 2, count + 2), dtype=bool)
    for place, (source, target) in enumerate(pairs, start=1):
        arcs[0, place], arcs[place, -1] = source in begins, target in ends
        arcs[place, 1:-1] = [begin == target for begin, _ in pairs]
    return arcs


def between_ends(inner: Int[np.ndarray, "architectures inner"]) -> Labels:
    """Labels with those of the input before and of the output behind."""
    ends = np.ones((len(inner), 1), dtype=inner.dtype)
    return np.concatenate([INPUT * ends, inner, OUTPUT * ends], axis=1)


def between_present(
    inner: Int[np.ndarray, "architectures inner"], joined: Bool[np.ndarray, "vertices vertices"]
) -> Graphs:
    """Inner vertices between the two ends, joined where neither of a pair is `ABSENT`."""
    labels = between_ends(inner)
    there = labels != ABSENT
    return Graphs(labels, joined & there[:, :, None] & there[:, None, :])
