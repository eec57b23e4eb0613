"""The adjacency encoding: which edges are there, and what stands on them."""

from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.encoding.base import Encoding
from deltanas.encoding.cells import edge_cells
from deltanas.spaces import Codes, SearchSpace
from deltanas.spaces.cells import Role


@final
class Adjacency(Encoding):
    """The adjacency matrix of a cell, then the operation on each edge that is there.

    For a cell with operations on edges, an edge is there when its operation lets something
    pass. First come the bits of the upper triangular adjacency matrix, one per edge; then,
    per edge, one indicator for each operation that lets something pass. NAS-Bench-201 has
    6 + 6 x 4 = 30 columns.

    Source: White et al. 2020, "A Study on Neural Network Architecture Encodings", define it
    for operations on vertices (one-hot adjacency, one-hot operations). Carrying it over to
    operations on edges by splitting off the zero operation is ours.
    """

    def __init__(self, space: SearchSpace) -> None:
        """Name the columns.

        Raises:
            EncodingError: The space's decisions are not the edges of a cell.
        """
        cells = edge_cells(space, "Adjacency")
        self._passing = [o for o, role in enumerate(cells.roles) if role is not Role.ZERO]
        edge_names = [decision.name for decision in space.decisions]
        self.names = (
            *(f"{edge} is there" for edge in edge_names),
            *(f"{edge} is {cells.operations[o]}" for edge in edge_names for o in self._passing),
        )

    def encode(self, codes: Codes) -> Float[np.ndarray, "architectures columns"]:
        """Indicators, shape `(architectures, edges x (1 + operations that pass))`."""
        stands = codes[:, :, None] == np.array(self._passing)
        there = stands.any(axis=2)
        return np.concatenate(
            [there, stands.reshape(len(codes), stands.shape[1] * stands.shape[2])], axis=1
        ).astype(float)
