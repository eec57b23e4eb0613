"""Steepest ascents with a model itself at hand: what stands for the best that nobody knows."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from deltanas.spaces import Codes, SearchSpace

STARTS = 50
"""Random architectures of which each ascent begins at the best."""
STEPS = 1_000
"""Steps of an ascent at most."""


def climbed(
    space: SearchSpace,
    model: Callable[[Codes], Float[np.ndarray, " architectures"]],
    climbs: int,
    rng: np.random.Generator,
) -> float:
    """The highest value that some ascents end at, each step being the best edit.

    Args:
        space: Where to climb.
        model: Value of each code.
        climbs: How many ascents.
        rng: Draws the starts.
    """
    best = []
    for _ in range(climbs):
        found = space.sample_codes(STARTS, rng)
        values = model(found)
        for _ in range(STEPS):
            place = [int(np.argmax(values))]
            top, value = found[place], float(values[place[0]])
            _, found = space.children(top)
            values = model(found) if len(found) else np.zeros(0)
            if not len(found) or values.max() <= value:
                break
        best.append(value)
    return max(best)
