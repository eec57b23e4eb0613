"""NAS-Bench-Graph: 26,206 graph neural networks, each trained on eight graphs.

The numbers come with the package `nas-bench-graph`, as one pickle a data set:
`{0: {"valid_perf": 0.773, "perf": 0.797, "latency": 0.0059, "para": 1.737}}`. The last four
digits of the number are the operations of nodes 1 to 4, what stands before them is one of
nine link patterns. The package is located and never imported, and its pickles are read
without executing them; their parameters are numpy numbers, which become floats.

Each network was trained with three seeds; the package records the means only, so a query
that asks for one training is told the mean as well. No seconds of training are recorded.
The table of `proteins` is left out: it has 2,021 networks of another set of operations.

Source: Qin et al., NeurIPS 2022. Accuracies are those on the validation and test nodes;
latency is that of one forward pass over the graph.
"""

from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float

from deltanas.benchmarks.base import Benchmark
from deltanas.benchmarks.family import Family
from deltanas.benchmarks.plain_pickle import read_plain_pickle
from deltanas.benchmarks.sources import package_folder, package_is_there, package_path
from deltanas.errors import DataError
from deltanas.spaces import Codes, NasBenchGraph

PACKAGE: Final = "nas_bench_graph"
INSTALL: Final = "pip install nas-bench-graph"
REMEDY: Final = f"get it anew with `{INSTALL} --force-reinstall`"
CITATION: Final = (
    "Qin, Zhang, Wang, Zhang & Zhu, NAS-Bench-Graph: Benchmarking Graph Neural Architecture "
    "Search, NeurIPS 2022 Datasets and Benchmarks"
)
LICENCE: Final = "Apache-2.0, from the package nas-bench-graph"
DATASETS: Final = ("cora", "citeseer", "pubmed", "cs", "physics", "photo", "computers", "arxiv")
NETWORKS = 26_206
LINKS: Final = (
    *("0000", "0001", "0011", "0012", "0013"),
    *("0111", "0112", "0122", "0123"),
)
"""What nodes 1 to 4 take in each link pattern."""
LARGEST: Final = (("valid_perf", 1.0), ("perf", 1.0), ("latency", 3e6), ("para", 1e6))
"""Measurements and their largest possible value: fractions, seconds, millions."""
Columns = dict[str, Float[np.ndarray, " networks"]]


def load(dataset: str) -> Benchmark:
    """Read the table of one data set."""
    path = _folder() / f"{dataset}.bench"
    table = read_plain_pickle(path, remedy=REMEDY, numpy=True)
    space = NasBenchGraph()
    codes, row_of = checked_networks(table, space, path)
    columns = checked_records(table, path)
    return Benchmark(
        name=f"nasbench-graph:{dataset}",
        space=space,
        citation=CITATION,
        licence=LICENCE,
        runs=tuple((mean,) for mean in columns["valid_perf"].tolist()),
        metrics={"latency_ms": 1000 * columns["latency"], "parameters_m": columns["para"]},
        test_accuracies=columns["perf"],
        table=codes,
        row_of=row_of,
    )


def is_installed() -> bool:
    """Whether the package is there; it is not imported."""
    return package_is_there(PACKAGE)


def files() -> tuple[Path, ...]:
    """The tables of the package, if it is installed."""
    package = package_path(PACKAGE)
    found = [] if package is None else [package / "light" / f"{each}.bench" for each in DATASETS]
    return tuple(path for path in found if path.is_file())


def checked_networks(
    table: object, space: NasBenchGraph, path: Path
) -> tuple[Codes, dict[str, int]]:
    """Code of each network of a table in its order, and the row of each key.

    Args:
        table: What the file holds.
        space: The space of the networks.
        path: The file, for messages.

    Raises:
        DataError: It is not a complete table of NAS-Bench-Graph.
    """
    size = f"{len(table)} entries" if isinstance(table, dict) else type(table).__name__
    expected = f"{path} should hold the {NETWORKS} networks of NAS-Bench-Graph by their numbers"
    if not isinstance(table, dict) or len(table) != NETWORKS:
        raise DataError(f"{expected}, got {size}; {REMEDY}")
    codes = [_code(number) for number in table]
    if None in codes:
        stranger = [*table][codes.index(None)]
        raise DataError(
            f"{expected} (a link pattern from 0 to 8, four digits), got the number "
            f"{str(stranger)[:80]!r}; {REMEDY}"
        )
    found: Codes = np.array(codes, dtype=np.int32)
    row_of: dict[str, int] = {}
    for row, (number, key) in enumerate(zip(table, space.keys(found), strict=True)):
        if row_of.setdefault(key, row) != row or not key:
            raise DataError(
                f"{expected}, each once, got {number}, which is no other network than one before "
                f"or none at all; {REMEDY}"
            )
    return found, row_of


def checked_records(table: object, path: Path) -> Columns:
    """What a table records, one column a measurement, in its order.

    Args:
        table: What the file holds.
        path: The file, for messages.

    Raises:
        DataError: A measurement is missing, no number, or out of range.
    """
    records = table if isinstance(table, dict) else {}
    columns: Columns = {}
    for measurement, largest in LARGEST:
        values = []
        for number, record in records.items():
            value = record.get(measurement) if isinstance(record, dict) else None
            # NaN fails both comparisons.
            if not isinstance(value, float) or not 0 < value <= largest:
                raise DataError(
                    f"{path} should record {measurement!r} of network {number} as a number above "
                    f"0, at most {largest:g}, got {str(value)[:80]}; {REMEDY}"
                )
            values.append(value)
        columns[measurement] = np.array(values)
    return columns


def _code(number: object) -> list[int] | None:
    """Code of a network by its number in the table; None if it is no such number."""
    if not isinstance(number, int) or number < 0:
        return None
    link, operations = divmod(number, 10_000)
    digits = [int(digit) for digit in f"{operations:04d}"]
    if link >= len(LINKS) or max(digits) > 8:  # noqa: PLR2004  the last of nine operations
        return None
    return [*map(int, LINKS[link][1:]), *digits]


def _folder() -> Path:
    """Folder of the package's pickles."""
    package = package_folder(PACKAGE, need="NAS-Bench-Graph needs its tables", install=INSTALL)
    return package / "light"


FAMILY: Final = Family(
    name="nasbench-graph",
    datasets=DATASETS,
    description="26,206 graph neural networks, each trained three times",
    citation=CITATION,
    licence=LICENCE,
    is_installed=is_installed,
    load=load,
    package="nas-bench-graph",
    files=files,
)
