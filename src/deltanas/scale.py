"""How accuracies are shown to people: fractions in per cent, any other score as it is.

A study maximises whatever its training returns. Where all of it lies between 0 and 1 it is read
as an accuracy; the negative loss of a regression, or a BLEU of 27.3, is no share of anything and
would be nonsense in per cent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, final


@final
@dataclass(frozen=True, slots=True)
class Scale:
    """Words and numbers for values of one kind."""

    is_fraction: bool = True
    """Whether they are fractions, which are shown in per cent."""

    @classmethod
    def of(cls, values: Iterable[float | None]) -> "Scale":
        """That of what was measured; of nothing yet, that of fractions."""
        return cls(all(value is None or 0 <= value <= 1 for value in values))

    @property
    def factor(self) -> float:
        """What values are multiplied by before they are shown."""
        return 100.0 if self.is_fraction else 1.0

    @property
    def name(self) -> str:
        """What a value is called."""
        return "accuracy" if self.is_fraction else "score"

    @property
    def heading(self) -> str:
        """Heading of a column of bare numbers."""
        return "accuracy %" if self.is_fraction else "score"

    @property
    def axis(self) -> str:
        """Name of an axis."""
        return "accuracy, per cent" if self.is_fraction else "score"

    @property
    def points(self) -> str:
        """What differences are counted in, with a blank before it; empty for scores."""
        return " points" if self.is_fraction else ""

    def shown(self, value: float, digits: int = 2) -> str:
        """A value as people read it: `93.42 %`, or `-0.034219`."""
        return f"{self.bare(value, digits)} %" if self.is_fraction else self.bare(value, digits)

    def bare(self, value: float, digits: int = 2) -> str:
        """The same without its unit."""
        return f"{100 * value:.{digits}f}" if self.is_fraction else _score(value, digits + 3)

    def change(self, change: float, digits: int = 2) -> str:
        """A difference with its sign: in percentage points, or that of two scores."""
        if self.is_fraction:
            return f"{100 * change:+.{digits}f}"
        return f"{change:+.{digits + 1}g}"

    def size(self, difference: float, digits: int = 2) -> str:
        """A difference or a spread without a sign: in percentage points, or that of scores."""
        if self.is_fraction:
            return f"{100 * difference:.{digits}f}"
        return f"{difference:.{digits + 1}g}"


def _score(value: float, digits: int) -> str:
    """So many digits that count, whole numbers with all of theirs."""
    return f"{value:.0f}" if 10 ** (digits - 1) <= abs(value) < LARGE else f"{value:.{digits}g}"


LARGE: Final = 1e9
"""Scores from this size on are written with a power of ten."""
PER_CENT: Final = Scale()
"""The scale of recorded benchmarks, whose values are fractions."""
