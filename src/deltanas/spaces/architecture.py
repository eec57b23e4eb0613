"""The value everything else is about: one architecture, a choice for every decision.

An architecture is immutable and hashable. It reads like a mapping from decision to chosen
option (`architecture["depth"]`), and it carries two other faces: its *code*, the position
of each chosen option, which arrays are made of; and its *key*, a text that is equal for
two architectures exactly when they are the same network.
"""

import json
import math
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import final

import numpy as np
from jaxtyping import Bool, Int

from deltanas.errors import ArchitectureError, SpaceError

ABSENT = -1
"""Code of a decision that does not exist in an architecture: a layer beyond its depth."""

NO_EDGE = "none"
"""Option of a decision about the operation on an edge: there is no edge."""

Codes = Int[np.ndarray, "architectures decisions"]
"""Positions of the chosen options, `ABSENT` where a decision does not exist."""


Label = str | int | float | bool | None
"""An option as JSON carries it."""


class DecisionKind(StrEnum):
    """What a decision decides; edits are worded after it."""

    OPERATION = "operation"
    """Any choice among named options."""
    EDGE = "edge"
    """Whether an edge of a graph is there: options are `(False, True)`."""
    EDGE_OPERATION = "edge operation"
    """What stands on an edge of a graph; the first option is "none": there is no edge."""


