"""Numbers scrambled one to one: what colours of vertices are made with."""

import numpy as np
from jaxtyping import UInt64

Numbers = UInt64[np.ndarray, "..."]


def mixed(numbers: Numbers) -> Numbers:
    """Spread numbers over 64 bits: the last steps of SplitMix64.

    Source: Steele, Lea & Flood, "Fast splittable pseudorandom number generators", 2014.
    """
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    spread: Numbers = numbers ^ (numbers >> np.uint64(31))
    return spread
