"""The value between two architectures: one edit, and how to say it in words.

An edit replaces one choice by another: an operation by an operation, or (in graph spaces)
"no edge" by "edge" and back. It names options, not positions, so it can be read, stored
and applied to any architecture in which the old choice still stands. Where a choice decides
whether others exist, those that appear or vanish with it are part of the one edit; so is a
further choice, or two, without which a rule would be broken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import final

import numpy as np
from jaxtyping import Int
from numpy.typing import NDArray

from deltanas.errors import EditError
from deltanas.spaces.architecture import ABSENT, Decision, DecisionKind, Label

NAMED = 3
"""Decisions that appear or vanish with an edit and are named in words; more are counted."""


class EditKind(StrEnum):
    """The three edits of the method, and what may go along with one."""

    REPLACE = "replace"
    """Another option for a decision."""
    ADD_EDGE = "add edge"
    """An edge that was not there."""
    REMOVE_EDGE = "remove edge"
    """An edge that was there."""
    APPEAR = "appear"
    """A decision that did not exist; only along with another edit."""
    VANISH = "vanish"
    """A decision that no longer exists; only along with another edit."""


_OPPOSITE = {
    EditKind.REPLACE: EditKind.REPLACE,
    EditKind.ADD_EDGE: EditKind.REMOVE_EDGE,
    EditKind.REMOVE_EDGE: EditKind.ADD_EDGE,
    EditKind.APPEAR: EditKind.VANISH,
    EditKind.VANISH: EditKind.APPEAR,
}
_NEVER_ALONE = (EditKind.APPEAR, EditKind.VANISH)


@final
@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one decision.

    Source: the paper speaks of similar architectures one edit apart; which edits there
    are (replace an operation, add or remove an edge) is our reading of it.
    """

    decision: str
    """Name of the decision that changes."""
    before: Label
    """Label of the option that must stand there now; None where the decision is absent."""
    after: Label
    """Label of the option that stands there afterwards; None where it becomes absent."""
    kind: EditKind = EditKind.REPLACE
    """Which of the edits it is."""
    along: tuple["Edit", ...] = ()
    """What appears, vanishes or is chosen otherwise because of it, in the order of the space."""

    def invert(self) -> "Edit":
        """The edit that takes this one back, with everything that went along."""
        along = tuple(each.invert() for each in self.along)
        return Edit(self.decision, self.after, self.before, _OPPOSITE[self.kind], along)

    def apply(self, decisions: Sequence[Decision], code: Sequence[int]) -> tuple[int, ...]:
        """The code after the edit.

        Args:
            decisions: Decisions of the space, in order.
            code: Positions of the chosen options, one per decision.

        Raises:
            EditError: The decision is unknown, or another option stands there than the
                edit expects, or the new option is unknown.
        """
        names = [decision.name for decision in decisions]
        if self.decision not in names:
            raise EditError(
                f"edit {self.words!r} changes the decision {self.decision!r}, "
                f"which this space does not have; it has {', '.join(names[:8])}"
            )
        where = names.index(self.decision)
        decision = decisions[where]
        appears, vanishes = self.kind is EditKind.APPEAR, self.kind is EditKind.VANISH
        if code[where] != (ABSENT if appears else _position(decision, self.before)):
            raise EditError(
                f"edit {self.words!r} expects {self.before!r} at {self.decision!r}, found "
                f"{_label(decision, code[where])!r}; apply it to the architecture that it was "
                f"made for"
            )
        after = ABSENT if vanishes else _position(decision, self.after)
        if after is None:
            raise EditError(
                f"edit {self.words!r} puts {self.after!r} at {self.decision!r}, "
                f"whose options are {', '.join(map(repr, decision.labels[:8]))}"
            )
        changed = (*code[:where], after, *code[where + 1 :])
        for each in self.along:
            changed = each.apply(decisions, changed)
        return changed

    @property
    def words(self) -> str:
        """The edit as a person says it: `edge 1→3: skip_connect → nor_conv_3x3`."""
        if self.kind is EditKind.APPEAR:
            return f"{self.decision}={self.after}"
        if self.kind is EditKind.VANISH:
            return self.decision
        if self.kind is EditKind.REPLACE:
            said = (f"{self.decision}: {self.change}", *self._words_along())
            return said[0] + (f" ({', '.join(said[1:])})" if self.along else "")
        kind, colon, operation = self.change.partition(":")
        return f"{kind} {self.decision}{colon}{operation}"

    @property
    def change(self) -> str:
        """The edit without its place: `conv3x3 → pool`, `add edge`, `remove edge: pool`."""
        if self.kind is EditKind.REPLACE:
            return f"{self.before} → {self.after}"
        operation = self.after if self.kind is EditKind.ADD_EDGE else self.before
        return self.kind.value if operation is True else f"{self.kind.value}: {operation}"

    def _words_along(self) -> list[str]:
        """What appears and what vanishes, the first few by name, and what changes too."""
        said = []
        for kind, verb in ((EditKind.APPEAR, "adds"), (EditKind.VANISH, "drops")):
            words = [each.words for each in self.along if each.kind is kind]
            more = f" and {len(words) - NAMED} more" if len(words) > NAMED else ""
            said += [f"{verb} {', '.join(words[:NAMED])}{more}"] if words else []
        mended = [each.words for each in self.along if each.kind not in _NEVER_ALONE]
        return said + [f"with {', '.join(mended)}"] * bool(mended)


