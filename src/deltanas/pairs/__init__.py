"""The DoA data set: evaluated architectures, and all similar pairs among them."""

from deltanas.pairs.pairs import EncodedPairs, Pairs, pairs_of

__all__ = ["EncodedPairs", "Pairs", "pairs_of"]
