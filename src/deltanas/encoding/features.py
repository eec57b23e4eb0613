"""The exact cheap facts that a space knows of its architectures, as an encoding."""

from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.encoding.base import Encoding
from deltanas.spaces import Codes, SearchSpace


@final
class Features(Encoding):
    """Parameters, path counts, costs: whatever `space.features` gives, in its own units.

    A space without features gives no columns. What learns from them brings them to one
    scale itself, because the scale depends on what it has seen.
    """

    def __init__(self, space: SearchSpace) -> None:
        """Take the names from the space."""
        self._space = space
        self.names = space.feature_names

    def encode(self, codes: Codes) -> Float[np.ndarray, "architectures columns"]:
        """The space's features, shape `(architectures, len(space.feature_names))`."""
        return self._space.features(codes)
