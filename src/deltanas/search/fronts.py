"""Several objectives at once: what is not dominated, and how much of the space it dominates.

Rows are architectures: one accuracy, to be high, and costs, to be low. Everything is exact
for any number of costs: the space of costs is cut into the boxes between those of the
front, and in each box one accuracy is the best that can be had.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Bool, Float

Accuracies = Float[np.ndarray, " architectures"]
Costs = Float[np.ndarray, "architectures costs"]


def on_front(accuracies: Accuracies, costs: Costs) -> Bool[np.ndarray, " architectures"]:
    """Which rows no other row dominates: none is as good in everything and better in one."""
    front = np.ones(len(accuracies), dtype=bool)
    for row in range(len(accuracies)):
        as_good = (accuracies >= accuracies[row]) & (costs <= costs[row]).all(axis=1)
        better = (accuracies > accuracies[row]) | (costs < costs[row]).any(axis=1)
        front[row] = not (as_good & better).any()
    return front


@final
@dataclass(frozen=True, slots=True)
class Boxes:
    """The space of costs, cut where the costs of a front are."""

    lower: Float[np.ndarray, "boxes costs"]
    """Least costs of each box."""
    upper: Float[np.ndarray, "boxes costs"]
    """Largest costs of each box."""
    levels: Float[np.ndarray, " boxes"]
    """Best accuracy that the front has at these costs; the reference where it has none."""

    def reached(self, costs: Costs) -> Float[np.ndarray, "architectures boxes"]:
        """Volume of the part of each box that has at least the costs of each row."""
        lengths = self.upper[None] - np.maximum(self.lower[None], costs[:, None])
        volume: Float[np.ndarray, "architectures boxes"] = np.maximum(lengths, 0.0).prod(axis=2)
        return volume


def boxes(accuracies: Accuracies, costs: Costs, reference: tuple[float, Sequence[float]]) -> Boxes:
    """The boxes of some rows.

    Args:
        accuracies: Accuracy of each row.
        costs: Costs of each row, shape `(architectures, costs)`.
        reference: The accuracy and the costs that everything is compared with: what is worse
            dominates nothing.
    """
    worst, most = reference[0], np.asarray(reference[1], dtype=float)
    inside = (costs <= most).all(axis=1) & (accuracies > worst)
    accuracies, costs = accuracies[inside], costs[inside]
    cuts = [
        np.unique(np.concatenate([[-np.inf], costs[:, place], [most[place]]]))
        for place in range(len(most))
    ]
    lower = np.array(list(itertools.product(*(cut[:-1] for cut in cuts))))
    upper = np.array(list(itertools.product(*(cut[1:] for cut in cuts))))
    there = (costs[None] <= lower[:, None]).all(axis=2)
    levels = np.where(there, accuracies[None], worst).max(axis=1, initial=worst)
    return Boxes(lower, upper, levels)


def hypervolume(
    accuracies: Accuracies, costs: Costs, reference: tuple[float, Sequence[float]]
) -> float:
    """Volume that is dominated by the rows, up to a reference that is worse than all of them.

    Source: Zitzler & Thiele, "Multiobjective optimization using evolutionary algorithms",
    PPSN 1998 (the size of the space covered).
    """
    cut = boxes(accuracies, costs, reference)
    gain = cut.levels - reference[0]
    some = gain > 0  # where the front has nothing, a box may be endless
    return float(np.prod(cut.upper[some] - cut.lower[some], axis=1) @ gain[some])
