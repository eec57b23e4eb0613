"""What a canonical table holds: its columns with unit and range, seeds, splits and citation."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, final

from numpy.typing import NDArray

Columns = dict[str, NDArray[Any]]
"""Values by name; masked arrays where something was not recorded."""


class Kind(Enum):
    """What the values of a column are."""

    TEXT = "text"
    WHOLE = "whole"
    REAL = "real"


@final
@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    kind: Kind
    unit: str
    """`fraction`, `seconds`, `millions`, ...; `-` where there is none."""
    meaning: str
    """In one line."""
    least: float = 0.0
    """Smallest possible number."""
    most: float = 1.0
    """Largest possible number."""
    optional: bool = False
    """Whether some trainings lack it."""


@final
@dataclass(frozen=True, slots=True)
class Layout:
    """What the table of a benchmark should hold."""

    benchmark: str
    """Name of the family that reads it."""
    file: str
    """Name of the table in the folder of benchmark tables."""
    columns: tuple[Column, ...]
    unique: tuple[str, ...]
    """Columns that together name a training."""
    seeds: str
    """What tells one training of an architecture from another, in words."""
    splits: str
    """What accuracies were measured on, in words."""
    citation: str
    licence: str
    complete: Callable[[Columns, str], None]
    """Refuses columns in which a training is missing; given the file for its message."""


def text(name: str, meaning: str) -> Column:
    """A column of texts."""
    return Column(name, Kind.TEXT, "-", meaning)


def whole(name: str, meaning: str, *, least: int = 0, most: int, unit: str = "-") -> Column:
    """A column of whole numbers."""
    return Column(name, Kind.WHOLE, unit, meaning, float(least), float(most))


def fraction(name: str, meaning: str, *, least: float = 0.0, optional: bool = False) -> Column:
    """A column of accuracies: fractions, at most 1."""
    return Column(name, Kind.REAL, "fraction", meaning, least, 1.0, optional)


def amount(name: str, meaning: str, *, unit: str, most: float, optional: bool = False) -> Column:
    """A column of measured amounts, 0 or more."""
    return Column(name, Kind.REAL, unit, meaning, 0.0, most, optional)
