"""The published search spaces, as the command line knows them."""

from deltanas.spaces import SearchSpace
from deltanas.spaces.published import PUBLISHED


def published() -> tuple[SearchSpace, ...]:
    """One of each."""
    return tuple(space() for space in PUBLISHED)
