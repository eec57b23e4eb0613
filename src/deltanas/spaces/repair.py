"""Codes that break a rule, made valid by one more choice.

Where rules are tight, two decisions can only change together: with `heads divides width`, heads
of 3 cannot become 4 as long as the width is 6. The edit then takes the smallest further change
along that helps, as another depth takes its layers along.
"""

from typing import final

import numpy as np
from jaxtyping import Bool, Int

from deltanas.spaces.architecture import Codes
from deltanas.spaces.constraints import Constraints

Rows = Int[np.ndarray, " rows"]


@final
class Repair:
    """Finds the further choice that makes an edit keep to the rules of a space.

    It is another option of one decision that every broken rule is about: the one nearest to the
    option that stands there, in the order of the options; of equally near ones that of the first
    decision, and then the first option. Steps grow with the rules and options, not with the
    combinations of decisions.

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
        """Codes with one more choice, so that they keep to all rules.

        Args:
            codes: Codes of a space with rules.
            changed: The decision that was changed in each, which stays as it is.

        Returns:
            Row of each code that broke a rule and can be repaired, ascending, and the repaired
            codes. Which decisions exist after the further choice is not asked here.
        """
        broken = np.array([~rule.holds(codes) for rule in self._rules])
        count = broken.sum(axis=0)
        nearest = np.full(len(codes), np.iinfo(np.int32).max)
        found = codes.copy()
        for place, about in self._about.items():
            to_mend = (count > 0) & (broken[about].sum(axis=0) == count) & (changed != place)
            rows = np.flatnonzero(to_mend)
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
        return rows, found[rows]

    def _fitting(self, codes: Codes, place: int) -> Bool[np.ndarray, "architectures options"]:
        """Which options of a decision keep to all rules about it, the other choices as they are."""
        fits = np.ones((len(codes), self._counts[place]), dtype=bool)
        for rule in (self._rules[number] for number in self._about[place]):
            options = np.arange(1, self._counts[place] + 1)
            fits &= rule.table[
                tuple(options if p == place else codes[:, p, None] + 1 for p in rule.places)
            ]
        return fits
