"""A space whose architectures are known by more facts: scores, measurements, a user's own."""

from collections.abc import Callable, Sequence
from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.errors import ShapeError
from deltanas.spaces.architecture import Codes
from deltanas.spaces.base import SearchSpace
from deltanas.spaces.facts import WrappingSpace
from deltanas.spaces.remembered import Remembered

REMEMBERED = 100_000
"""Networks whose further facts are kept."""

Facts = Float[np.ndarray, "architectures facts"]


@final
class MoreFeatures(WrappingSpace):
    """Another space with further columns of `features`; the networks are the same.

    Predictors see them beside the space's own; a study can be continued with or without them,
    unless they have words.
    They are worked out once for each network, so functionally equal codes have equal ones.
    """

    def __init__(
        self,
        space: SearchSpace,
        names: Sequence[str],
        facts: Callable[[Codes], Facts],
        *,
        words: str = "",
    ) -> None:
        """Wrap a space.

        Args:
            space: What is searched.
            names: Of the columns, `group:name`: each group gets a kernel of its own.
            facts: One row for each code, a column for each name; finite numbers.
            words: What the columns are: a study is then continued with the same words only.
        """
        super().__init__(space, names)
        self._names, self._facts = tuple(names), facts
        self.words = words
        """What the columns are, as studies compare it; empty if they do not."""
        self._known: Remembered[str, Float[np.ndarray, " facts"]] = Remembered(REMEMBERED)

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


def words_of(space: SearchSpace) -> str | None:
    """What the further features of a space are, also of one within limits; None for none."""
    found = []
    while isinstance(space, WrappingSpace):
        if isinstance(space, MoreFeatures) and space.words:
            found.append(space.words)
        space = space.inner
    return "; ".join(found) or None
