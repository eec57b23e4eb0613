"""What searchers on predicted differences share: new children, and why one was chosen."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from deltanas.errors import ProtocolError
from deltanas.predictor import Advisor
from deltanas.records import Trial
from deltanas.search.base import Choice
from deltanas.spaces import (
    Architecture,
    Codes,
    SearchSpace,
    Some,
    codes_of,
    edit_distance,
    edits_between,
)

POOL = 2_000
"""Most children that are made and scored in one generation, drawn at random if there are more."""

Accuracies = Float[np.ndarray, " architectures"]


def checked_advisor(predictor: object, space: SearchSpace) -> Advisor:
    """The predictor itself, if the evolution can ask it about the space.

    Raises:
        ProtocolError: It is no `Advisor`, or that of another space.
    """
    if not isinstance(predictor, Advisor):
        raise ProtocolError(
            f"delta-evolution asks an Advisor, got {predictor!r:.80}; a predictor of differences "
            f"becomes one by Relatives(space, predictor)"
        )
    known = getattr(predictor, "space", space)
    if isinstance(known, SearchSpace) and known.fingerprint() != space.fingerprint():
        raise ProtocolError(
            f"the predictor was made for {known!r}, the search is of {space!r}; make it for the "
            f"same space"
        )
    return predictor


def new_children(
    space: SearchSpace, parents: Codes, seen: set[str], rng: np.random.Generator
) -> Int[np.ndarray, "children decisions"]:
    """One-edit children of the parents that are new networks, at most `POOL`."""
    children = distinct(space.children(parents, Some(POOL, rng))[1])
    new = np.array([key not in seen for key in space.keys(children)], dtype=bool)
    fresh: Int[np.ndarray, "children decisions"] = children[new]
    return fresh


def distinct(codes: Codes) -> Int[np.ndarray, "children decisions"]:
    """The different codes, in order: as `np.unique` over rows, many times as fast."""
    # Numbers of two bytes, the larger one first, are in order as bytes are; ABSENT is first.
    rows = np.ascontiguousarray((codes + 1).astype(">u2"))
    as_bytes = rows.view(f"V{rows.shape[1] * rows.itemsize}").reshape(-1)
    first = np.unique(as_bytes, return_index=True)[1]
    different: Int[np.ndarray, "children decisions"] = codes[first]
    return different


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
