"""How alike two architectures are, from their squared scaled distance: 1 at 0, falling."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

Values = Float[np.ndarray, "..."]
Kernel = Callable[[Values], Values]


def matern(squared: Values) -> Values:
    """Matern kernel of smoothness 5/2 (Rasmussen & Williams 2006, eq. 4.17)."""
    scaled = np.sqrt(5.0 * squared)
    similarity: Values = (1.0 + scaled + scaled * scaled / 3.0) * np.exp(-scaled)
    return similarity


def exponential(squared: Values) -> Values:
    """Exponential of the squared distance: of Hamming distance where columns are one-hot."""
    similarity: Values = np.exp(-squared)
    return similarity
