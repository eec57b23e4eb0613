"""Networks that were measured: what a study stores of them, and how it is read back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np
from jaxtyping import Float

from deltanas.errors import CostError
from deltanas.spaces import Architecture, Codes, SearchSpace, codes_of

Values = Float[np.ndarray, " architectures"]


@final
@dataclass(frozen=True, eq=False)
class Sample:
    """Measured networks."""

    codes: Codes
    """The networks."""
    values: Mapping[str, Values]
    """Each measured cost, by its full name."""

    @classmethod
    def read(cls, stored: Mapping[str, Any], space: SearchSpace) -> "Sample":
        """What `record` gave.

        Raises:
            CostError: It was altered, or is of another space.
        """
        try:
            codes = np.array(stored["codes"], dtype=np.int32).reshape(-1, len(space.decisions))
            values = {str(name): np.array(v, dtype=float) for name, v in stored["values"].items()}
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise CostError(
                f"what the study measured cannot be read ({error!r}); it was altered, use a copy "
                f"from before"
            ) from None
        shapes = {each.shape for each in values.values()}
        sound = shapes == {(len(codes),)} and len(codes) > 0
        if not sound or not all(np.isfinite(each).all() for each in values.values()):
            raise CostError(
                f"what the study measured should be a finite number for each of {len(codes)} "
                f"networks, got shapes {sorted(shapes)}; it was altered, use a copy from before"
            )
        if (codes >= space.option_counts).any() or not space.are_valid(codes).all():
            raise CostError(
                f"what the study measured is not of space {space.name!r}; it was altered, use a "
                f"copy from before"
            )
        return cls(codes, values)

    def record(self) -> dict[str, Any]:
        """What JSON carries."""
        values = {name: each.tolist() for name, each in self.values.items()}
        return {"codes": self.codes.tolist(), "values": values}

    def with_more(
        self, architectures: Sequence[Architecture], costs: Sequence[Mapping[str, float]]
    ) -> "Sample":
        """The same with further networks, at least one, and the costs of each."""
        values = {
            name: np.concatenate([each, [row[name] for row in costs]])
            for name, each in self.values.items()
        }
        return Sample(np.concatenate([self.codes, codes_of(architectures)]), values)

    @cached_property
    def rows(self) -> dict[tuple[int, ...], int]:
        """Where each network is, by its code."""
        return {tuple(code): row for row, code in enumerate(self.codes.tolist())}
