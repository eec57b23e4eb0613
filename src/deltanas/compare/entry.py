"""What is said of a method that can take part in a comparison."""

import importlib.util
from dataclasses import dataclass
from enum import StrEnum
from typing import final


class Cost(StrEnum):
    """CPU time of one proposal, as an order of magnitude."""

    MILLISECONDS = "ms"
    TENTHS = "0.1 s"
    SECONDS = "s"


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """One method that can take part."""

    description: str
    """What it does, in one line."""
    citation: str
    """Where it comes from."""
    cost: Cost
    """How long a proposal takes."""
    place: str
    """`module:name` of what makes a `Searcher` or a `Contestant`; `search:name` of our own, and
    `mine.py:name` of the user's."""
    needs: tuple[str, ...] = ()
    """Packages that the extra `peers` brings."""
    batch: int = 1
    """How many it proposes between two updates."""
    canonical: bool = False
    """Whether it treats functionally equal architectures as one, even on the raw table."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Packages that it needs and that are not installed."""
        return tuple(name for name in self.needs if importlib.util.find_spec(name) is None)
