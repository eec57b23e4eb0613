"""The codes one edit away from others, where an edit may make decisions appear or vanish.

Another depth adds or drops layers, and that is one edit: decisions that no longer exist
become absent, and those that come into being get a choice. There are few of those, not one
for every combination of what appears: all new decisions take their first option, or all the
middle one, or all the last one. Whatever else they could be is further edits away. An edit
that breaks a rule takes one more choice along that mends it, or two where one does not help.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Int

from deltanas.spaces.architecture import ABSENT, Codes
from deltanas.spaces.constraints import Constraints
from deltanas.spaces.repair import Repair

Rows = Int[np.ndarray, " children"]
Children = Int[np.ndarray, "children decisions"]

FILLINGS = (0.0, 0.5, 1.0)
"""Where among their options the new decisions choose."""
TRIED = 1_000
"""Choices that are tried for new decisions where the rules refuse all fillings."""


@final
@dataclass(frozen=True, slots=True)
class Some:
    """At most so many children of all parents together, drawn at random."""

    most: int
    """How many are made at most; fewer may be valid."""
    rng: np.random.Generator
    """Draws them."""


def single_changes(
    codes: Codes, counts: Int[np.ndarray, " decisions"], some: Some | None = None
) -> tuple[Rows, Rows, Children]:
    """Every code with one choice replaced by another option, and nothing else done.

    Args:
        codes: Where to begin.
        counts: Number of options of each decision.
        some: Make only some of them; all if left out.

    Returns:
        Row of the parent, the decision that changed, and the code, for each child.
    """
    where = np.repeat(np.arange(len(counts)), counts - 1)
    shift = np.concatenate([np.arange(1, count) for count in counts])
    parents, edit = np.nonzero(codes[:, where] != ABSENT)
    if some is not None and len(parents) > some.most:
        # Drawn before they are made: the work is that of what is kept.
        kept = np.sort(some.rng.choice(len(parents), some.most, replace=False))
        parents, edit = parents[kept], edit[kept]
    children = codes[parents]
    rows, changed = np.arange(len(parents)), where[edit]
    children[rows, changed] = (children[rows, changed] + shift[edit]) % counts[changed]
    return parents, changed, children


@final
class Completion:
    """Makes decisions appear and vanish as the conditions of a space say."""

    def __init__(self, constraints: Constraints) -> None:
        """Prepare for a space."""
        self._constraints = constraints
        self._counts = constraints.counts
        self._repair = Repair(constraints)
        conditions = constraints.existence
        self._steers = np.zeros(len(self._counts), dtype=bool)
        for condition in conditions.values():
            self._steers[list(condition.places)] = True
        ruled = {place for rule in constraints.rules for place in rule.places}
        self._may_fail = bool(ruled & conditions.keys())

    def children(self, codes: Codes, some: Some | None = None) -> tuple[Rows, Children]:
        """Valid codes one edit away from each code: the parent's row, and the child."""
        parents, where, children = single_changes(codes, self._counts, some)
        steered = np.flatnonzero(self._steers[where])
        plain = np.flatnonzero(~self._steers[where])
        plain = plain[self._constraints.are_valid(children[plain])]
        origin, completed = self.completed(children[steered])
        broken = np.ones(len(children), dtype=bool)
        broken[plain] = broken[steered[origin]] = False
        parent, mended = self._mended(children[broken], where[broken], parents[broken])
        found = np.concatenate([parents[plain], parents[steered][origin], parent])
        children = np.concatenate([children[plain], completed, mended])
        order = np.argsort(found, kind="stable")
        return found[order], children[order]

    def _mended(
        self, codes: Codes, changed: Rows, parents: Rows
    ) -> tuple[Int[np.ndarray, " mended"], Int[np.ndarray, "mended decisions"]]:
        """Valid codes that follow from invalid ones by one or two more choices; the parents."""
        if not len(codes) or not self._constraints.rules:
            return parents[:0], codes[:0]
        rows, mended = self._repair.repaired(self._filled(codes, FILLINGS[0]), changed)
        # What did not exist on the way only is as it was.
        mended = np.where(mended == ABSENT, codes[rows], mended)
        mended = self._filled(mended, FILLINGS[0])
        valid = self._constraints.are_valid(mended)
        # Where it makes the changed decision vanish, the further choice is an edit of its own.
        valid &= mended[np.arange(len(rows)), changed[rows]] != ABSENT
        # Whichever of two decisions is changed first, the other one may be what mends it.
        together = np.unique(np.column_stack([parents[rows], mended])[valid], axis=0)
        return together[:, 0], together[:, 1:].astype(np.int32)

    def completed(self, codes: Codes) -> tuple[Rows, Children]:
        """Valid codes that follow from codes in which one choice was replaced.

        Returns:
            Row of the code that each follows from, ascending, and the codes. A code that
            cannot be completed has none.
        """
        rows = np.arange(len(codes))
        first = self._filled(codes, FILLINGS[0])
        origins, found = [rows], [first]
        for filling in FILLINGS[1:]:
            filled = self._filled(codes, filling)
            differs = np.any(filled != first, axis=1)
            origins.append(rows[differs])
            found.append(filled[differs])
        origin, completed = np.concatenate(origins), np.concatenate(found)
        valid = self._constraints.are_valid(completed)
        origin, completed = origin[valid], completed[valid]
        if self._may_fail:
            repaired = [
                (row, code)
                for row in np.setdiff1d(rows, origin).tolist()
                for code in self._repaired(codes[row], first[row])
            ]
            origin = np.concatenate([origin, np.array([row for row, _ in repaired], dtype=int)])
            completed = np.concatenate([completed, *(code[None] for _, code in repaired)])
        together = np.unique(np.column_stack([origin, completed]), axis=0)
        return together[:, 0], together[:, 1:].astype(np.int32)

    def _filled(self, codes: Codes, filling: float) -> Codes:
        """Decisions that no longer exist become absent, new ones choose at the filling."""
        filled: Codes = codes.copy()
        choice = np.floor(filling * (self._counts - 1) + 0.5).astype(np.int32)
        for place, condition in self._constraints.existence.items():
            here = np.where(filled[:, place] == ABSENT, choice[place], filled[:, place])
            filled[:, place] = np.where(condition.holds(filled), here, ABSENT)
        return filled

    def _repaired(
        self, code: Int[np.ndarray, " decisions"], filled: Int[np.ndarray, " decisions"]
    ) -> list[Int[np.ndarray, " decisions"]]:
        """The first valid choice of what appears, if the rules leave one; at most one code."""
        new = [int(place) for place in np.flatnonzero((code == ABSENT) & (filled != ABSENT))]
        for tried, choices in enumerate(_counting([int(self._counts[place]) for place in new])):
            if tried >= TRIED:
                break
            trial = filled.copy()
            trial[new] = choices
            if self._constraints.are_valid(trial[None])[0]:
                return [trial]
        return []


def _counting(counts: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All combinations of positions; none of no decisions."""
    if counts:
        yield from np.ndindex(*counts)
