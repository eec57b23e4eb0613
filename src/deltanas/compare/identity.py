"""The same space with another notion of sameness: every code is an architecture of its own."""

from typing import final

import numpy as np
from jaxtyping import Bool, Float

from deltanas.spaces import Codes, SearchSpace
from deltanas.spaces.facts import share_facts


@final
class RawSpace(SearchSpace):
    """A space whose canonical keys are its codes.

    Published comparisons on tables count every recorded architecture as one, functionally
    equal ones too. Given this space instead of the real one, any searcher plays by that
    rule: twins are proposed, and neighbours that compute the same are neighbours.
    """

    def __init__(self, inner: SearchSpace) -> None:
        """Take everything but the keys from `inner`."""
        super().__init__(
            inner.name, inner.decisions, size=inner.size, feature_names=inner.feature_names
        )
        self.inner = inner
        share_facts(self, inner)

    def are_valid(self, codes: Codes) -> Bool[np.ndarray, " architectures"]:
        """As in the inner space."""
        return self.inner.are_valid(codes)

    def keys(self, codes: Codes) -> list[str]:
        """The code itself, as text."""
        return [",".join(map(str, code)) for code in codes.tolist()]

    def sample_codes(self, n: int, rng: np.random.Generator) -> Codes:
        """As in the inner space."""
        return self.inner.sample_codes(n, rng)

    def features(self, codes: Codes) -> Float[np.ndarray, "architectures features"]:
        """As in the inner space."""
        return self.inner.features(codes)
