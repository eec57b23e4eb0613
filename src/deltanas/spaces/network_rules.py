"""A user's own functions of a network, asked once per network and checked."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar, final

import numpy as np
from jaxtyping import Bool, Float

from deltanas.errors import SpaceError
from deltanas.spaces.architecture import Architecture
from deltanas.spaces.remembered import Remembered

KNOWN = 100_000
"""Networks whose answers are remembered."""

NUMBERS = (bool, int, float, np.bool, np.integer, np.floating)
"""What counts as a number of a user's."""

Answer = TypeVar("Answer")
Networks = Callable[[Sequence[int]], Sequence[Architecture]]
"""The networks of some rows, written as the user's functions are to see them."""


@final
class NetworkRules:
    """Which networks are valid, and what they cost, as far as the user says."""

    def __init__(
        self,
        space: str,
        valid: Callable[[Architecture], bool] | None,
        costs: Callable[[Architecture], Mapping[str, float]] | None,
    ) -> None:
        """Keep the functions.

        Args:
            space: Name of the space, for messages.
            valid: Whether a network is valid; None if all are.
            costs: Finite numbers by name, the same names for every network; None for none.
        """
        self._space = space
        self._valid = None if valid is None else _Answers(f"valid of space {space!r}", valid)
        self._costs = None if costs is None else _Answers(f"costs of space {space!r}", costs)
        self.names: tuple[str, ...] = ()
        """Names of the costs."""

    @property
    def any_valid(self) -> bool:
        """Whether every network is valid."""
        return self._valid is None

    def learn_names(self, network: Architecture) -> None:
        """Take the names of the costs from those of one network.

        Raises:
            SpaceError: There are no names.
        """
        if self._costs is not None:
            facts = self._costs.of([network.key], lambda _: [network])[0]
            if not isinstance(facts, Mapping):
                raise SpaceError(
                    f"costs of space {self._space!r} must be numbers by name, got {facts!r} for "
                    f"the network {network.key!r}; return for example {{'log_parameters': 12.3}}"
                )
            self.names = tuple(facts)

    def accepted(self, keys: Sequence[str], networks: Networks) -> Bool[np.ndarray, " networks"]:
        """Which networks the user's function accepts.

        Args:
            keys: Canonical key of each.
            networks: Gives those that are asked about, by position in `keys`.

        Raises:
            SpaceError: The function gave something other than True and False.
        """
        if self._valid is None:
            return np.ones(len(keys), dtype=bool)
        answers = self._valid.of(keys, networks)
        for key, answer in zip(keys, answers, strict=True):
            if not isinstance(answer, bool | np.bool):
                raise SpaceError(
                    f"valid of space {self._space!r} must return True or False, got {answer!r} "
                    f"for the network {key!r}; does it end without a return?"
                )
        return np.array(answers, dtype=bool)

    def costs(self, keys: Sequence[str], networks: Networks) -> Float[np.ndarray, "networks costs"]:
        """The user's cost facts, one column per name.

        Raises:
            SpaceError: Other names than before, or a number that is not finite.
        """
        if self._costs is None:
            return np.zeros((len(keys), 0))
        answers = self._costs.of(keys, networks)
        rows = [self._row(key, facts) for key, facts in zip(keys, answers, strict=True)]
        return np.array(rows, dtype=float).reshape(len(keys), len(self.names))

    def _row(self, key: str, facts: object) -> list[float]:
        if not isinstance(facts, Mapping) or set(facts) != set(self.names):
            names = tuple(facts) if isinstance(facts, Mapping) else facts
            raise SpaceError(
                f"costs of space {self._space!r} must name {self.names} for every network, got "
                f"{names} for the network {key!r}"
            )
        values = [facts[name] for name in self.names]
        if not all(isinstance(each, NUMBERS) and math.isfinite(each) for each in values):
            raise SpaceError(
                f"costs of space {self._space!r} must be finite numbers, got {dict(facts)!r} for "
                f"the network {key!r}; leave out what cannot be computed for all"
            )
        return [float(each) for each in values]


@final
class _Answers(Generic[Answer]):
    """What a function says of networks, remembered by key."""

    def __init__(self, what: str, function: Callable[[Architecture], Answer]) -> None:
        self._what = what
        self._function = function
        self._known: Remembered[str, Answer] = Remembered(KNOWN)

    def of(self, keys: Sequence[str], networks: Networks) -> list[Answer]:
        """One answer for each key."""
        return self._known.of(keys, lambda rows: [*map(self._asked, networks(rows))])

    def _asked(self, network: Architecture) -> Answer:
        try:
            return self._function(network)
        except Exception as error:
            raise SpaceError(
                f"{self._what} raised {type(error).__name__} for {network!r}: {error}; let it "
                f"give an answer for every architecture"
            ) from error
