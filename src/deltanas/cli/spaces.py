"""The published search spaces, as the command line knows them."""

from deltanas.spaces import NasBench101, NasBench201, NasBenchGraph, SearchSpace, TransNasMicro


def published() -> tuple[SearchSpace, ...]:
    """One of each."""
    return NasBench201(), NasBench101(), NasBenchGraph(), TransNasMicro()
