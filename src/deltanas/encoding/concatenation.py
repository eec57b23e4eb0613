"""Several encodings side by side."""

from collections.abc import Sequence
from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.encoding.base import Encoding
from deltanas.encoding.cells import EdgeCells
from deltanas.encoding.features import Features
from deltanas.encoding.one_hot import OneHot
from deltanas.encoding.path import PathEncoding
from deltanas.errors import EncodingError
from deltanas.spaces import Codes, SearchSpace


@final
class Concatenation(Encoding):
    """The columns of several encodings of one space, in their order."""

    def __init__(self, encodings: Sequence[Encoding]) -> None:
        """Join the names.

        Raises:
            EncodingError: No encodings, or a column name twice.
        """
        self.encodings = tuple(encodings)
        if not self.encodings:
            raise EncodingError("Concatenation needs at least one encoding, got none; give OneHot")
        self.names = tuple(name for encoding in self.encodings for name in encoding.names)
        if len(set(self.names)) < len(self.names):
            twice = [name for i, name in enumerate(self.names) if name in self.names[:i]]
            raise EncodingError(
                f"Concatenation expects every column name once, got {twice[0]!r} twice among "
                f"{len(self.names)} columns; give each encoding once"
            )

    def encode(self, codes: Codes) -> Float[np.ndarray, "architectures columns"]:
        """All columns, shape `(architectures, len(self.names))`."""
        return np.concatenate([encoding.encode(codes) for encoding in self.encodings], axis=1)


def everything(space: SearchSpace) -> Concatenation:
    """All there is to say of an architecture of this space: what predictors see by default.

    One-hot for every space, its features where it has some, paths where it has edge cells.
    """
    encodings: list[Encoding] = [OneHot(space), Features(space)]
    if isinstance(space, EdgeCells):
        encodings.append(PathEncoding(space))
    return Concatenation(encodings)
