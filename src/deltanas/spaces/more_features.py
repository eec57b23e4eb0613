"""A space whose architectures are known by more facts: scores, measurements, a user's own."""

from collections.abc import Callable, Sequence
from typing import final

import numpy as np
from jaxtyping import Bool, Float

from deltanas.errors import ShapeError
from deltanas.spaces.architecture import Codes
from deltanas.spaces.base import SearchSpace
from deltanas.spaces.facts import share_facts
from deltanas.spaces.remembered import Remembered

REMEMBERED = 100_000
"""Networks whose further facts are kept."""

Facts = Float[np.ndarray, "architectures facts"]


@final
class MoreFeatures(SearchSpace):
    """Another space with further columns of `features`; the networks are the same.

    Predictors see them beside the space's own; a study can be continued with or without them.
    They are worked out once for each network, so functionally equal codes have equal ones.
    """

    def __init__(
        self, space: SearchSpace, names: Sequence[str], facts: Callable[[Codes], Facts]
    ) -> None:
        """Wrap a space.

        Args:
            space: What is searched.
            names: Of the columns, `group:name`: each group gets a kernel of its own.
            facts: One row for each code, a column for each name; finite numbers.
        """
        super().__init__(
            space.name,
            space.decisions,
            size=space.size,
            feature_names=(*space.feature_names, *names),
            notation=space._notation,  # noqa: SLF001 - the same space
            constraints=space.constraints,
        )
        share_facts(self, space)
        self.inner = space
        self._names, self._facts = tuple(names), facts
        self._known: Remembered[str, Float[np.ndarray, " facts"]] = Remembered(REMEMBERED)

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
        """The space's own features, then the further ones.

        Raises:
            ShapeError: There are not as many further ones as names.
        """
        own = self.inner.features(codes)
        if not len(codes):
            return np.zeros((0, len(self.feature_names)))
        more = self._known.of(self.inner.keys(codes), lambda new: list(self._asked(codes[new])))
        return np.concatenate([own, np.array(more, dtype=float)], axis=1)

    def _asked(self, codes: Codes) -> Facts:
        found = self._facts(codes)
        if found.shape != (len(codes), len(self._names)) or not np.isfinite(found).all():
            raise ShapeError(
                f"expected {len(codes)} rows of {len(self._names)} finite numbers as further "
                f"features ({', '.join(self._names)}), got an array of shape {found.shape}"
            )
        return found
