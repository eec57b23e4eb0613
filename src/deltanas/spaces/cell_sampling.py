"""Random cells, built so that input and output are joined: nothing is drawn in vain."""

import math

import numpy as np
from jaxtyping import Bool, Float, Int

from deltanas.spaces.cells import edges

Chosen = Bool[np.ndarray, "cells pairs"]
Draws = Float[np.ndarray, "cells _"]


def random_edges(nodes: int, most: int, n: int, rng: np.random.Generator) -> Chosen:
    """Edges of random cells, each pair in the order of `cells.edges`.

    First a path from input to output: uniform over all paths of at most `most` edges. Then
    further edges, so that their number is uniform between that of the path and `most`; which
    ones they are is uniform too. Every cell with at most `most` edges can come.

    Args:
        nodes: Number of interior vertices.
        most: Most edges of a cell, at least 1.
        n: How many cells.
        rng: Where chance comes from.
    """
    pairs = np.array(edges(nodes + 2))
    most = min(most, len(pairs))
    stops = np.arange(min(nodes, most - 1) + 1)
    ways = np.array([math.comb(nodes, int(k)) for k in stops], dtype=float)
    count = rng.choice(stops, size=n, p=ways / ways.sum())
    on_path = np.ones((n, nodes + 2), dtype=bool)
    on_path[:, 1:-1] = _places(rng.random((n, nodes))) < count[:, None]
    passed = np.cumsum(on_path, axis=1)
    sources, targets = pairs.T
    path = on_path[:, sources] & on_path[:, targets]
    path &= passed[:, targets] - passed[:, sources] == 1
    total = rng.integers(count + 1, most, endpoint=True)
    # Path edges come first in the order of draws, so they are always among the chosen.
    draws = rng.random((n, len(pairs))) - path
    chosen: Chosen = _places(draws) < total[:, None]
    return chosen


def _places(draws: Draws) -> Int[np.ndarray, "cells _"]:
    """Place of each draw in its row when sorted."""
    return np.argsort(np.argsort(draws, axis=1), axis=1)
