"""Several objectives at once: what is not dominated, and how much of the space it dominates.

Rows are architectures: one accuracy, to be high, and costs, to be low. Everything is exact
for any number of costs: the space of costs is cut into the boxes between those of the
front, and in each box one accuracy is the best that can be had. Costs that are not known
are Gaussian there, as accuracy is.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Bool, Float

from deltanas.predictor.posterior import Posterior

Accuracies = Float[np.ndarray, " architectures"]
Costs = Float[np.ndarray, "architectures costs"]
Levels = Float[np.ndarray, " levels"]
Ends = Float[np.ndarray, "_"]
"""Ends of the intervals along one cost, ascending."""
Lengths = Float[np.ndarray, "architectures _"]
"""Lengths of parts of these intervals, an interval less than there are ends."""

MOST_BOXES = 25_000
"""Boxes that a search looks at; two costs have as many where the front has 157 rows."""
MOST_AT_ONCE = 4_000_000
"""Parts of boxes that are added up at a time: more of them fill the memory."""


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

    cuts: tuple[Ends, ...]
    """Ends of the boxes along each cost, ascending; the first is minus infinity."""
    levels: Float[np.ndarray, " boxes"]
    """Best accuracy that the front has at these costs; the reference where it has none. The
    boxes are in the order of counting, the last cost fastest."""

    def volumes(self, lengths: Sequence[Lengths]) -> Float[np.ndarray, "architectures boxes"]:
        """Volume of a part of each box, from the lengths of the part along each cost."""
        whole = lengths[0]
        for along in lengths[1:]:
            whole = (whole[:, :, None] * along[:, None, :]).reshape(len(whole), -1)
        return whole


def reached(ends: Ends, costs: Float[np.ndarray, " architectures"]) -> Lengths:
    """Length of the part of each interval that is at least each cost."""
    lengths: Lengths = np.maximum(ends[1:] - np.maximum(ends[:-1], costs[:, None]), 0.0)
    return lengths


def expected_reached(ends: Ends, posterior: Posterior) -> Lengths:
    """The same of costs that are not known, in the mean; each is a predicted value's negative.

    Below an end e, a cost C reaches max(e - C, 0). In the mean that is the expected improvement
    of the value -C over -e, so an interval has the difference of two of them: nothing is drawn
    at random, and the mean over vectors of hyperparameters is exact.
    """
    below = posterior.expected_improvements(-ends[1:])
    lengths: Lengths = np.diff(below, axis=1, prepend=0.0)
    return lengths


def boxes(
    accuracies: Accuracies,
    costs: Costs,
    reference: tuple[float, Sequence[float]],
    *,
    most: int | None = None,
) -> Boxes:
    """The boxes of some rows.

    Args:
        accuracies: Accuracy of each row.
        costs: Costs of each row, shape `(architectures, costs)`.
        reference: The accuracy and the costs that everything is compared with: what is worse
            dominates nothing.
        most: How many boxes there may be: of more, an even choice of the cuts along each cost is
            left, and a box has the accuracy of its cheapest corner. None for all.
    """
    worst, dearest = reference[0], np.asarray(reference[1], dtype=float)
    inside = (costs <= dearest).all(axis=1) & (accuracies > worst)
    accuracies, costs = accuracies[inside], costs[inside]
    cuts = [
        np.unique(np.concatenate([[-np.inf], costs[:, place], [dearest[place]]]))
        for place in range(len(dearest))
    ]
    if most is not None and math.prod(len(cut) - 1 for cut in cuts) > most:
        along = max(int(most ** (1 / len(cuts))), 1) + 1
        cuts = [cut[np.linspace(0, len(cut) - 1, min(along, len(cut))).astype(int)] for cut in cuts]
    levels = np.full([len(cut) - 1 for cut in cuts], worst)
    for accuracy, row in zip(accuracies.tolist(), costs.tolist(), strict=True):
        first = [int(np.searchsorted(cut, cost)) for cut, cost in zip(cuts, row, strict=True)]
        part = levels[tuple(slice(place, None) for place in first)]
        np.maximum(part, accuracy, out=part)
    return Boxes(tuple(cuts), levels.reshape(-1))


def expected_gains(
    cut: Boxes,
    lengths: Sequence[Lengths],
    improvements: Callable[[Levels], Float[np.ndarray, "architectures levels"]],
) -> Float[np.ndarray, " architectures"]:
    """Expected gain of each architecture in dominated volume.

    In each box it is the expected improvement over the accuracy there, times the expected volume
    of what the costs reach: a product, because accuracy and costs are predicted independently.

    Args:
        cut: The boxes of the front.
        lengths: What each architecture reaches of the intervals of each cost, in the mean.
        improvements: From accuracies to the expected improvement of each architecture over them.

    Source: Emmerich et al. 2006; the sum over boxes is that of Yang et al. 2019.
    """
    levels, level_of = np.unique(cut.levels, return_inverse=True)
    expected = improvements(levels)
    gains = np.zeros(len(expected))
    step = max(MOST_AT_ONCE // len(cut.levels), 1)
    for start in range(0, len(gains), step):
        rows = slice(start, start + step)
        volumes = cut.volumes([each[rows] for each in lengths])
        gains[rows] = np.sum(volumes * expected[rows][:, level_of], axis=1)
    return gains


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
    (whole,) = cut.volumes([np.diff(ends)[None] for ends in cut.cuts])
    return float(whole[some] @ gain[some])
