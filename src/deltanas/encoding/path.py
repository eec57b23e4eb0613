"""The path encoding: which sequences of operations lead from input to output."""

from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.encoding.base import Encoding
from deltanas.encoding.cells import edge_cells
from deltanas.errors import EncodingError
from deltanas.spaces import Codes, SearchSpace
from deltanas.spaces.cells import paths


@final
class PathEncoding(Encoding):
    """1 for every sequence of operations that stands on a path from input to output.

    Paths of equal length share their columns: a sequence counts once, wherever it runs. The
    zero operation is an operation like the others, so NAS-Bench-201 has 5 + 25 + 125 = 155
    columns. One edit changes the paths through one edge: at most two numbers for each.

    Source: White et al. 2020, "A Study on Neural Network Architecture Encodings" (their
    section 3, with the truncation to short paths).
    """

    def __init__(self, space: SearchSpace, *, longest: int | None = None) -> None:
        """Name the columns, short sequences first.

        Args:
            space: A space of cells with operations on edges.
            longest: Leave out paths with more operations than this; None keeps all.

        Raises:
            EncodingError: The space's decisions are not the edges of a cell, or no path is
                as short as `longest`.
        """
        cells = edge_cells(space, "PathEncoding")
        steps = cells.vertices - 1 if longest is None else min(longest, cells.vertices - 1)
        if steps < 1:
            raise EncodingError(
                f"PathEncoding keeps paths of at least 1 operation, got longest={longest} for "
                f"space {space.name!r}; leave it out to keep all paths"
            )
        self._paths = [path for path in paths(cells.vertices) if len(path) <= steps]
        self._operations = len(cells.operations)
        sequences: list[tuple[str, ...]] = []
        grown: list[tuple[str, ...]] = [()]
        for _ in range(steps):
            grown = [(*path, operation) for path in grown for operation in cells.operations]
            sequences += grown
        self.names = tuple(f"path {' → '.join(sequence)}" for sequence in sequences)

    def encode(self, codes: Codes) -> Float[np.ndarray, "architectures columns"]:
        """Indicators, shape `(architectures, number of sequences)`."""
        encoded = np.zeros((len(codes), len(self.names)))
        rows = np.arange(len(codes))
        for path in self._paths:
            # Columns count the sequences of one length with the last operation fastest,
            # after all r + r^2 + ... shorter ones: Horner's rule on code + 1, minus 1.
            column = np.zeros(len(codes), dtype=np.int64)
            for edge in path:
                column = column * self._operations + codes[:, edge] + 1
            encoded[rows, column - 1] = 1.0
        return encoded
