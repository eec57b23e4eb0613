"""How far values are apart, as learning scales divide by it."""

from typing import Final

LEAST: Final = 1e-300
"""Values that differ by less are equal: the reciprocal of much less is beyond a float."""


def usable(*spreads: float) -> float:
    """The first spread that may be divided by; 1, which changes nothing, if there is none."""
    return next((each for each in spreads if each > LEAST), 1.0)