def as_one(edits: Sequence[Edit]) -> Edit:
    """Several edits that only together keep to the rules, as one: the first, the others along."""
    return replace(edits[0], along=(*edits[0].along, *edits[1:]))


def edits_between(
    decisions: Sequence[Decision], before: Sequence[int], after: Sequence[int]
) -> tuple[Edit, ...]:
    """The edits that lead from one code to another, one per decision whose choice differs.

    Decisions that are there in only one of the two go along with the edit of a decision that
    their existence depends on. So the number of edits is `edit_distance`.
    """
    differing = {
        decision.name: (decision, old, new)
        for decision, old, new in zip(decisions, before, after, strict=True)
        if old != new
    }
    changed = {name for name, (_, old, new) in differing.items() if ABSENT not in (old, new)}
    along: dict[str, list[Edit]] = {}
    alone = []
    for name, (decision, old, new) in differing.items():
        owner = None if name in changed else _owner(decision, changed, decisions)
        if owner is None:
            alone.append(name)
        else:
            kind = EditKind.APPEAR if old == ABSENT else EditKind.VANISH
            edit = Edit(name, _label(decision, old), _label(decision, new), kind)
            along.setdefault(owner, []).append(edit)
    edits = []
    for name in alone:
        decision, old, new = differing[name]
        labels = _label(decision, old), _label(decision, new)
        edits.append(Edit(name, *labels, _kind(decision, old, new), tuple(along.get(name, ()))))
    return tuple(edits)


def edit_distance(
    before: NDArray[np.integer], after: NDArray[np.integer]
) -> Int[np.ndarray, " pairs"]:
    """Number of edits between codes, row by row: decisions that both have and choose otherwise.

    What appears or vanishes goes along with another decision and is no edit of its own.

    Args:
        before: Codes, shape `(pairs, decisions)`.
        after: Codes of the same shape, or one code for all rows.
    """
    both = (before != ABSENT) & (after != ABSENT)
    distance: Int[np.ndarray, " pairs"] = np.sum((before != after) & both, axis=-1)
    return distance


def _owner(decision: Decision, changed: set[str], decisions: Sequence[Decision]) -> str | None:
    """The nearest decision that changed and that the existence of another depends on."""
    by_name: Mapping[str, Decision] | None = None
    asked, seen = list(decision.depends_on), set[str]()
    while asked:
        name = asked.pop(0)
        if name in changed:
            return name
        if name not in seen:
            seen.add(name)
            by_name = by_name or {each.name: each for each in decisions}
            asked += by_name[name].depends_on
    return None


def _kind(decision: Decision, old: int, new: int) -> EditKind:
    """An edge is there where the second option of its decision, or a later one, is chosen."""
    if decision.kind is DecisionKind.OPERATION or (old > 0) == (new > 0):
        return EditKind.REPLACE
    return EditKind.ADD_EDGE if new > 0 else EditKind.REMOVE_EDGE


def _label(decision: Decision, position: int) -> Label:
    return None if position == ABSENT else decision.labels[position]


def _position(decision: Decision, label: Label) -> int | None:
    """Position of a label; a None that is no option means absent, another unknown is None."""
    position = decision.position(label)
    return ABSENT if position is None and label is None else position
