"""What decisions with the same options come to together."""

import re
from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.encoding.base import Encoding
from deltanas.encoding.ordinal import Ordinal, has_numbers
from deltanas.spaces import ABSENT, Codes, Decision, SearchSpace

FEWEST_DECISIONS = 3
"""With the same options; of two, the choices themselves say as much."""


@final
class Totals(Encoding):
    """How often each option is chosen, and how large numbers are on average.

    Where each layer has an operation, what one more convolution is worth is much the same in
    each place, and how many there are matters; where each has a width, how wide the network is.
    From columns of single choices that has to be learned place by place.

    Decisions are taken together that have the same options, three or more of them; those of
    numbers, only if their names differ in digits alone, as `width 1` and `width 2`: numbers of
    different things are often the same. Words have a column each, how many decisions take it,
    and so have two numbers; three and more have one, the mean of their places (see `Ordinal`).
    True and false have none. A decision that is absent takes no word, and its number is a
    middle one.

    Source: ours.
    """

    def __init__(self, space: SearchSpace, *, numbers: bool = True) -> None:
        """Find the decisions with the same options.

        Args:
            space: Where they are.
            numbers: Whether numbers are averaged too.
        """
        self._order = Ordinal(space)
        alike: dict[tuple[object, ...], list[int]] = {}
        for place, decision in enumerate(space.decisions):
            alike.setdefault(_kind(decision), []).append(place)
        shared = [each for each in alike.values() if len(each) >= FEWEST_DECISIONS]
        names: list[str] = []
        self._words: list[tuple[list[int], int]] = []
        self._numbers: list[np.ndarray] = []
        for places in shared:
            first = space.decisions[places[0]]
            where = f"{first.name} and {len(places) - 1} more"
            if has_numbers(first):
                if not numbers:
                    continue
                columns = [self._order.names.index(space.decisions[each].name) for each in places]
                self._numbers.append(np.array(columns))
            elif not _is_flag(first):
                self._words.append((places, len(first.options)))
                names += [f"totals:{label} in {where}" for label in first.labels]
        names += [f"totals:{self._order.names[columns[0]]} and more" for columns in self._numbers]
        self.names = tuple(names)

    def encode(self, codes: Codes) -> Float[np.ndarray, "architectures columns"]:
        """Counts and mean places, shape `(architectures, len(names))`."""
        columns = [_counts(codes[:, places], options) for places, options in self._words]
        if self._numbers:
            order = self._order.encode(codes)
            columns += [order[:, each].mean(axis=1, keepdims=True) for each in self._numbers]
        return np.concatenate(columns, axis=1) if columns else np.zeros((len(codes), 0))


def _counts(codes: Codes, options: int) -> Float[np.ndarray, "architectures options"]:
    """How many decisions of each row take each option."""
    counts = np.zeros((len(codes), options))
    for chosen in codes.T:
        there = np.flatnonzero(chosen != ABSENT)
        counts[there, chosen[there]] += 1.0
    return counts


def _kind(decision: Decision) -> tuple[object, ...]:
    """What is equal for decisions that are taken together."""
    numbers = all(isinstance(label, int | float) for label in decision.labels)
    return (re.sub(r"\d+", "", decision.name) if numbers else "", *decision.labels)


def _is_flag(decision: Decision) -> bool:
    return all(isinstance(label, bool) for label in decision.labels)
