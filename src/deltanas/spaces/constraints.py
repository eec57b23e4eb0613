"""Which decisions exist, and which combinations are allowed: the shape of a conditional space.

A decision may exist under a condition only (heads of layer 7, if there are 7 layers); where
it does not, it is *absent*, which is a value of its own and not one of its options. Rules
say what may stand together. Both are tables, so millions of codes are checked at once,
architectures are counted exactly, and samples are uniform.
"""

import graphlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, final

import numpy as np
from jaxtyping import Bool

from deltanas.errors import SpaceError
from deltanas.spaces.architecture import ABSENT, Codes, Decision
from deltanas.spaces.counting import Counted, Table, TooWideError
from deltanas.spaces.rules import PYTHON, RuleReader
from deltanas.spaces.tabulated import Tabulated, forbidden, forbidden_record, tabulated

LOOKED_AT = 200
"""Samples in which a decision that is seen is known to exist in some architecture."""
REFUSED = 10_000
"""Samples in a row that only rules drawn without refuse, after which nothing is taken for valid."""


@final
class Constraints:
    """Conditions, rules and forbidden combinations of one space, worked out.

    - A decision exists exactly if its condition holds; a condition about an absent decision
      does not hold.
    - A rule about an absent decision is kept to.

    Source: these meanings are those of ConfigSpace (Lindauer et al. 2019). Tables, exact
    counts and uniform samples are ours.
    """

    def __init__(
        self,
        space: str,
        decisions: Sequence[Decision],
        *,
        conditions: Mapping[str, object] | None = None,
        rules: Sequence[object] = (),
        forbid: Sequence[object] = (),
    ) -> None:
        """Read and work out everything that is said of a space.

        Args:
            space: Name of the space, for messages.
            decisions: What there is to decide.
            conditions: When a decision exists, by its name; see `RuleReader.read`.
            rules: What every architecture keeps to.
            forbid: Combinations that may not come together: options by decision.

        Raises:
            SpaceError: One of them cannot be read or raises; conditions depend on each other
                in a circle; no architecture keeps to all of them; or a decision exists in none.
        """
        self._space = space
        self.counts = np.array([len(decision.options) for decision in decisions], dtype=np.int32)
        names = [decision.name for decision in decisions]
        reader = RuleReader(space, names)
        read = {}
        for name, condition in (conditions or {}).items():
            if name not in names:
                raise SpaceError(
                    f"a condition of space {space!r} is about {name!r}, which is no decision; its "
                    f"decisions are {', '.join(names[:12])}"
                )
            read[name] = reader.read(condition, f"condition of {name!r}")
        depends_on = {name: rule.names for name, rule in read.items()}
        order = _ordered(space, depends_on)
        self.decisions = tuple(
            replace(each, depends_on=depends_on.get(each.name, ())) for each in decisions
        )
        """The decisions, each knowing what its existence depends on: a space takes these."""
        self.existence: dict[int, Tabulated] = {
            names.index(name): tabulated(
                read[name], decisions, f"condition of {name!r} of space {space!r}", if_absent=False
            )
            for name in order
            if name in read
        }
        """Condition of each conditional decision, after those of the decisions in it."""
        self._names = names
        laws = [
            tabulated(
                reader.read(rule, "a rule"), decisions, f"a rule of space {space!r}", if_absent=True
            )
            for rule in rules
        ]
        bans = [forbidden(each, decisions, space) for each in forbid]
        self._record = {
            "conditions": {name: rule.words for name, rule in read.items()},
            "rules": [law.words for law in laws],
            "forbidden": [
                forbidden_record(each, decisions) for each in forbid if isinstance(each, Mapping)
            ],
        }
        self._ban_words = {id(ban) for ban in bans}
        self.rules = (*laws, *bans)
        """Everything that may not be broken, in order."""
        self._count()
        self._check_existence()

    def record(self) -> dict[str, object]:
        """Everything as JSON carries it; functions by name only."""
        return {name: part for name, part in self._record.items() if part}

    def are_valid(self, codes: Codes) -> Bool[np.ndarray, " architectures"]:
        """Which codes have exactly the decisions that exist, and keep to all rules."""
        valid = np.all((codes >= ABSENT) & (codes < self.counts), axis=1)
        inside = codes if valid.all() else codes[valid]
        present = inside != ABSENT
        should = np.ones(inside.shape, dtype=bool)
        for place, condition in self.existence.items():
            should[:, place] = condition.holds(inside)
        kept: Bool[np.ndarray, " architectures"] = np.all(present == should, axis=1)
        for rule in self.rules:
            kept &= rule.holds(inside)
        found: Bool[np.ndarray, " architectures"] = valid.copy()
        found[valid] = kept
        return found

    def why_not(self, code: Sequence[int]) -> str:
        """What is wrong with a code, each position in range or absent; empty if nothing is."""
        codes = np.array([code], dtype=np.int32)
        for place, name in enumerate(self._names):
            condition = self.existence.get(place)
            exists = condition is None or bool(condition.holds(codes)[0])
            if exists != (code[place] != ABSENT):
                when = "" if condition is None else f", because it exists only if {condition.words}"
                chosen = "it chooses nothing for" if exists else "there is no"
                return f"{chosen} {name!r}" + ("" if exists else when)
        for rule in self.rules:
            if not rule.holds(codes)[0]:
                ban = id(rule) in self._ban_words
                return f"it {'has the forbidden' if ban else 'breaks the rule'} {rule.words!r}"
        return ""

    def sample(self, n: int, rng: np.random.Generator) -> Codes:
        """`n` independent codes, uniform over all valid ones.

        Raises:
            SpaceError: None was found among `REFUSED` draws in a row.
        """
        kept = [np.zeros((0, len(self.counts)), dtype=np.int32)]
        wanted, refused = n, 0
        while wanted > 0:
            drawn = (self._counted.sample(max(wanted, 8), rng) - 1).astype(np.int32)
            for rule in self._left_out:
                drawn = drawn[rule.holds(drawn)]
            refused = 0 if len(drawn) else refused + max(wanted, 8)
            if refused >= REFUSED:
                raise self.nothing_valid([rule.words for rule in self._left_out])
            kept.append(drawn[:wanted])
            wanted -= len(kept[-1])
        return np.concatenate(kept)

    def all_codes(self) -> Codes:
        """Every valid code, in the order of counting, absent first, the last decision fastest."""
        codes: Codes = np.full((1, len(self.counts)), ABSENT, dtype=np.int32)
        order = [place for place in range(len(self.counts)) if place not in self.existence]
        known: set[int] = set()
        for place in (*order, *self.existence):
            condition = self.existence.get(place)
            exists = np.ones(len(codes), bool) if condition is None else condition.holds(codes)
            times = np.where(exists, self.counts[place], 1)
            first = np.repeat(np.cumsum(times) - times, times)
            grown = np.repeat(codes, times, axis=0)
            options = np.arange(len(grown)) - first
            grown[:, place] = np.where(np.repeat(exists, times), options, ABSENT)
            known.add(place)
            codes = grown
            for rule in self.rules:
                if place in rule.places and known.issuperset(rule.places):
                    codes = codes[rule.holds(codes)]
        ordered: Codes = codes[np.lexsort(codes.T[::-1])]
        return ordered

    def nothing_valid(self, rules: Sequence[str]) -> SpaceError:
        """The error of a space that holds no architecture."""
        return SpaceError(
            f"space {self._space!r} is empty, no architecture keeps to all of "
            f"{'; '.join(map(repr, rules))} together with the conditions; drop or change one"
        )

    def _count(self) -> None:
        """Count architectures, and prepare to draw them."""
        states = [int(count) + 1 for count in self.counts]
        tables = []
        for place, count in enumerate(states):
            condition = self.existence.get(place)
            if condition is None:
                tables.append(Table((place,), np.arange(count) > 0))
            else:
                exists = np.broadcast_to(condition.table, (count - 1, *condition.table.shape))
                allowed = np.concatenate([~condition.table[None], exists])
                tables.append(Table((place, *condition.places), allowed))
        laws = sorted(self.rules, key=lambda rule: rule.table.size)
        self._states, self._tables = states, tables
        self.combinations = self._with(()).total
        """Architectures that keep to the conditions, whatever the rules say."""
        fits, too_many = 0, len(laws) + 1
        while too_many - fits > 1:
            middle = (fits + too_many) // 2
            try:
                self._with(laws[:middle])
            except TooWideError:
                too_many = middle
            else:
                fits = middle
        self._counted = self._with(laws[:fits])
        self._left_out = laws[fits:]
        self.size = self._counted.total
        """Valid codes; at most so many where rules were left out of counting."""
        self.is_exact = not self._left_out
        """Whether `size` is exact."""
        if not self.size:
            raise self.nothing_valid([rule.words for rule in self._conflict(laws[:fits])])

    def _check_existence(self) -> None:
        """Refuse a decision that exists in no architecture.

        Raises:
            SpaceError: There is one.
        """
        drawn = self._counted.sample(LOOKED_AT, np.random.default_rng(0))
        seen = np.any(drawn > 0, axis=0).tolist()
        laws = [rule for rule in self.rules if rule not in self._left_out]
        for place, condition in self.existence.items():
            there = np.arange(self._states[place]) > 0
            if not seen[place] and not self._with(laws, [Table((place,), there)]).total:
                raise SpaceError(
                    f"decision {self._names[place]!r} of space {self._space!r} exists in no "
                    f"architecture: its condition {condition.words!r} holds in none that keeps to "
                    f"the others and to the rules; correct it, or leave the decision out"
                )

    def _with(self, rules: Sequence[Tabulated], more: Sequence[Table] = ()) -> Counted:
        laws = [Table(rule.places, rule.table) for rule in rules]
        try:
            return Counted(self._states, [*self._tables, *laws, *more])
        except TooWideError:
            if rules:
                raise
            raise SpaceError(
                f"the conditions of space {self._space!r} depend on too many decisions at once to "
                f"be counted; let each depend on fewer, or say it with valid=..."
            ) from None

    def _conflict(self, rules: Sequence[Tabulated]) -> list[Tabulated]:
        """Few rules that contradict each other, none of which could be left out."""
        guilty: list[Tabulated] = []
        candidates = list(rules)
        while self._with(guilty).total:
            low, high = 0, len(candidates)
            while high - low > 1:
                middle = (low + high) // 2
                if self._with([*guilty, *candidates[:middle]]).total:
                    low = middle
                else:
                    high = middle
            guilty.append(candidates[high - 1])
            candidates = candidates[: high - 1]
        return guilty


def _ordered(space: str, depends_on: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Names, each after those that its existence depends on.

    Raises:
        SpaceError: There is a circle.
    """
    try:
        return list(graphlib.TopologicalSorter(depends_on).static_order())
    except graphlib.CycleError as error:
        circle = " → ".join(map(repr, reversed(error.args[1])))
        raise SpaceError(
            f"whether decisions of space {space!r} exist must not depend on itself, got the "
            f"circle {circle}; let one of them exist always"
        ) from None


def readable(record: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of `Constraints.record` that can be read back: those that are no functions."""
    conditions = record.get("conditions", {}).items()
    return {
        "conditions": {name: text for name, text in conditions if not text.startswith(PYTHON)},
        "rules": [text for text in record.get("rules", []) if not text.startswith(PYTHON)],
        "forbidden": record.get("forbidden", []),
    }
