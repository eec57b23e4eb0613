"""Codes that break a rule, made valid by one more choice, or by two.

Where rules are tight, decisions can only change together: with `heads divides width`, heads of 3
cannot become 4 as long as the width is 6. The edit then takes the smallest further change along
that helps, as another depth takes its layers along.
"""

from typing import final

import numpy as np
from jaxtyping import Bool, Int

from deltanas.spaces.architecture import Codes
from deltanas.spaces.constraints import Constraints

Rows = Int[np.ndarray, " rows"]
PerMended = Int[np.ndarray, " mended"]
Mended = tuple[PerMended, Int[np.ndarray, "mended decisions"], PerMended]
"""Row of each code that is mended, ascending, the mended code, and how far its choices moved."""
PerTried = Int[np.ndarray, " tried"]
Tried = Int[np.ndarray, "tried decisions"]

NEAREST = 16
"""Options of a decision that are tried as the first of two further choices: the nearest ones."""


@final
class Repair:
    """Finds the further choice that makes an edit keep to the rules of a space, or two of them.

    One further choice is another option of a decision that every broken rule is about: the one
    nearest to the option that stands there, in the order of the options; of equally near ones
    that of the first decision, and then the first option. Only where there is none, two are
    taken: one in the first broken rule, and one that mends what is broken then, so that they
    move as few options as possible together. Steps grow with the rules and options, not with
    the combinations of decisions.

    Source: ours.
    """

    def __init__(self, constraints: Constraints) -> None:
        """Prepare for a space."""
        self._rules = constraints.rules
        self._counts = constraints.counts
        self._about = {
            place: [number for number, rule in enumerate(self._rules) if place in rule.places]
            for place in sorted({place for rule in self._rules for place in rule.places})
        }

    def repaired(
        self, codes: Codes, changed: Rows
    ) -> tuple[Int[np.ndarray, " repaired"], Int[np.ndarray, "repaired decisions"]]:
        """Codes with one or two more choices, so that they keep to all rules.

        Args:
            codes: Codes of a space with rules.
            changed: The decision that was changed in each, which stays as it is.

        Returns:
            Row of each code that broke a rule and can be repaired, ascending, and the repaired
            codes. Which decisions exist after the further choice is not asked here.
        """
        broken = self._broken(codes)
        rows, mended, _ = self._by_one(codes, broken, changed[:, None])
        left = np.setdiff1d(np.flatnonzero(broken.any(axis=0)), rows)
        more, also, _ = self._by_two(codes[left], broken[:, left], changed[left])
        found = np.concatenate([rows, left[more]])
        order = np.argsort(found, kind="stable")
        return found[order], np.concatenate([mended, also])[order]

    def _by_one(
        self,
        codes: Codes,
        broken: Bool[np.ndarray, "rules rows"],
        fixed: Int[np.ndarray, "rows fixed"],
    ) -> Mended:
        """Codes with one further choice, of decisions that are not fixed."""
        count = broken.sum(axis=0)
        nearest = np.full(len(codes), np.iinfo(np.int32).max)
        found = codes.copy()
        for place, about in self._about.items():
            to_mend = (count > 0) & (broken[about].sum(axis=0) == count)
            rows = np.flatnonzero(to_mend & (fixed != place).all(axis=1))
            fits = self._fitting(codes[rows], place)
            away = np.abs(np.arange(self._counts[place]) - codes[rows, place, None])
            away[~fits] = np.iinfo(np.int32).max
            option = np.argmin(away, axis=1)
            distance = away[np.arange(len(rows)), option]
            nearer = distance < nearest[rows]
            rows, option, distance = rows[nearer], option[nearer], distance[nearer]
            found[rows], nearest[rows] = codes[rows], distance
            found[rows, place] = option
        rows = np.flatnonzero(nearest < np.iinfo(np.int32).max)
        return rows, found[rows], nearest[rows]

    def _by_two(
        self, codes: Codes, broken: Bool[np.ndarray, "rules rows"], changed: Rows
    ) -> Mended:
        """Codes with two further choices; each breaks a rule that no single one mends."""
        if not len(codes):
            return changed, codes, changed
        first = np.argmax(broken, axis=0)
        tried = [
            self._tried(codes, np.flatnonzero((first == number) & (changed != place)), place)
            for number in np.unique(first).tolist()
            for place in self._rules[number].places
        ]
        begun, place, begun_codes, moved = (
            np.concatenate(each) for each in zip(*tried, strict=True)
        )
        fixed = np.column_stack([changed[begun], place])
        again, mended, further = self._by_one(begun_codes, self._broken(begun_codes), fixed)
        moved, rows = moved[again] + further, begun[again]
        # Of equally near ones, the first in the order of codes.
        order = np.lexsort((*mended.T[::-1], moved, rows))
        rows, kept = np.unique(rows[order], return_index=True)
        return rows, mended[order][kept], moved[order][kept]

    def _tried(
        self, codes: Codes, rows: Rows, place: int
    ) -> tuple[PerTried, PerTried, Tried, PerTried]:
        """Some of the codes with other options of a decision: row, decision, code, distance."""
        away = np.abs(np.arange(self._counts[place]) - codes[rows, place, None])
        options = np.argsort(away, axis=1, kind="stable")[:, 1 : NEAREST + 1]
        begun = np.repeat(np.arange(len(rows)), options.shape[1])
        tried = codes[rows[begun]]
        tried[:, place] = options.ravel()
        return rows[begun], np.full(len(begun), place), tried, away[begun, options.ravel()]

    def _broken(self, codes: Codes) -> Bool[np.ndarray, "rules rows"]:
        return np.array([~rule.holds(codes) for rule in self._rules], dtype=bool)

    def _fitting(self, codes: Codes, place: int) -> Bool[np.ndarray, "architectures options"]:
        """Which options of a decision keep to all rules about it, the other choices as they are."""
        fits = np.ones((len(codes), self._counts[place]), dtype=bool)
        for rule in (self._rules[number] for number in self._about[place]):
            options = np.arange(1, self._counts[place] + 1)
            fits &= rule.table[
                tuple(options if p == place else codes[:, p, None] + 1 for p in rule.places)
            ]
        return fits
