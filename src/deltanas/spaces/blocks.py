"""Block-based spaces: n named decisions, each with its own options.

With r options for each of n decisions there are r^n architectures, but only
n r (r-1) ordered one-edit differences: the linear growth that Delta-NAS lives on.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import final

import numpy as np
from jaxtyping import Bool, Float

from deltanas.errors import SpaceError
from deltanas.spaces.architecture import Architecture, Codes, Decision, in_range
from deltanas.spaces.base import SearchSpace


@final
class BlockSpace(SearchSpace):
    """Every combination of options is an architecture, and each is another network.

    Samples are uniform over all combinations.
    """

    def __init__(
        self,
        options: Mapping[str, Sequence[object]],
        *,
        name: str = "blocks",
        costs: Callable[[Architecture], Mapping[str, float]] | None = None,
    ) -> None:
        """Describe the space.

        Args:
            options: Options of each decision, by the decision's name.
            name: Name that stores and reports show.
            costs: Exact cheap facts of an architecture that bear on its accuracy, for
                example `{"log_parameters": 12.3}`: the same names for each architecture.
                They become part of the DoA encoding. Nothing is trained for them.

        Raises:
            SpaceError: No decisions; a decision without options, with an option twice or
                with an option that has no hash; a text where a list of options belongs.
        """
        decisions = []
        for decision, choices in options.items():
            if isinstance(choices, str) or not isinstance(choices, Sequence):
                raise SpaceError(
                    f"decision {decision!r} needs a list of options, got {choices!r}; "
                    f"write [{choices!r}] for a single option"
                )
            decisions.append(Decision(decision, tuple(choices)))
        size = math.prod(len(decision.options) for decision in decisions)
        self._costs = costs
        super().__init__(name, decisions, size=size)
        if costs is not None:
            first = Architecture(name, self.decisions, [0] * len(decisions), "first")
            self.feature_names = tuple(costs(first))

    def are_valid(self, codes: Codes) -> Bool[np.ndarray, " architectures"]:
        """Which codes are in range: all of those are valid."""
        return in_range(codes, self.option_counts)

    def keys(self, codes: Codes) -> list[str]:
        """The code itself as text: every combination is a network of its own."""
        return ["-".join(map(str, code)) for code in codes.tolist()]

    def sample_codes(self, n: int, rng: np.random.Generator) -> Codes:
        """`n` independent codes, uniform over all combinations."""
        drawn = rng.integers(0, self.option_counts, size=(n, len(self.decisions)))
        codes: Codes = drawn.astype(np.int32)
        return codes

    def features(self, codes: Codes) -> Float[np.ndarray, "architectures features"]:
        """The user's cost facts, one column per name; no column without `costs`."""
        if self._costs is None:
            return np.zeros((len(codes), 0))
        rows = []
        for code in codes.tolist():
            architecture = Architecture(self.name, self.decisions, code, "")
            facts = self._costs(architecture)
            if tuple(facts) != self.feature_names:
                raise SpaceError(
                    f"costs of space {self.name!r} must name {self.feature_names} for every "
                    f"architecture, got {tuple(facts)} for {architecture!r}"
                )
            row = [float(facts[fact]) for fact in self.feature_names]
            if not all(math.isfinite(value) for value in row):
                raise SpaceError(
                    f"costs of space {self.name!r} must be finite, got {dict(facts)!r} for "
                    f"{architecture!r}; leave out what cannot be computed for all"
                )
            rows.append(row)
        return np.array(rows, dtype=float).reshape(len(codes), len(self.feature_names))
