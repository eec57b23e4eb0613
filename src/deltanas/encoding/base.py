"""What an encoding is: architectures in, an array of declared columns out."""

from abc import ABC, abstractmethod

import numpy as np
from jaxtyping import Float

from deltanas.spaces import Codes


class Encoding(ABC):
    """Maps architectures to vectors.

    What every encoding promises; `deltanas.testing.EncodingContract` checks it:

    - `encode` gives one finite row per architecture and one column per name; no name twice.
    - Equal codes give equal rows, bit by bit, whatever else is in the batch. So the
      difference of an architecture to itself is exactly 0.
    - `encode` changes neither its argument nor the encoding.
    """

    names: tuple[str, ...]
    """Name of each column."""

    @abstractmethod
    def encode(self, codes: Codes) -> Float[np.ndarray, "architectures columns"]:
        """The vector of each architecture, shape `(architectures, len(self.names))`."""
