"""One order of the vertices for all cells that differ only in how vertices are numbered.

Most cells are ordered by colours, many at a time: a colour is a number that describes a
vertex and, after some rounds, its surroundings. Where two vertices keep one colour, all
orders that the colours leave open are compared, and the smallest picture of the cell wins.
Colours depend on the graph only, and the whole graph can be read from its picture. So two
cells end up the same exactly if they are isomorphic, whatever colours happen to collide.

Source: colour refinement is Weisfeiler & Leman 1968; splitting ties by singling out one
vertex and skipping what a symmetry repeats is McKay 1981 (nauty), here in its simplest form.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Int, UInt64

from deltanas.spaces.cell_graphs import CellGraphs, levels
from deltanas.spaces.mixing import mixed

ROUNDS = 3
"""Rounds in which colours spread; what they leave open is searched, so any number is right."""
ROWS = 4_096
"""Cells that are coloured at a time, so that memory stays bounded."""
LAST = 10**6
"""A level beyond all others: the output's; dead vertices come just before it."""

Colours = UInt64[np.ndarray, "cells vertices"]
Order = Int[np.ndarray, "cells vertices"]
Picture = tuple[tuple[int, ...], ...]

_OWN, _IN, _OUT = (
    np.uint64(each) for each in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)


def canonical(pruned: CellGraphs) -> CellGraphs:
    """Renumber the vertices of cells so that isomorphic ones become equal.

    Edges still lead from lower to higher numbers, and dead vertices come last before the
    output. Isomorphic means: the same up to the numbers of interior vertices, operations
    included.

    Args:
        pruned: Cells without dead parts, see `CellGraphs.pruned`.
    """
    parts = []
    for start in range(0, max(len(pruned.labels), 1), ROWS):
        block = slice(start, start + ROWS)
        parts.append(_canonical(CellGraphs(pruned.arcs[block], pruned.labels[block])))
    return CellGraphs(
        np.concatenate([part.arcs for part in parts]),
        np.concatenate([part.labels for part in parts]),
    )


def _canonical(pruned: CellGraphs) -> CellGraphs:
    level = np.where(pruned.live, levels(pruned), LAST - 1)
    level[:, -1] = LAST
    colours = _colours(pruned)
    order = np.lexsort((colours, level), axis=-1)
    rows = np.arange(len(order))[:, None]
    colours, level = colours[rows, order], level[rows, order]
    new = np.ones(order.shape, dtype=bool)
    new[:, 1:] = (colours[:, 1:] != colours[:, :-1]) | (level[:, 1:] != level[:, :-1])
    ordered = pruned.reordered(order)
    tied = np.flatnonzero(np.any(~new & ordered.live, axis=1))
    if tied.size:
        order[tied] = [
            _settled(order[row], ordered.arcs[row], ordered.labels[row], new[row]) for row in tied
        ]
        ordered = pruned.reordered(order)
    return ordered


def _settled(
    order: Int[np.ndarray, " vertices"],
    arcs: Int[np.ndarray, "vertices vertices"],
    labels: Int[np.ndarray, " vertices"],
    new: Bool[np.ndarray, " vertices"],
) -> Int[np.ndarray, " vertices"]:
    """The order of one cell's vertices with its ties settled by search."""
    places, _ = _search(arcs.tolist(), labels.tolist(), np.cumsum(new).tolist())
    return order[list(places)]


def _colours(pruned: CellGraphs) -> Colours:
    """A number for each vertex that does not depend on how vertices are numbered.

    Vertices with the same operation and the same neighbours could change places without a
    trace, so they are counted through at once and never tie.
    """
    arcs = pruned.arcs
    own = pruned.labels.astype(np.int64) * arcs.shape[1] + _twins_before(pruned)
    own[:, 0], own[:, -1] = -2, -3
    colours = mixed(own.astype(np.uint64))
    there = arcs > 0
    kinds = mixed(arcs.astype(np.uint64))
    for _ in range(ROUNDS):
        coming = np.where(there, mixed((colours[:, :, None] ^ kinds) + _IN), 0)
        going = np.where(there, mixed((colours[:, None, :] ^ kinds) + _OUT), 0)
        received = coming.sum(axis=1, dtype=np.uint64) + going.sum(axis=2, dtype=np.uint64)
        colours = mixed(colours * _OWN + received)
    return colours


