"""One column for every option of every decision."""

from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.encoding.base import Encoding
from deltanas.spaces import ABSENT, Codes, SearchSpace


@final
class OneHot(Encoding):
    """1 where an option is chosen, 0 elsewhere; all 0 for a decision that is absent.

    Every space can give it, and one edit changes at most two numbers: the positional
    encoding that the linear growth of one-edit differences is counted with.
    """

    def __init__(self, space: SearchSpace) -> None:
        """Name the columns `decision=option`."""
        self.names = tuple(
            f"{decision.name}={label}" for decision in space.decisions for label in decision.labels
        )
        self._offsets = np.concatenate([[0], np.cumsum(space.option_counts)[:-1]])

    def encode(self, codes: Codes) -> Float[np.ndarray, "architectures columns"]:
        """Indicators, shape `(architectures, sum of option counts)`."""
        encoded = np.zeros((len(codes), len(self.names)))
        row, decision = np.nonzero(codes != ABSENT)
        encoded[row, self._offsets[decision] + codes[row, decision]] = 1.0
        return encoded
