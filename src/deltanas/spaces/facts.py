"""Spaces that wrap another one, and what they hand on of it beside what every space has."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from deltanas.spaces.architecture import Codes
from deltanas.spaces.base import SearchSpace


def share_facts(outer: SearchSpace, inner: SearchSpace) -> None:
    """Give a space the public attributes of the one that it wraps, where it has none itself.

    Encodings, graph networks and drawings look for them: vertices, operations, roles, graphs.

    Args:
        outer: The space around.
        inner: The space that is wrapped; its methods answer for its own architectures.
    """
    for name in set(dir(inner)) - set(dir(outer)):
        if not name.startswith("_"):
            setattr(outer, name, getattr(inner, name))


class WrappingSpace(SearchSpace):
    """The same space, for subclasses to change one thing of."""

    def __init__(self, inner: SearchSpace, more_names: Sequence[str] = ()) -> None:
        """Take everything from a space.

        Args:
            inner: The space that is wrapped.
            more_names: Of features that the subclass adds after those of the space.
        """
        super().__init__(
            inner.name,
            inner.decisions,
            size=inner.size,
            feature_names=(*inner.feature_names, *more_names),
            notation=inner._notation,  # noqa: SLF001 - the same space
            constraints=inner.constraints,
        )
        self.inner = inner
        share_facts(self, inner)

    def are_valid(self, codes: Codes) -> Bool[np.ndarray, " architectures"]:
        """As in the space."""
        return self.inner.are_valid(codes)

    def keys(self, codes: Codes) -> list[str]:
        """As in the space."""
        return self.inner.keys(codes)

    def sample_codes(self, n: int, rng: np.random.Generator) -> Codes:
        """As in the space."""
        return self.inner.sample_codes(n, rng)

    def features(self, codes: Codes) -> Float[np.ndarray, "architectures features"]:
        """As in the space."""
        return self.inner.features(codes)
