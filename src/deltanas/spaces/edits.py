"""The value between two architectures: one edit, and how to say it in words.

An edit replaces one choice by another: an operation by an operation, or (in graph spaces)
"no edge" by "edge" and back. It names options, not positions, so it can be read, stored
and applied to any architecture in which the old choice still stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import final

from deltanas.errors import EditError
from deltanas.spaces.architecture import ABSENT, Decision, DecisionKind, Label


class EditKind(StrEnum):
    """The three edits of the method."""

    REPLACE = "replace"
    """Another option for a decision."""
    ADD_EDGE = "add edge"
    """An edge that was not there."""
    REMOVE_EDGE = "remove edge"
    """An edge that was there."""


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
    """Which of the three edits it is."""

    def invert(self) -> "Edit":
        """The edit that takes this one back."""
        opposite = {
            EditKind.REPLACE: EditKind.REPLACE,
            EditKind.ADD_EDGE: EditKind.REMOVE_EDGE,
            EditKind.REMOVE_EDGE: EditKind.ADD_EDGE,
        }
        return Edit(self.decision, self.after, self.before, opposite[self.kind])

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
        if code[where] != _position(decision, self.before):
            raise EditError(
                f"edit {self.words!r} expects {self.before!r} at {self.decision!r}, found "
                f"{_label(decision, code[where])!r}; apply it to the architecture that it was "
                f"made for"
            )
        after = _position(decision, self.after)
        if after is None:
            raise EditError(
                f"edit {self.words!r} puts {self.after!r} at {self.decision!r}, "
                f"whose options are {', '.join(map(repr, decision.labels[:8]))}"
            )
        return (*code[:where], after, *code[where + 1 :])

    @property
    def words(self) -> str:
        """The edit as a person says it: `edge 1→3: skip_connect → nor_conv_3x3`."""
        if self.kind is EditKind.REPLACE:
            return f"{self.decision}: {self.change}"
        kind, colon, operation = self.change.partition(":")
        return f"{kind} {self.decision}{colon}{operation}"

    @property
    def change(self) -> str:
        """The edit without its place: `conv3x3 → pool`, `add edge`, `remove edge: pool`."""
        if self.kind is EditKind.REPLACE:
            return f"{self.before} → {self.after}"
        operation = self.after if self.kind is EditKind.ADD_EDGE else self.before
        return self.kind.value if operation is True else f"{self.kind.value}: {operation}"


def edits_between(
    decisions: Sequence[Decision], before: Sequence[int], after: Sequence[int]
) -> tuple[Edit, ...]:
    """The edits that lead from one code to another, one per decision that differs.

    Their number is the edit distance, because edits of different decisions do not meet.
    """
    edits = []
    for decision, old, new in zip(decisions, before, after, strict=True):
        if old != new:
            kind = _kind(decision, old, new)
            edits.append(Edit(decision.name, _label(decision, old), _label(decision, new), kind))
    return tuple(edits)


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
