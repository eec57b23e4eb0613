"""Which edits helped: measured changes between evaluated architectures one edit apart.

Every pair of evaluated neighbours counts, not only parents and their children. Pairs share
architectures, so intervals describe what was seen; they are no test.
"""

import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import final

import numpy as np
import scipy

from deltanas.pairs import Pairs
from deltanas.records import History
from deltanas.report.changes import NO_CHANGE
from deltanas.spaces import Edit, SearchSpace, edits_between

FEWEST_FOR_INTERVAL = 3
"""Fewer changes say too little about their own scatter for an interval."""


@final
@dataclass(frozen=True, slots=True)
class Effect:
    """Mean measured change over all pairs that one kind of edit joins."""

    words: str
    """The edit in words, in the direction in which it helped, or the decision."""
    count: int
    """Number of pairs."""
    mean: float
    """Mean change of accuracy, a fraction; not negative."""
    half_width: float | None
    """Half of the 95 % t-interval of the mean, a fraction; None for one or two pairs."""

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.half_width is not None and self.mean > max(self.half_width, NO_CHANGE)


@final
@dataclass(frozen=True, slots=True)
class Effects:
    """What edits did, by operation and by place."""

    pairs: int
    """Number of evaluated pairs one edit apart."""
    edits: tuple[Effect, ...]
    """Mean signed change by kind of edit, the most helpful first."""
    decisions: tuple[Effect, ...]
    """Mean absolute change by decision, the most important first."""


def effects(space: SearchSpace, history: History) -> Effects:
    """Measured effects of all one-edit pairs among the finished trials.

    Where all decisions have the same options, an edit is named by its two options and
    averaged over the decisions; otherwise the decision is part of its name. Trials that the space
    denies are left out: one that was rebuilt from a study lacks rules that were functions.
    """
    trials = history.finished
    codes = np.array([trial.architecture.code for trial in trials], dtype=np.int32)
    valid = space.are_valid(codes.reshape(len(trials), len(space.decisions)))
    history = History(list(itertools.compress(trials, valid)))
    pairs = Pairs.from_history(space, history, edits=1)
    pooled = len({decision.labels for decision in space.decisions}) == 1
    by_edit: dict[Edit, list[float]] = defaultdict(list)
    by_decision: dict[str, list[float]] = defaultdict(list)
    for before, after, delta in zip(pairs.before, pairs.after, pairs.deltas, strict=True):
        between = edits_between(space.decisions, before.tolist(), after.tolist())
        if len(between) != 1:
            continue
        edit, change = between[0], float(delta)
        by_decision[edit.decision].append(abs(change))
        # What appeared or vanished along differs from pair to pair.
        edit = Edit("" if pooled else edit.decision, edit.before, edit.after, edit.kind)
        if edit.invert() in by_edit:
            edit, change = edit.invert(), -change
        by_edit[edit].append(change)
    return Effects(
        len(pairs),
        _ordered([_helping(edit, changes) for edit, changes in by_edit.items()]),
        _ordered([_effect(name, changes) for name, changes in by_decision.items()]),
    )


def _helping(edit: Edit, changes: list[float]) -> Effect:
    """The effect, in the direction in which it is not negative."""
    if np.mean(changes) < 0:
        edit, changes = edit.invert(), [-change for change in changes]
    return _effect(edit.words if edit.decision else edit.change, changes)


def _effect(words: str, changes: list[float]) -> Effect:
    count = len(changes)
    half_width = None
    if count >= FEWEST_FOR_INTERVAL:
        error = float(np.std(changes, ddof=1)) / np.sqrt(count)
        half_width = float(scipy.special.stdtrit(count - 1, 0.975) * error)
    return Effect(words, count, float(np.mean(changes)), half_width)


def _ordered(found: list[Effect]) -> tuple[Effect, ...]:
    return tuple(sorted(found, key=lambda effect: (-effect.mean, effect.words)))
