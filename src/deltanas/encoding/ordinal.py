"""One column for every decision about a quantity: depths, widths, ratios."""

from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.encoding.base import Encoding
from deltanas.spaces import ABSENT, Codes, Decision, SearchSpace

FEWEST_OPTIONS = 3
"""Two numbers are told apart by any encoding; an order takes three."""


@final
class Ordinal(Encoding):
    """Where the chosen number stands among the decision's numbers: least -1, largest 1.

    A decision whose options are three or more numbers has an order that one-hot columns do
    not show: what is known of width 32 and 128 says something about 64. Places and not
    values, so that 16, 32, 64 are as far apart as 1, 2, 3. A decision that is absent is 0.
    Decisions with other options have no column.

    Source: ours.
    """

    def __init__(self, space: SearchSpace) -> None:
        """Find the decisions about numbers; columns have their names."""
        numeric = [place for place, each in enumerate(space.decisions) if has_numbers(each)]
        self.names = tuple(space.decisions[place].name for place in numeric)
        self._decisions = np.array(numeric, dtype=int)
        self._places = [_places(space.decisions[place]) for place in numeric]

    def encode(self, codes: Codes) -> Float[np.ndarray, "architectures columns"]:
        """Places, shape `(architectures, decisions about numbers)`."""
        encoded = np.zeros((len(codes), len(self.names)))
        for column, (decision, places) in enumerate(
            zip(self._decisions, self._places, strict=True)
        ):
            chosen = codes[:, decision]
            encoded[:, column] = np.where(chosen == ABSENT, 0.0, places[chosen])
        return encoded


def has_numbers(decision: Decision) -> bool:
    """Whether a decision is about a quantity: three options or more, all numbers."""
    numbers = [
        isinstance(label, int | float) and not isinstance(label, bool) for label in decision.labels
    ]
    return len(numbers) >= FEWEST_OPTIONS and all(numbers)


def ranks_of(decision: Decision) -> list[int]:
    """Rank of each option from 0 on: among numbers that of its size, else its place."""
    if not has_numbers(decision):
        return list(range(len(decision.options)))
    ordered = np.argsort(np.array(decision.labels, dtype=float)).tolist()
    return [ordered.index(place) for place in range(len(ordered))]


def _places(decision: Decision) -> Float[np.ndarray, " options"]:
    """Place of each option among the decision's numbers, from -1 to 1."""
    return np.linspace(-1.0, 1.0, len(decision.labels))[ranks_of(decision)]
