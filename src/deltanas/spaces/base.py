"""What a search space is: decisions, which combinations are valid, and who is the same.

A space says four things (abstract below). Everything else - checking, edits, neighbours,
enumeration, text - is derived from them once, here, so that sampling and mutation can
never search different spaces.
"""

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import final

import numpy as np
from jaxtyping import Bool, Float, Int

from deltanas.errors import ArchitectureError, SpaceError
from deltanas.spaces.architecture import Architecture, Codes, Decision, every_code, position_in
from deltanas.spaces.children import Completion, Some, single_changes
from deltanas.spaces.constraints import Constraints
from deltanas.spaces.edit_search import shortest_edits
from deltanas.spaces.edits import Edit, as_one, edits_between
from deltanas.spaces.notation import Assignments, Notation

ENUMERABLE = 200_000
"""Spaces with at most this many codes may be listed whole; larger ones are sampled."""


class SearchSpace(ABC):
    """A set of architectures to search.

    What every space promises; `deltanas.testing.SpaceContract` checks it:

    - Sampled codes are valid, and so are all neighbours.
    - Two codes have one key exactly when they are the same network; keys are stable
      between processes and versions, because stores hold them.
    - Features are finite and equal for equal keys.
    - Equal generators give equal samples.
    """

    def __init__(
        self,
        name: str,
        decisions: Sequence[Decision],
        *,
        size: int,
        feature_names: Sequence[str] = (),
        notation: Notation | None = None,
        constraints: Constraints | None = None,
        why_not: Callable[[Sequence[int]], str] | None = None,
    ) -> None:
        """Describe the space.

        Args:
            name: Name that stores and reports show.
            decisions: What there is to decide, in a fixed order; names must differ.
            size: Number of valid codes (functionally equal ones counted apart).
            feature_names: Names of the columns of `features`.
            notation: The field's own way to write an architecture.
            constraints: When decisions exist and what may stand together; `decisions` are then
                `constraints.decisions`, and `are_valid` and `sample_codes` ask it.
            why_not: In words, what is wrong with a code that is not valid; empty if `valid` is.

        Raises:
            SpaceError: No decisions, or a name twice.
        """
        if not decisions:
            raise SpaceError(f"space {name!r} has no decisions; give at least one")
        names = [decision.name for decision in decisions]
        for position, each in enumerate(names):
            if each in names[:position]:
                raise SpaceError(f"space {name!r} has two decisions named {each!r}; rename one")
        self.name = name
        self.decisions = tuple(decisions)
        self.size = size
        self.feature_names = tuple(feature_names)
        self._notation = notation or Assignments(self.decisions)
        self.constraints = constraints
        self._why_not = why_not or (None if constraints is None else constraints.why_not)
        self._completion = None if constraints is None else Completion(constraints)

    @abstractmethod
    def are_valid(self, codes: Codes) -> Bool[np.ndarray, " architectures"]:
        """Which of the codes (each position in range) are architectures of this space."""

    @abstractmethod
    def keys(self, codes: Codes) -> list[str]:
        """Canonical key of each valid code: equal exactly for the same network."""

    @abstractmethod
    def sample_codes(self, n: int, rng: np.random.Generator) -> Codes:
        """`n` valid codes drawn independently; the class says from which distribution."""

    @abstractmethod
    def features(self, codes: Codes) -> Float[np.ndarray, "architectures features"]:
        """Exact cheap facts of each valid code, one column per `feature_names`; maybe none."""

    @property
    @final
    def option_counts(self) -> Int[np.ndarray, " decisions"]:
        """Number of options of each decision."""
        return np.array([len(decision.options) for decision in self.decisions], dtype=np.int32)

    @property
    @final
    def is_enumerable(self) -> bool:
        """Whether `all_codes` may be called."""
        if self.constraints is not None:
            return self.constraints.combinations <= ENUMERABLE
        return math.prod(len(decision.options) for decision in self.decisions) <= ENUMERABLE

    @final
    def all_codes(self) -> Codes:
        """Every valid code, in the order of counting: absent first, the last decision fastest.

        Raises:
            SpaceError: The space has more than `ENUMERABLE` combinations.
        """
        if not self.is_enumerable:
            raise SpaceError(
                f"space {self.name!r} has {self.size:.3g} architectures, more than the "
                f"{ENUMERABLE} that can be listed; sample it instead"
            )
        rules = self.constraints
        codes = every_code(self.option_counts) if rules is None else rules.all_codes()
        valid: Codes = codes[self.are_valid(codes)]
        return valid

    @final
    def sample(self, n: int, rng: np.random.Generator) -> list[Architecture]:
        """`n` architectures drawn independently; the same network may come twice."""
        return self.from_codes(self.sample_codes(n, rng))

    @final
    def from_codes(self, codes: Codes) -> list[Architecture]:
        """Architectures of codes that are known to be valid."""
        if not len(codes):
            return []
        return [
            Architecture(self.name, self.decisions, code, key)
            for code, key in zip(codes.tolist(), self.keys(codes), strict=True)
        ]

    @final
    def architecture(self, choices: Mapping[str, object]) -> Architecture:
        """The architecture with these choices, checked.

        Args:
            choices: Option (or its label) for each decision, by name.

        Raises:
            ArchitectureError: A decision is missing or unknown, an option is not one of
                its decision's, or the combination is not valid in this space.
        """
        names = [decision.name for decision in self.decisions]
        unknown = [name for name in choices if name not in names]
        if unknown:
            raise ArchitectureError(
                f"space {self.name!r} has no decision {unknown[0]!r}; "
                f"its decisions are {', '.join(names[:12])}"
            )
        code = [position_in(choices, decision, self.name) for decision in self.decisions]
        codes = np.array([code], dtype=np.int32)
        if not self.are_valid(codes)[0]:
            missing = [name for name in names if name not in choices]
            hint = f"it chooses nothing for {', '.join(missing)}; " if missing else ""
            if self._why_not is not None and (self.constraints is not None or not missing):
                hint = f"{self._why_not(code) or 'valid refuses it'}; "
            raise ArchitectureError(
                f"{dict(choices)!r} is not a valid architecture of space {self.name!r}; "
                f"{hint}sample one, or start from a valid one and edit it"
            )
        return self.from_codes(codes)[0]

    @final
    def from_json(self, text: str) -> Architecture:
        """Read what `Architecture.to_json` wrote.

        Raises:
            ArchitectureError: Not JSON, of another space, or not one of this space.
        """
        try:
            record = json.loads(text)
            space, decisions = record["space"], dict(record["decisions"])
        except (ValueError, KeyError, TypeError) as error:
            raise ArchitectureError(
                f"an architecture is stored as JSON with 'space' and 'decisions', got "
                f"{text[:80]!r} ({error}); write it with Architecture.to_json()"
            ) from None
        if space != self.name:
            raise ArchitectureError(
                f"expected an architecture of space {self.name!r}, got one of {space!r}"
            )
        return self.architecture(decisions)

    @final
    def write(self, architecture: Architecture) -> str:
        """The architecture in the field's notation, or as `name=option, ...`."""
        return self._notation.write(architecture)

    @final
    def read(self, text: str) -> Architecture:
        """Read the field's notation, `name=option, ...` or JSON.

        Raises:
            ArchitectureError: The text cannot be read or is not of this space.
        """
        if text.lstrip().startswith("{"):
            return self.from_json(text)
        return self.architecture(self._notation.read(text))

    @final
    def apply(self, edit: Edit, architecture: Architecture) -> Architecture:
        """The architecture after an edit.

        An edit that says nothing of what appears and vanishes with it is completed as in
        `children`, the first way that is valid.

        Raises:
            EditError: The edit does not fit this architecture.
            ArchitectureError: The result is not valid in this space.
        """
        code: Codes = np.array([edit.apply(self.decisions, architecture.code)], dtype=np.int32)
        if self._completion is not None and not edit.along:
            completed = self._completion.completed(code)[1]
            code = completed[:1] if len(completed) else code
        if not self.are_valid(code)[0]:
            raise ArchitectureError(
                f"edit {edit.words!r} leads out of space {self.name!r}; "
                f"choose one of space.edits(architecture)"
            )
        return self.from_codes(code)[0]

    @final
    def edits(self, architecture: Architecture) -> list[Edit]:
        """All edits of the architecture that lead to another network of this space."""
        return [edit for edit, _ in self.neighbours(architecture)]

    @final
    def neighbours(self, architecture: Architecture) -> list[tuple[Edit, Architecture]]:
        """The *similar* architectures: one edit away, valid, and another network.

        An edit that changes nothing (a dead edge, a functionally equal cell) is left out:
        its difference in accuracy is zero by construction.
        """
        _, codes = self.children(np.array([architecture.code], dtype=np.int32))
        return [
            (as_one(edits_between(self.decisions, architecture.code, child.code)), child)
            for child in self.from_codes(codes)
            if child.key != architecture.key
        ]

    @final
    def shortest_edits(
        self, start: Architecture, goal: Architecture, *, limit: int = 4
    ) -> tuple[Edit, ...] | None:
        """The fewest edits from one network to another; see `edit_search.shortest_edits`."""
        return shortest_edits(self, start, goal, limit=limit)

    @final
    def children(
        self, codes: Codes, some: Some | None = None
    ) -> tuple[Int[np.ndarray, " children"], Int[np.ndarray, "children decisions"]]:
        """All valid codes one edit away from each given code, functionally equal ones too.

        Of the codes that an edit with appearing decisions leads to, a few; what breaks a rule is
        mended by one or two more choices; see `children.py`. With `some`, only so many, at random.

        Returns:
            Row of the parent of each child, and the children's codes.
        """
        if self._completion is not None:
            parents, children = self._completion.children(codes, some)
        else:
            parents, _, children = single_changes(codes, self.option_counts, some)
        keep = self.are_valid(children)
        return parents[keep], children[keep]

    def __contains__(self, architecture: object) -> bool:
        """Whether this is a valid architecture of this very space."""
        if not isinstance(architecture, Architecture) or architecture.space != self.name:
            return False
        code = np.array([architecture.code], dtype=np.int32)
        return architecture.decisions == self.decisions and bool(self.are_valid(code)[0])

    def __iter__(self) -> Iterator[Architecture]:
        """All architectures, where the space can be listed."""
        return iter(self.from_codes(self.all_codes()))

    def __repr__(self) -> str:
        """Name, decisions and size."""
        return f"{type(self).__name__}({self.name!r}, {len(self.decisions)} decisions)"

    @final
    def fingerprint(self) -> str:
        """JSON that is equal for two descriptions of the same space: stores compare it."""
        decisions = [[decision.name, *decision.labels] for decision in self.decisions]
        rules = {} if self.constraints is None else {"constraints": self.constraints.record()}
        return json.dumps({"name": self.name, "decisions": decisions, **rules}, ensure_ascii=False)
