"""Names of metrics and their units: `latency_ms` is a latency in milliseconds.

A metric carries its unit at the end of its name, as everywhere in deltanas. Users may name
the quantity alone and give the unit with the number: `params<=600M`, `latency<=40ms`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, final

COUNTS: Final[Mapping[str, float]] = MappingProxyType(
    {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "B": 1e9}
)
"""What may stand behind a count."""
MEASURES: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "time": MappingProxyType({"us": 1e-6, "ms": 1e-3, "s": 1.0}),
        "energy": MappingProxyType({"mj": 1e-3, "j": 1.0, "kwh": 3.6e6}),
        "memory": MappingProxyType({"kb": 1e3, "mb": 1e6, "gb": 1e9}),
    }
)
"""Units of each dimension, in its base unit; written in any case."""
MEGAJOULE: Final = 1e6
"""Of energies the case of a large M counts: a milli- is no megajoule."""
ENDINGS: Final[Mapping[str, float]] = MappingProxyType({"k": 1e3, "m": 1e6, "g": 1e9})
"""Endings of names of metrics that count in thousands, millions, milliards."""
BYTES: Final[Mapping[str, float]] = MappingProxyType({"GB": 1e9, "MB": 1e6, "kB": 1e3})
"""How memory is shown."""
SMALL: Final = 1e-4
"""Counts in millions below this are shown as plain numbers."""
SAME: Final[Mapping[str, str]] = MappingProxyType({"params": "parameters"})
"""Short names of quantities."""


@final
@dataclass(frozen=True, slots=True)
class Quantity:
    """What a metric is of, and in what."""

    metric: str
    """Its full name: `parameters_m`."""
    name: str
    """Its name without unit: `parameters`."""
    unit: str
    """How numbers of it are shown: `M`, `ms`, or nothing."""
    dimension: str
    """`count`, `time`, `energy` or `memory`."""
    scale: float
    """Base units in one unit of the metric."""

    @classmethod
    def of(cls, metric: str) -> "Quantity":
        """Read the name of a metric."""
        plain = metric.removeprefix("cost:")
        name, line, ending = plain.rpartition("_")
        if line:
            for dimension, units in MEASURES.items():
                if ending in units:
                    return cls(metric, name, ending, dimension, units[ending])
            if ending in ENDINGS:
                return cls(metric, name, ending.upper(), "count", ENDINGS[ending])
        return cls(metric, plain, "", "count", 1.0)

    @property
    def names(self) -> tuple[str, ...]:
        """All that a user may call it."""
        short = [each for each, long in SAME.items() if long == self.name]
        return (self.metric, self.metric.removeprefix("cost:"), self.name, *short)

    @property
    def units(self) -> tuple[str, ...]:
        """Units that a number of it may carry."""
        known = COUNTS if self.dimension == "count" else MEASURES[self.dimension]
        return tuple(each for each in known if each)

    def factor(self, unit: str) -> float | None:
        """Units of the metric in one of another unit; None if that is of something else."""
        if self.dimension == "count":
            each = COUNTS.get(unit)
        elif self.dimension == "energy" and unit.startswith("M"):
            each = MEGAJOULE if unit == "MJ" else None
        else:
            each = MEASURES[self.dimension].get(unit.lower())
        return None if each is None else each / self.scale

    def shown(self, value: float) -> str:
        """A value with its unit: `0.473M`, `40ms`, `12kB`; a bare count in thousands and so on."""
        if self.dimension == "count" and not self.unit:
            for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e4)):
                if abs(value) >= size:
                    return f"{value / COUNTS[unit]:.4g}{unit}"
        if self.dimension == "memory":
            each = next((u for u in ("GB", "MB") if abs(value) * self.scale >= BYTES[u]), "kB")
            return f"{value * self.scale / BYTES[each]:.4g}{each}"
        if self.dimension == "count" and 0 < abs(value) < SMALL:
            return f"{value * self.scale:.4g}"
        return f"{value:.4g}{self.unit}"
