"""What an architecture costs, known without training it: where limits get their numbers."""

from typing import Protocol, final, runtime_checkable

import numpy as np
from jaxtyping import Float

from deltanas.spaces import Codes, SearchSpace


@runtime_checkable
class Metrics(Protocol):
    """Costs of architectures by name with the unit at its end; a `Benchmark` has some."""

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Names that `measure` knows, each with its unit: `latency_ms`."""
        ...

    def measure(self, metric: str, codes: Codes) -> Float[np.ndarray, " architectures"]:
        """The metric of each valid code; NaN where it is not known."""
        ...


@final
class SpaceCosts:
    """The exact facts that a space knows of its architectures, such as a user's `costs`."""

    def __init__(self, space: SearchSpace) -> None:
        """Take the names from the space."""
        self._space = space

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Names of the space's features."""
        return self._space.feature_names

    def measure(self, metric: str, codes: Codes) -> Float[np.ndarray, " architectures"]:
        """One column of the space's features."""
        column = self._space.feature_names.index(metric)
        values: Float[np.ndarray, " architectures"] = self._space.features(codes)[:, column]
        return values
