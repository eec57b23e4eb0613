"""The published search spaces, as the command line knows them."""

from deltanas.spaces import NasBench101, NasBench201, SearchSpace


def published() -> tuple[SearchSpace, ...]:
    """One of each."""
    return NasBench101(), NasBench201()
