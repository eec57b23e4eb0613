"""Spaces that wrap another one, and what they hand on of it beside what every space has."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from deltanas.spaces.architecture import Codes
from deltanas.spaces.base import SearchSpace


def typical_codes(space: SearchSpace, n: int, rng: np.random.Generator) -> Codes:
    """`n` codes that say what architectures are usually like: a sample, if that is quick."""
    if isinstance(space, WrappingSpace):
        return space.typical_codes(n, rng)
    return space.sample_codes(n, rng)


def unwrapped(space: SearchSpace) -> SearchSpace:
    """The space itself, whatever it is wrapped in."""
    while isinstance(space, WrappingSpace):
        space = space.inner
    return space


class WrappingSpace(SearchSpace):
    """The same space, for subclasses to change one thing of.

    It has all public attributes of the space that it wraps: encodings, graph networks and
    drawings look for vertices, operations, roles, graphs. Methods among them answer for that
    space's own architectures.
    """

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
            why_not=inner._why_not,  # noqa: SLF001
        )
        self.inner = inner
        for name in set(dir(inner)) - set(dir(self)):
            if not name.startswith("_"):
                setattr(self, name, getattr(inner, name))

    def are_valid(self, codes: Codes) -> Bool[np.ndarray, " architectures"]:
        """As in the space."""
        return self.inner.are_valid(codes)

    def keys(self, codes: Codes) -> list[str]:
        """As in the space."""
        return self.inner.keys(codes)

    def sample_codes(self, n: int, rng: np.random.Generator) -> Codes:
        """As in the space."""
        return self.inner.sample_codes(n, rng)

    def typical_codes(self, n: int, rng: np.random.Generator) -> Codes:
        """Codes that are like those of this space, and not all of them in it."""
        return typical_codes(self.inner, n, rng)

    def features(self, codes: Codes) -> Float[np.ndarray, "architectures features"]:
        """As in the space."""
        return self.inner.features(codes)