def _twins_before(pruned: CellGraphs) -> Int[np.ndarray, "cells vertices"]:
    """How many vertices before each one have its operation and exactly its edges."""
    arcs, labels = pruned.arcs, pruned.labels
    found = np.zeros(labels.shape, dtype=np.int64)
    for one in range(1, labels.shape[1] - 1):
        for other in range(one + 1, labels.shape[1] - 1):
            same = labels[:, one] == labels[:, other]
            same &= np.all(arcs[:, :, one] == arcs[:, :, other], axis=1)
            same &= np.all(arcs[:, one] == arcs[:, other], axis=1)
            found[:, other] += same
    return found


def _search(
    arcs: Sequence[Sequence[int]], labels: Sequence[int], colours: Sequence[int]
) -> tuple[tuple[int, ...], Picture]:
    """The order with the smallest picture, of all orders that agree with the colours.

    A vertex of the first tie is singled out, one after the other. One that leads to a picture
    seen before is the image of an earlier one under a symmetry and brings nothing new.
    """
    colours = _refined(arcs, colours)
    tie = _first_tie(colours)
    if not tie:
        order = tuple(sorted(range(len(colours)), key=colours.__getitem__))
        return order, _picture(arcs, labels, order)
    seen: set[Picture] = set()
    found: list[tuple[tuple[int, ...], Picture]] = []
    for vertex in tie:
        child = _singled_out(colours, vertex)
        glimpse = _glimpse(arcs, labels, child)
        if glimpse not in seen:
            seen.add(glimpse)
            found.append(_search(arcs, labels, child))
    return min(found, key=lambda each: each[1])


def _glimpse(
    arcs: Sequence[Sequence[int]], labels: Sequence[int], colours: Sequence[int]
) -> Picture:
    """The picture of the first order that the search would meet from here."""
    colours = _refined(arcs, colours)
    while tie := _first_tie(colours):
        colours = _refined(arcs, _singled_out(colours, tie[0]))
    return _picture(arcs, labels, sorted(range(len(colours)), key=colours.__getitem__))


def _refined(arcs: Sequence[Sequence[int]], colours: Sequence[int]) -> list[int]:
    """Colours that also tell neighbours apart, in the order of the given ones."""
    vertices = range(len(colours))
    while True:
        seen = [
            (
                colours[vertex],
                sorted((colours[u], arcs[u][vertex]) for u in vertices if arcs[u][vertex]),
                sorted((colours[w], arcs[vertex][w]) for w in vertices if arcs[vertex][w]),
            )
            for vertex in vertices
        ]
        ranks: list[tuple[int, list[tuple[int, int]], list[tuple[int, int]]]] = []
        for each in sorted(seen):
            if not ranks or each != ranks[-1]:
                ranks.append(each)
        finer = [ranks.index(each) for each in seen]
        if len(ranks) == len(set(colours)):
            return finer
        colours = finer


def _first_tie(colours: Sequence[int]) -> list[int]:
    """The vertices of the smallest colour that several have; none if all differ."""
    several = [colour for colour in sorted(set(colours)) if colours.count(colour) > 1]
    return [v for v, colour in enumerate(colours) if several and colour == several[0]]


def _singled_out(colours: Sequence[int], vertex: int) -> list[int]:
    """The colours with one vertex placed before all others of its colour."""
    return [2 * colour - (place == vertex) for place, colour in enumerate(colours)]


def _picture(arcs: Sequence[Sequence[int]], labels: Sequence[int], order: Sequence[int]) -> Picture:
    """The whole cell with its vertices in this order."""
    rows = (tuple(arcs[source][target] for target in order) for source in order)
    return (tuple(labels[vertex] for vertex in order), *rows)
