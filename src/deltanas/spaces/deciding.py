"""Spaces whose decisions come and go, for others who decide one thing after the other."""

from collections.abc import Callable, Iterator

import numpy as np

from deltanas.spaces.architecture import ABSENT
from deltanas.spaces.base import SearchSpace


def in_order(space: SearchSpace) -> Iterator[int]:
    """Places of all decisions, each after those that its existence depends on."""
    later = () if space.constraints is None else tuple(space.constraints.existence)
    yield from (place for place in range(len(space.decisions)) if place not in later)
    yield from later


def decided(space: SearchSpace, choose: Callable[[int], int]) -> tuple[int, ...]:
    """A code made by asking for the decisions that exist, one after the other.

    Rules beyond conditions may still refuse it.

    Args:
        space: What is decided about.
        choose: Position of an option for the decision at a place.
    """
    conditions = {} if space.constraints is None else space.constraints.existence
    code = np.full((1, len(space.decisions)), ABSENT, dtype=np.int32)
    for place in in_order(space):
        if place not in conditions or conditions[place].holds(code)[0]:
            code[0, place] = choose(place)
    return tuple(code[0].tolist())
