"""The benchmarks by name: one line each."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, final

from deltanas.benchmarks.base import Benchmark
from deltanas.benchmarks.nasbench201 import FILES, PACKAGE, nasbench201
from deltanas.errors import UnknownNameError


@final
@dataclass(frozen=True, slots=True)
class Family:
    """One published benchmark, with its data sets."""

    description: str
    """What it is, in one line."""
    datasets: tuple[str, ...]
    """Names of its data sets, the default one first."""
    load: Callable[[str], Benchmark]
    """Reads the table of one data set."""
    package: str
    """Package that brings the data."""


FAMILIES: Final[Mapping[str, Family]] = MappingProxyType(
    {
        "nasbench201": Family(
            "15,625 convolutional cells, every one trained 2 or 3 times for 200 epochs",
            tuple(FILES),
            nasbench201,
            PACKAGE,
        ),
    }
)


def names() -> tuple[str, ...]:
    """Names of all benchmarks: `family:dataset`."""
    return tuple(f"{name}:{each}" for name, family in FAMILIES.items() for each in family.datasets)


def load(name: str) -> Benchmark:
    """Read a benchmark.

    Args:
        name: One of `names()`, e.g. `nasbench201:cifar10`.

    Raises:
        UnknownNameError: There is no such benchmark, or it has no such data set.
        DataError: Its data is missing, altered or truncated.
    """
    family, colon, dataset = name.partition(":")
    if family not in FAMILIES:
        raise _unknown("benchmark", family, tuple(FAMILIES), "deltanas benchmarks")
    datasets = FAMILIES[family].datasets
    if not colon or dataset not in datasets:
        raise _unknown(f"data set of {family}", dataset, datasets, f"for example {names()[0]}")
    return FAMILIES[family].load(dataset)


def _unknown(what: str, name: str, known: Sequence[str], more: str) -> UnknownNameError:
    near = difflib.get_close_matches(name, known, n=2, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return UnknownNameError(
        f"there is no {what} named {name!r}; {hint}There is {', '.join(known)} ({more})"
    )
