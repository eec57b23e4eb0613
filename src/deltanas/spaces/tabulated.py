"""Rules as tables: whether each combination of the options of a few decisions keeps to one."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import final

import numpy as np
from jaxtyping import Bool
from numpy.typing import NDArray

from deltanas.errors import SpaceError
from deltanas.spaces.architecture import Codes, Decision
from deltanas.spaces.counting import MOST_CELLS
from deltanas.spaces.rules import Rule


@final
@dataclass(frozen=True, eq=False, slots=True)
class Tabulated:
    """A rule, worked out for every combination that it is about."""

    words: str
    """The rule as text."""
    places: tuple[int, ...]
    """Decisions that it is about."""
    table: NDArray[np.bool]
    """Whether it holds, by code plus 1 on each axis: entry 0 is for an absent decision."""

    def holds(self, codes: Codes) -> Bool[np.ndarray, " architectures"]:
        """For which codes, each position in range or absent, the rule holds."""
        holds: Bool[np.ndarray, " architectures"] = self.table[
            tuple(codes[:, place] + 1 for place in self.places)
        ]
        return holds


def tabulated(
    rule: Rule, decisions: Sequence[Decision], what: str, *, if_absent: bool
) -> Tabulated:
    """A rule as a table.

    Args:
        rule: What to work out.
        decisions: Decisions of the space.
        what: What the rule is, for messages: `condition of 'heads 7' of space 'gpt'`.
        if_absent: Whether it holds where a decision that it is about is absent.

    Raises:
        SpaceError: It names an option that is not there, raises, gives something other than
            True and False, or is about more combinations than can be tabulated.
    """
    position = {decision.name: place for place, decision in enumerate(decisions)}
    places = tuple(position[name] for name in rule.names)
    about = [decisions[place] for place in places]
    cells = math.prod(len(each.options) + 1 for each in about)
    if cells > MOST_CELLS:
        raise SpaceError(
            f"{what} is about {cells:,} combinations of {', '.join(rule.names[:6])}, more than the "
            f"{MOST_CELLS:,} that are worked out beforehand; split {rule.words!r} into rules about "
            f"fewer decisions, or give it as a function of whole architectures: valid=..."
        )
    for name, text in rule.texts:
        if text not in decisions[position[name]].labels:
            raise SpaceError(
                f"{what}, {rule.words!r}, compares {name!r} with {text!r}, which is no option; its "
                f"options are {', '.join(map(repr, decisions[position[name]].labels[:12]))}"
            )
    table = np.full([len(each.options) + 1 for each in about], if_absent)
    values = [each.labels if rule.of_labels else each.options for each in about]
    for chosen in itertools.product(*(range(len(each)) for each in values)):
        given = [column[k] for column, k in zip(values, chosen, strict=True)]
        shown = ", ".join(f"{n}={value!r}" for n, value in zip(rule.names, given, strict=True))
        try:
            answer = rule.function(*given)
        except Exception as error:
            raise SpaceError(
                f"{what}, {rule.words!r}, raised {type(error).__name__} for {shown}: {error}; it "
                f"is asked for every combination of the options, also invalid ones"
            ) from error
        if not isinstance(answer, bool | np.bool):
            raise SpaceError(
                f"{what}, {rule.words!r}, must be True or False, got {answer!r} for {shown}; "
                f"compare with ==, <, divides, ..."
            )
        table[tuple(k + 1 for k in chosen)] = answer
    return Tabulated(rule.words, places, table)


def forbidden(combination: object, decisions: Sequence[Decision], space: str) -> Tabulated:
    """A combination of options that may not come together, as a table.

    Args:
        combination: Option, or list of options, by name of a decision.
        decisions: Decisions of the space.
        space: Its name, for messages.

    Raises:
        SpaceError: It is no such mapping, or a decision or an option is unknown.
    """
    names = {decision.name: place for place, decision in enumerate(decisions)}
    if not isinstance(combination, Mapping) or not combination:
        raise SpaceError(
            f"a forbidden combination of space {space!r} is a mapping from decisions to options, "
            f"got {combination!r}; give for example {{'act': 'relu', 'depth': 36}}"
        )
    words = forbidden_words(combination)
    which = f"the forbidden combination {words!r} of space {space!r}"
    places, masks = [], []
    for name, given in combination.items():
        if name not in names:
            raise SpaceError(
                f"{which} names {name!r}, which is no decision; the space's decisions are "
                f"{', '.join(list(names)[:12])}"
            )
        decision = decisions[names[name]]
        mask = np.zeros(len(decision.options) + 1, dtype=bool)
        for option in given if isinstance(given, list) else [given]:
            position = decision.position(option)
            if position is None:
                raise SpaceError(
                    f"{which} has {name}={option!r}, which is no option; its options are "
                    f"{', '.join(map(repr, decision.labels[:12]))}"
                )
            mask[position + 1] = True
        places.append(names[name])
        masks.append(mask)
    if math.prod(map(len, masks)) > MOST_CELLS:
        raise SpaceError(
            f"{which} is about {len(masks)} decisions, too many to be worked out beforehand; "
            f"give it as a function: valid=..."
        )
    table = ~reduce(np.logical_and.outer, masks)
    return Tabulated(words, tuple(places), table)


def forbidden_words(combination: Mapping[str, object]) -> str:
    """A forbidden combination as messages name it: `act='relu', width=24`."""
    return ", ".join(f"{name}={given!r}" for name, given in combination.items())


def forbidden_record(
    combination: Mapping[str, object], decisions: Sequence[Decision]
) -> dict[str, object]:
    """A forbidden combination as JSON carries it: an option that is no scalar by its label."""
    known = {decision.name: decision for decision in decisions}

    def scalar(name: str, option: object) -> object:
        position = known[name].position(option)
        if position is None or isinstance(option, str | int | float | None):
            return option
        return known[name].labels[position]

    return {
        name: [scalar(name, option) for option in given]
        if isinstance(given, list)
        else scalar(name, given)
        for name, given in combination.items()
    }
