"""NAS-Bench-101's keys: equal to the official hash, and exact. Needs DELTANAS_DATA.

`python -m bench.nasbench101_keys` works out the key of every recorded cell, and enumerates all
cells from nothing. How fast keys are is in `bench.nasbench101_children`.
"""

import itertools
import time
from collections.abc import Iterator

import numpy as np

from bench.tables import recorded
from deltanas.spaces.nasbench101 import MOST_EDGES, OPERATIONS, VERTICES
from deltanas.spaces.node_colours import fingerprints
from deltanas.spaces.node_graphs import pairs, prune

CHUNK = 20_000


def equal_keys() -> tuple[int, int]:
    """How many of the recorded cells have the recorded hash, and how many there are."""
    benchmark = recorded("nasbench101")
    rows = benchmark.row_of
    if rows is None:
        raise AssertionError
    right = 0
    for start in range(0, len(benchmark.codes), CHUNK):
        keys = benchmark.space.keys(benchmark.codes[start : start + CHUNK])
        right += sum(rows.get(key) == row for row, key in enumerate(keys, start))
    return right, len(benchmark.codes)


def counted_cells(vertices: int) -> int:
    """Number of different cells with so many vertices, all of them live, and at most 9 edges."""
    found = np.zeros(0, dtype=np.uint64)
    combinations = list(itertools.product(range(len(OPERATIONS)), repeat=vertices - 2))
    labels = np.array(combinations, dtype=np.int64).reshape(len(combinations), vertices - 2).T
    for edges in _matrices(vertices):
        repeated = np.repeat(edges, labels.shape[1], axis=1)
        cells = prune(repeated, np.tile(labels, edges.shape[1]))
        found = np.union1d(found, fingerprints(cells))
    return len(found)


def _matrices(vertices: int) -> Iterator[np.ndarray]:
    """All choices of edges with which every vertex is live, some at a time."""
    number = len(pairs(vertices))
    for start in range(0, 2**number, CHUNK):
        chosen = np.arange(start, min(start + CHUNK, 2**number))
        edges = (chosen >> np.arange(number)[:, None] & 1).astype(bool)
        cells = prune(edges, np.zeros((vertices - 2, len(chosen)), dtype=np.int64))
        whole = cells.vertices.all(axis=0) & (cells.edges.sum(axis=0) <= MOST_EDGES)
        for part in np.array_split(np.flatnonzero(whole), 1 + int(whole.sum()) // 1_000):
            yield cells.edges[:, part]


def main() -> None:
    """Print one line per figure."""
    began = time.process_time()
    right, rows = equal_keys()
    taken = time.process_time() - began
    print(f"{right:,} of {rows:,} keys equal the official hash ({taken:.0f} s CPU)", flush=True)
    for vertices in range(2, VERTICES + 1):
        print(f"{vertices} vertices: {counted_cells(vertices):,} cells", flush=True)


if __name__ == "__main__":
    main()
