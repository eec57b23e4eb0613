"""The benchmarks by name."""

import difflib
from collections.abc import Iterable
from typing import Final

from deltanas.benchmarks import (
    fcnet,
    hpobench_mlp,
    hwgpt,
    nasbench101,
    nasbench101_validation,
    nasbench201,
    nasbench201_classes,
    nasbench301,
    nasbench_graph,
    ofa,
    transnas_micro,
)
from deltanas.benchmarks.base import Benchmark
from deltanas.benchmarks.family import Family
from deltanas.benchmarks.own_table import is_own_table, own_family
from deltanas.benchmarks.surrogate import Surrogate
from deltanas.errors import UnknownNameError

FAMILIES: Final[tuple[Family, ...]] = (
    nasbench201.FAMILY,
    nasbench201_classes.FAMILY,
    nasbench101.FAMILY,
    nasbench101_validation.FAMILY,
    nasbench_graph.FAMILY,
    transnas_micro.FAMILY,
    fcnet.FAMILY,
    hpobench_mlp.FAMILY,
    nasbench301.FAMILY,
    hwgpt.FAMILY,
    ofa.FAMILY,
)
"""All published benchmarks that there are adapters for."""


def names() -> tuple[str, ...]:
    """Names of all benchmarks, whether or not their data is on this machine."""
    return tuple(name for family in FAMILIES for name in family.names)


def family(name: str) -> Family:
    """What is known of the benchmark `name` before its data is read.

    Args:
        name: A full name, or its first half: `nasbench201:cifar10`, `nasbench201`. Or the path of
            a table of your own, `mine.csv` or `mine.parquet`.

    Raises:
        UnknownNameError: There is no benchmark, or no data set in it, of that name.
    """
    if is_own_table(name):
        return own_family(name)
    first, colon, dataset = name.partition(":")
    known = {each.name: each for each in FAMILIES}
    if first not in known:
        raise UnknownNameError(
            f"there is no benchmark {first!r}; {_near(first, known)}"
            f"benchmarks are {', '.join(known)}; `deltanas benchmarks` lists their data sets; "
            f"a table of your own ends in .csv or .parquet"
        )
    found = known[first]
    if colon and not found.datasets:
        raise UnknownNameError(
            f"benchmark {first!r} is one table without data sets, got {name!r}; write {first!r}"
        )
    if colon and dataset not in found.datasets:
        raise UnknownNameError(
            f"benchmark {first!r} has no data set {dataset!r}; "
            f"{_near(dataset, found.datasets)}its data sets are {', '.join(found.datasets)}"
        )
    return found


def load(name: str) -> Benchmark | Surrogate:
    """Read a benchmark's table, or its model.

    Args:
        name: One of `names()`, e.g. `nasbench201:cifar10`, or the path of a table of your own,
            `mine.csv` or `mine.parquet`; see `own_table.py`.

    Raises:
        UnknownNameError: There is no such benchmark; near names are offered.
        MissingDataError: Its data is not on this machine; the message says how to get it.
        UnsafeDataError: A data file would run code when read; it was refused unread.
        DataError: A data file is truncated, altered or not what its name says.
    """
    found = family(name)
    if is_own_table(name):
        return found.load("")
    dataset = name.partition(":")[2]
    if not dataset and found.datasets:
        raise UnknownNameError(
            f"a benchmark's name ends in a data set, got {name!r}; "
            f"names are {', '.join(found.names)}"
        )
    return found.load(dataset)


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name.lower(), list(known), n=2, cutoff=0.5)
    return f"did you mean {' or '.join(map(repr, near))}? " if near else ""
