"""Colours of vertices: numbers that are equal exactly where the neighbourhoods are.

A vertex starts with a colour for its degrees and its operation, and mixes in the colours of
its neighbours, as often as its cell has vertices. That is colour refinement (Weisfeiler &
Leman 1968) on directed graphs, in 64-bit arithmetic on many cells at once.
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Int, UInt64

from deltanas.spaces.mixing import mixed
from deltanas.spaces.node_graphs import LiveCells

Colours = UInt64[np.ndarray, "vertices cells"]

# Numbers without structure: the first fractional digits of pi.
_ENTERING = np.uint64(0x243F6A8885A308D3)
_LEAVING = np.uint64(0x13198A2E03707345)
_OWN = np.uint64(0xA4093822299F31D1)


def colourings(cells: LiveCells) -> Iterator[Colours]:
    """Colours after no round, one round, ..., as many rounds as there can be vertices.

    A cell takes as many rounds as it has vertices that count, and then stays as it is.
    """
    vertices = len(cells.vertices)
    counts = cells.vertices.sum(axis=0)
    start = (cells.in_degrees * vertices + cells.out_degrees) * 256
    start[1:-1] += cells.labels + 2
    start[-1] += 1
    colours = mixed(start.astype(np.uint64))
    yield colours
    masks = np.where(cells.edges, ~np.uint64(0), np.uint64(0))
    for done in range(vertices):
        giving, taking = mixed(colours ^ _ENTERING), mixed(colours ^ _LEAVING)
        taken = colours * _OWN
        for place, (source, target) in enumerate(cells.pairs):
            taken[target] += giving[source] & masks[place]
            taken[source] += taking[target] & masks[place]
        colours = np.where(counts > done, mixed(taken), colours)
        yield colours


def fingerprints(cells: LiveCells) -> UInt64[np.ndarray, " cells"]:
    """A number per cell that isomorphic cells share, and others do not.

    Equal numbers of different cells are not impossible in 64 bits, but their set is finite:
    `bench/nasbench101_keys.py` finds 423,624 different ones for the 423,624 cells of
    NAS-Bench-101.
    """
    *_, last = colourings(cells)
    total = np.where(cells.vertices, mixed(last), np.uint64(0)).sum(axis=0, dtype=np.uint64)
    return mixed(total)


def canonical_places(cells: LiveCells) -> Int[np.ndarray, "vertices cells"]:
    """A place for each vertex, from 0, that goes with the vertex when they are renumbered.

    Vertices come by the length of the longest path from the input, then by colour. Where
    both are equal two vertices can change places without changing the cell.
    """
    depths = np.zeros(cells.vertices.shape, dtype=np.int64)
    for place, (source, target) in enumerate(cells.pairs):
        deeper = np.where(cells.edges[place], depths[source] + 1, 0)
        depths[target] = np.maximum(depths[target], deeper)
    *_, last = colourings(cells)
    order = np.lexsort((last, depths), axis=0)
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.arange(len(order))[:, None], axis=0)
    return places
