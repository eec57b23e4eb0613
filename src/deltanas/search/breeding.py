"""What searchers on predicted differences share: new children, and why one was chosen."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from deltanas.predictor import Advisor
from deltanas.records import Trial
from deltanas.search.base import Choice
from deltanas.spaces import (
    Architecture,
    Codes,
    SearchSpace,
    codes_of,
    edit_distance,
    edits_between,
)

POOL = 2_000
"""Most children that are scored in one generation."""

Accuracies = Float[np.ndarray, " architectures"]


def new_children(
    space: SearchSpace, parents: Codes, seen: set[str], rng: np.random.Generator
) -> Int[np.ndarray, "children decisions"]:
    """One-edit children of the parents that are new networks, at most `POOL`."""
    children: Codes = np.unique(space.children(parents)[1], axis=0)
    new = np.array([key not in seen for key in space.keys(children)], dtype=bool)
    children = children[new]
    if len(children) > POOL:
        children = children[np.sort(rng.choice(len(children), POOL, replace=False))]
    return children


def explained(
    advisor: Advisor,
    child: Architecture,
    known: Sequence[Trial],
    codes: Codes,
    accuracies: Accuracies,
) -> Choice:
    """The child with its nearest evaluated relative, the best of them, as parent."""
    distance = edit_distance(codes, np.array(child.code))
    parent = int(np.lexsort((-accuracies, distance))[0])
    relative = known[parent]
    prediction = advisor.predict(codes[[parent]], codes_of([child]))
    return Choice(
        child,
        relative.number,
        edits_between(child.decisions, relative.architecture.code, child.code),
        float(prediction.mean[0]),
        float(prediction.spread[0]),
    )