@final
@dataclass(frozen=True, slots=True)
class Decision:
    """One thing to decide: a name and its options.

    Raises:
        SpaceError: No name, no options, an option twice, or an option that has no hash, is
            not a number, or has no name that lasts.
    """

    name: str
    """Unique within its space."""
    options: tuple[object, ...]
    """What may be chosen, in a fixed order; at least one, each with a hash."""
    kind: DecisionKind = DecisionKind.OPERATION
    """How edits of it are worded."""
    depends_on: tuple[str, ...] = ()
    """Decisions that its existence depends on; none if it always exists."""
    labels: tuple[Label, ...] = field(init=False, repr=False, compare=False)
    """The options as JSON scalars, in order: what stores and reports show."""
    _positions: Mapping[object, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what cannot be a decision; read its options once, stores ask for them often."""
        if not _is_text(self.name):
            raise SpaceError(
                f"a decision's name is a text that is not empty, got {self.name!r}; name it "
                f"after what it decides, for example 'depth'"
            )
        if not self.options:
            raise SpaceError(
                f"decision {self.name!r} has no options; give at least one, "
                f"or leave the decision out"
            )
        for option in self.options:
            _check_option(self.name, option)
        object.__setattr__(self, "labels", tuple(map(_label, self.options)))
        seen: set[object] = set()
        for option, label in zip(self.options, self.labels, strict=True):
            if label in seen or option in seen:
                raise SpaceError(
                    f"decision {self.name!r} has the option {label!r} twice; "
                    f"options of one decision must differ in value and in name"
                )
            seen |= {option, label}
        if self.kind is DecisionKind.EDGE and repr(self.options) != "(False, True)":
            raise SpaceError(
                f"decision {self.name!r} is about an edge, so its options are (False, True), "
                f"got {self.options!r}; for other options leave `kind` out"
            )
        if self.kind is DecisionKind.EDGE_OPERATION and self.labels[0] != NO_EDGE:
            raise SpaceError(
                f"decision {self.name!r} is about the operation on an edge, so its first option "
                f"is {NO_EDGE!r}, got {self.options[0]!r}; put {NO_EDGE!r} first"
            )
        positions: dict[object, int] = {}
        for position, pair in enumerate(zip(self.options, self.labels, strict=True)):
            for each in pair:
                positions.setdefault((isinstance(each, bool), each), position)
        object.__setattr__(self, "_positions", positions)

    def position(self, chosen: object) -> int | None:
        """Where an option, given itself or by its label, stands; None if it is not one.

        `1` and `True` are equal in Python but not to a person, so neither stands for the other.
        """
        if not _has_hash(chosen):
            return None
        return self._positions.get((isinstance(chosen, bool), chosen))


@final
class Architecture(Mapping[str, Hashable]):
    """A choice for every decision of a search space.

    Make one with `space.architecture(...)` or `space.sample(...)`, which check it. Two
    architectures are equal when their space and their choices are; they are *the same
    network* when their keys are equal.
    """

    __slots__ = ("_choices", "_code", "_decisions", "_key", "_space")

    def __init__(
        self, space: str, decisions: Sequence[Decision], code: Sequence[int], key: str
    ) -> None:
        """Put the parts together; spaces call this, after checking them."""
        self._space = space
        self._decisions = tuple(decisions)
        self._code = tuple(int(position) for position in code)
        self._key = key
        self._choices: dict[str, Hashable] | None = None

    @property
    def space(self) -> str:
        """Name of the space it belongs to."""
        return self._space

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What there was to decide, in order."""
        return self._decisions

    @property
    def code(self) -> tuple[int, ...]:
        """Position of the chosen option of each decision; `ABSENT` where there is none."""
        return self._code

    @property
    def key(self) -> str:
        """Canonical key: equal for two architectures exactly when they are the same network."""
        return self._key

    def __getitem__(self, name: str) -> Hashable:
        """The option chosen for the decision `name`."""
        return self._chosen[name]

    def __iter__(self) -> Iterator[str]:
        """Names of the decisions that exist in this architecture, in order."""
        return iter(self._chosen)

    def __len__(self) -> int:
        """How many decisions exist in this architecture."""
        return sum(position != ABSENT for position in self._code)

    @property
    def _chosen(self) -> dict[str, Hashable]:
        """Option by name, made when first asked for: users' functions ask for all of them."""
        if self._choices is None:
            self._choices = {
                decision.name: decision.options[position]
                for decision, position in zip(self._decisions, self._code, strict=True)
                if position != ABSENT
            }
        return self._choices

    def __eq__(self, other: object) -> bool:
        """Same space and same choices."""
        if not isinstance(other, Architecture):
            return NotImplemented
        return (
            self._code == other._code
            and self._space == other._space
            and self._decisions == other._decisions
        )

    def __hash__(self) -> int:
        """Agrees with equality."""
        return hash((self._space, self._code))

    def __repr__(self) -> str:
        """Space and choices."""
        chosen = ", ".join(f"{name}={option!r}" for name, option in self.items())
        return f"Architecture({self._space}: {chosen})"

    def to_json(self) -> str:
        """One line of JSON that `SearchSpace.from_json` reads back."""
        decisions = {
            decision.name: decision.labels[position]
            for decision, position in zip(self._decisions, self._code, strict=True)
            if position != ABSENT
        }
        return json.dumps({"space": self._space, "decisions": decisions}, ensure_ascii=False)


def codes_of(architectures: Sequence[Architecture]) -> Codes:
    """The codes of at least one architecture as one array, shape `(architectures, decisions)`."""
    return np.array([architecture.code for architecture in architectures], dtype=np.int32)


def in_range(codes: Codes, counts: object) -> Bool[np.ndarray, " architectures"]:
    """Which codes choose one of the options of every decision.

    Args:
        codes: Any positions.
        counts: Number of options: one for all decisions, or one each.
    """
    inside: Bool[np.ndarray, " architectures"] = np.all((codes >= 0) & (codes < counts), axis=1)
    return inside


def every_code(counts: Int[np.ndarray, " decisions"]) -> Codes:
    """Every combination of options, counting with the last decision fastest."""
    numbers = counts.astype(np.int64)
    strides = np.cumprod([1, *numbers[:0:-1]])[::-1]
    rows = np.arange(np.prod(numbers))[:, None]
    codes: Codes = (rows // strides % numbers).astype(np.int32)
    return codes


def position_in(choices: Mapping[str, object], decision: Decision, space: str) -> int:
    """Position of what is chosen for a decision; `ABSENT` where nothing is.

    Raises:
        ArchitectureError: It is none of the options.
    """
    if decision.name not in choices:
        return ABSENT
    position = decision.position(choices[decision.name])
    if position is None:
        raise ArchitectureError(
            f"decision {decision.name!r} of space {space!r} has no option "
            f"{choices[decision.name]!r}; "
            f"its options are {', '.join(map(repr, decision.labels[:12]))}"
        )
    return position


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _has_hash(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _check_option(decision: str, option: object) -> None:
    """Refuse an option that could not be looked up, or not be found again in a store."""
    if not _has_hash(option):
        raise SpaceError(
            f"decision {decision!r} has the option {option!r}, which has no hash; "
            f"use a tuple instead of a list, or a name that your code looks up"
        )
    label = _label(option)
    if isinstance(label, float) and math.isnan(label):
        raise SpaceError(
            f"decision {decision!r} has the option {option!r}, which does not equal itself; "
            f"use None or a name such as 'off'"
        )
    if isinstance(label, str) and re.search(r" at 0x[0-9a-fA-F]+>", label):
        raise SpaceError(
            f"decision {decision!r} has the option {label}, whose name is an address and so "
            f"differs in the next process; use a name that your code looks up, or give its "
            f"class a __repr__"
        )


def _label(option: object) -> Label:
    """The option itself where JSON can carry it, otherwise its name."""
    value = option.item() if isinstance(option, np.generic) else option
    if value is None or isinstance(value, str | bool | int | float):
        return value
    name = getattr(value, "__qualname__", None)
    return name if isinstance(name, str) else repr(value)
