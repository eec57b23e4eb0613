"""Exact facts of a network that is a tree of operations: what stands on the way to its outputs.

Everything is counted on *walks*, as in `cell_features`: the operations from the input to a
node that nothing takes, in order, skips left out. Codes that are one network have the same
walks and the same nodes, so they have the same features.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Bool, Float, Int

Numbers = Int[np.ndarray, "architectures nodes"]
Counts = Float[np.ndarray, "architectures _"]


@final
@dataclass(frozen=True, slots=True)
class _Walks:
    """The way from the input to each place; place 0 is the input itself."""

    steps: Int[np.ndarray, "architectures places steps"]
    """Operations on the way, numbered from 1, padded with 0."""
    length: Int[np.ndarray, "architectures places"]
    """How many those are."""
    ends: Bool[np.ndarray, "architectures places"]
    """Whether the way is a walk: it does something, and nothing takes the place."""


@final
class TreeFeatures:
    """Features of trees of nodes, each with one source and one operation; see `names`.

    - `walks:a>b`: how many walks do exactly a, then b, and nothing else; up to two steps.
    - `walks:.. a>b ..`: how often b follows a, summed over the walks.
    - `graph:...`: for each operation alone, for all but one and for all of them, over the
      walks that use no other ones: how many there are, and how long the shortest and the
      longest is. For each operation, how many walks begin and end with it.
    - `nodes:...`: for each operation, how many nodes do it, and how many of those take the
      raw input. With the number of walks they decide how many parameters there are.

    Source: the facts of sets of operations follow the neural graph features of Kadlecova et
    al. 2024 (GRAF); counting on walks and the choice of the sets are ours. On NAS-Bench-Graph,
    sets of two made predictions no better, and the counts of nodes helped searches on
    `cora` and `photo` as a group of their own but not as a part of another one.
    """

    def __init__(self, operations: Sequence[str], skip: int) -> None:
        """Prepare the columns.

        Args:
            operations: Name of each operation.
            skip: Position of the one that passes its input on.
        """
        doing = [place for place in range(len(operations)) if place != skip]
        self._base = len(doing) + 1
        # A skip has the number 0, like the padding of a walk.
        self._number = np.zeros(len(operations), dtype=np.int64)
        self._number[doing] = np.arange(1, self._base)
        each = range(1, self._base)
        sets = [
            members
            for size in sorted({1, len(doing) - 1, len(doing)})
            for members in itertools.combinations(each, size)
        ]
        self._outside = np.array(
            [
                [number > 0 and number not in members for number in range(self._base)]
                for members in sets
            ]
        )
        names = ["", *(operations[place] for place in doing)]
        words = ["+".join(names[number] for number in members) for members in sets]
        pairs = [f"{names[a]}>{names[b]}" for a, b in itertools.product(each, repeat=2)]
        self.names = (
            *(f"walks:{name}" for name in names[1:]),
            *(f"walks:{pair}" for pair in pairs),
            *(f"walks:.. {pair} .." for pair in pairs),
            *(f"graph:{fact} of {word}" for fact in ("number", "least", "most") for word in words),
            *(f"graph:{end} {name}" for end in ("begin", "end") for name in names[1:]),
            *(f"nodes:{name}{where}" for where in ("", " at input") for name in names[1:]),
        )

    def count(self, sources: Numbers, operations: Numbers) -> Counts:
        """The features of each network, one column per name.

        Args:
            sources: What each node takes: 0 for the input, or the number of an earlier node,
                counted from 1.
            operations: Position of the operation of each node.
        """
        numbers = self._number[operations]
        walks = _followed(sources, numbers)
        return np.column_stack(
            [
                self._short(walks),
                self._pairs(walks),
                self._sets(walks),
                self._ends(walks),
                self._nodes(walks, sources, numbers),
            ]
        )

    def _short(self, walks: _Walks) -> Counts:
        """How often each walk of one or two steps occurs."""
        short = walks.ends & (walks.length <= 2)  # noqa: PLR2004  the walks that have a column
        steps = walks.steps[:, :, 0] + self._base * walks.steps[:, :, 1]
        table = _tally(np.where(short, steps, 0), self._base**2)
        square = table.reshape(-1, self._base, self._base).swapaxes(1, 2)[:, 1:]
        return np.column_stack([square[:, :, 0], square[:, :, 1:].reshape(len(table), -1)])

    def _pairs(self, walks: _Walks) -> Counts:
        """How often each operation follows each other one."""
        before, after = walks.steps[:, :, :-1], walks.steps[:, :, 1:]
        follows = walks.ends[:, :, None] & (after > 0)
        pairs = np.where(follows, before * self._base + after, 0)
        table = _tally(pairs.reshape(len(pairs), -1), self._base**2)
        square = table.reshape(-1, self._base, self._base)[:, 1:, 1:]
        return square.reshape(len(table), -1)

    def _sets(self, walks: _Walks) -> Counts:
        """Number, least and most length of the walks inside each set."""
        number, least, most = [], [], []
        for outside in self._outside:
            inside = walks.ends & ~np.any(outside[walks.steps], axis=2)
            number.append(np.sum(inside, axis=1))
            least.append(np.min(np.where(inside, walks.length, walks.steps.shape[2]), axis=1))
            most.append(np.max(np.where(inside, walks.length, 0), axis=1))
        return np.column_stack([*number, *least, *most]).astype(float)

    def _ends(self, walks: _Walks) -> Counts:
        """How many walks begin and how many end with each operation."""
        last = np.take_along_axis(walks.steps, np.maximum(walks.length - 1, 0)[:, :, None], axis=2)
        ends = [np.where(walks.ends, each, 0) for each in (walks.steps[:, :, 0], last[:, :, 0])]
        return np.column_stack([_tally(each, self._base)[:, 1:] for each in ends])

    def _nodes(self, walks: _Walks, sources: Numbers, numbers: Numbers) -> Counts:
        """How many nodes do each operation, and how many of them on the raw input."""
        raw = np.take_along_axis(walks.length, sources, axis=1) == 0
        found = (numbers, np.where(raw, numbers, 0))
        return np.column_stack([_tally(each, self._base)[:, 1:] for each in found])


def _followed(sources: Numbers, numbers: Numbers) -> _Walks:
    """What is done on the way to each place."""
    count, nodes = numbers.shape
    rows = np.arange(count)
    # One step more than any way has, so that each one is followed by the padding.
    steps = np.zeros((count, nodes + 1, nodes + 1), dtype=np.int64)
    length = np.zeros((count, nodes + 1), dtype=np.int64)
    ends = np.ones((count, nodes + 1), dtype=bool)
    for node in range(1, nodes + 1):
        source, number = sources[:, node - 1], numbers[:, node - 1]
        steps[:, node] = steps[rows, source]
        length[:, node] = length[rows, source] + (number > 0)
        doing = np.flatnonzero(number)
        steps[doing, node, length[doing, node] - 1] = number[doing]
        ends[rows, source] = False
    return _Walks(steps, length, ends & (length > 0))


def _tally(values: Int[np.ndarray, "architectures _"], size: int) -> Counts:
    """How often each number below `size` occurs in each row."""
    rows = np.arange(len(values))[:, None] * size
    counts = np.bincount((rows + values).ravel(), minlength=len(values) * size)
    return counts.reshape(len(values), size).astype(float)
