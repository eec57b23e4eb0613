"""Where model-based peers look for their next architecture."""

import numpy as np
from jaxtyping import Float, Int

from deltanas.records import History
from deltanas.search import Choice, evaluated, random_unseen
from deltanas.spaces import Codes, SearchSpace, codes_of

Accuracies = Float[np.ndarray, " architectures"]


def standardised(accuracies: Accuracies) -> Accuracies:
    """Accuracies with mean 0 and deviation 1: what networks and forests learn."""
    scaled: Accuracies = (accuracies - accuracies.mean()) / (float(accuracies.std()) or 1.0)
    return scaled


def highest(space: SearchSpace, codes: Codes, scores: Accuracies, n: int) -> list[Choice]:
    """The `n` codes of highest score as choices, the earlier of equals first."""
    return choices(space, codes[np.argsort(-scores, kind="stable")[:n]])


def choices(space: SearchSpace, codes: Codes) -> list[Choice]:
    """The codes as choices without a story."""
    return [Choice(architecture) for architecture in space.from_codes(codes)]


def new_ones(
    space: SearchSpace, codes: Codes, history: History
) -> Int[np.ndarray, "new decisions"]:
    """The codes whose keys are not in the history, each network once, order kept."""
    seen = set(history.keys)
    rows = []
    for row, key in enumerate(space.keys(codes)):
        if key not in seen:
            seen.add(key)
            rows.append(row)
    return codes[rows]


def neighbours_of_best(
    space: SearchSpace, history: History, best: int
) -> Int[np.ndarray, "new decisions"]:
    """New architectures one edit away from the `best` most accurate ones."""
    codes, accuracies = evaluated(history)
    parents = codes[np.argsort(-accuracies, kind="stable")[:best]]
    return new_ones(space, np.unique(space.children(parents)[1], axis=0), history)


def mutants_of_best(
    space: SearchSpace, history: History, n: int, best: int, rng: np.random.Generator
) -> Int[np.ndarray, "new decisions"]:
    """At most `n` of those neighbours, drawn at random without repetition."""
    found = neighbours_of_best(space, history, best)
    return found[rng.permutation(len(found))[:n]]


def pool(
    space: SearchSpace, history: History, n: int, rng: np.random.Generator
) -> Int[np.ndarray, "new decisions"]:
    """All new architectures where there are at most `n`, otherwise `n` random ones."""
    if space.is_enumerable and space.size <= n:
        return new_ones(space, space.all_codes(), history)
    drawn = random_unseen(space, set(history.keys), n, rng)
    return codes_of(drawn) if drawn else np.zeros((0, len(space.decisions)), dtype=np.int32)
