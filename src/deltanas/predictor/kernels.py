"""How alike two architectures are, from their squared scaled distance: 1 at 0, falling."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

Values = Float[np.ndarray, "..."]
Kernel = Callable[[Values], Values]


def matern(squared: Values) -> Values:
    """Matern kernel of smoothness 5/2 (Rasmussen & Williams 2006, eq. 4.17)."""
    # In place: most of the time of (1 + s + s^2 / 3) exp(-s) went into new arrays.
    scaled = np.asarray(5.0 * squared)
    np.sqrt(scaled, out=scaled)
    similarity: Values = np.asarray(scaled * scaled)
    similarity /= 3.0
    similarity += 1.0 + scaled
    np.negative(scaled, out=scaled)
    similarity *= np.exp(scaled, out=scaled)
    return similarity


def exponential(squared: Values) -> Values:
    """Exponential of the squared distance: of Hamming distance where columns are one-hot."""
    similarity: Values = np.exp(-squared)
    return similarity
