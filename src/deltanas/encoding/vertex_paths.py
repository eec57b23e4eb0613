"""The path encoding of cells with operations on vertices."""

import itertools
import math
from typing import Final, final

import numpy as np
from jaxtyping import Float

from deltanas.encoding.base import Encoding
from deltanas.encoding.graphs import cells_of
from deltanas.errors import EncodingError
from deltanas.spaces import Codes, SearchSpace

COLUMNS: Final = 2_000
"""Most sequences that have a column by default, and most paths that are looked at."""


@final
class VertexPaths(Encoding):
    """1 for every sequence of operations that stands on a path from input to output.

    NAS-Bench-101 has 1 + 3 + 9 + 27 + 81 + 243 = 364 columns. Dead parts are on no path.

    Source: White et al. 2020, "A Study on Neural Network Architecture Encodings" (their
    section 3, with the truncation to short paths).
    """

    def __init__(self, space: SearchSpace, *, longest: int | None = None) -> None:
        """Name the columns, short sequences first.

        Args:
            space: A space of cells with operations on vertices.
            longest: Leave out paths through more vertices than this; by default so many that
                there are at most `COLUMNS` sequences and paths.

        Raises:
            EncodingError: Operations do not stand on vertices, or `longest` is negative.
        """
        self._cells = cells_of(space, "VertexPaths")
        if not self._cells.graph_on_nodes or (longest is not None and longest < 0):
            raise EncodingError(
                f"VertexPaths keeps paths through 0 or more vertices of cells with operations on "
                f"vertices, got longest={longest} for space {space.name!r}; use PathEncoding "
                f"where operations stand on edges"
            )
        some = self._cells.graphs(space.sample_codes(1, np.random.default_rng(0)))
        self._last = some.labels.shape[1] - 1
        operations = self._cells.graph_operations
        self._base, self._paths, names = len(operations), list[tuple[int, ...]](), list[str]()
        for length in range(self._last if longest is None else min(longest + 1, self._last)):
            more = math.comb(self._last - 1, length), self._base**length
            if longest is None and max(len(self._paths) + more[0], len(names) + more[1]) > COLUMNS:
                break
            self._paths += itertools.combinations(range(1, self._last), length)
            names += [
                " → ".join(("path", *sequence))
                for sequence in itertools.product(operations, repeat=length)
            ]
        self.names = tuple(names)

    def encode(self, codes: Codes) -> Float[np.ndarray, "architectures columns"]:
        """Indicators, shape `(architectures, number of sequences)`."""
        cells = self._cells.graphs(codes)
        there, encoded = cells.arcs > 0, np.zeros((len(codes), len(self.names)))
        for path in self._paths:
            way = (0, *path, self._last)
            rows = np.flatnonzero(there[:, way[:-1], way[1:]].all(axis=1))
            # Sequences of one length count with the last operation fastest, after all shorter ones.
            column = np.zeros(len(rows), dtype=np.int64)
            for vertex in path:
                column = column * self._base + cells.labels[rows, vertex]
            encoded[rows, column + sum(self._base**k for k in range(len(path)))] = 1.0
        return encoded
