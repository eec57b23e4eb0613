"""The searchers by name: what `--method` and reports know them by."""

import difflib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, final

from deltanas.errors import UnknownNameError
from deltanas.search.base import Searcher
from deltanas.search.delta_evolution import DeltaEvolution
from deltanas.search.local_search import LocalSearch
from deltanas.search.random_search import RandomSearch
from deltanas.search.regularized_evolution import RegularizedEvolution
from deltanas.spaces import SearchSpace


@final
@dataclass(frozen=True, slots=True)
class Method:
    """One searcher that can be asked for by name."""

    description: str
    """What it does, in one line."""
    searcher: Callable[..., Searcher]
    """Its class: takes the space, `seed` and settings by keyword."""


METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "delta-evolution": Method(
            "breeds on predicted differences, evaluates the most promising child (Delta-NAS)",
            DeltaEvolution,
        ),
        "regularized-evolution": Method(
            "mutates winners of tournaments, forgets the oldest (Real et al. 2019)",
            RegularizedEvolution,
        ),
        "local-search": Method(
            "moves to the first better neighbour, restarts where none is (White et al. 2021)",
            LocalSearch,
        ),
        "random": Method(
            "draws networks at random, none twice",
            RandomSearch,
        ),
    }
)
"""All searchers, the default one first."""


NO_SETTINGS: Final = ("space", "predictor")
"""What searchers are made with besides settings; no text can say it."""


def names() -> tuple[str, ...]:
    """Names of all searchers, the default one first."""
    return tuple(METHODS)


def describe(name: str) -> str:
    """What the searcher `name` does, in one line.

    Raises:
        UnknownNameError: There is no searcher of that name.
    """
    return _method(name).description


def make(name: str, space: SearchSpace, *, seed: int, **settings: object) -> Searcher:
    """The searcher `name` for a space.

    Args:
        name: One of `names()`.
        space: What to search.
        seed: The study's seed, 0 or more.
        settings: Whatever else the searcher takes, e.g. `starts=5`.

    Raises:
        UnknownNameError: There is no searcher, or no setting of it, of that name.
        SeedError: The seed is negative or not a whole number.
    """
    searcher = _method(name).searcher
    possible = [each for each in inspect.signature(searcher).parameters if each not in NO_SETTINGS]
    for setting in settings:
        if setting not in possible:
            raise UnknownNameError(
                f"method {name!r} has no setting {setting!r}; it has {', '.join(possible)}"
            )
    return searcher(space, seed=seed, **settings)


def _method(name: str) -> Method:
    if name not in METHODS:
        near = difflib.get_close_matches(name, METHODS, n=2, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise UnknownNameError(
            f"there is no method {name!r}; {hint}methods are {', '.join(METHODS)}"
        )
    return METHODS[name]
