"""What NAS-Bench-201 and NATS-Bench record of a cell, as rows of the canonical table.

Both keep the same dicts for each cell and each number of epochs (12 and 200):
`{"arch_index": 7, "arch_str": "|...|", "dataset_seed": {"cifar10": [777, 888]},
"all_results": {("cifar10", 777): {...}}, ...}`. A training is `{"seed": 777, "epochs": 200,
"params": 0.129, "flop": 15.6, "latency": [0.0139], "train_times": {0: 7.2, ...},
"train_acc1es": {0: 31.5, ...}, "eval_acc1es": {"x-valid@199": 82.1, ...}, ...}`; accuracies
are per cent after each epoch, counted from 0, of which the last one is kept.

`cifar10-valid` are trainings on half of CIFAR-10's training images; `x-valid` is the other
half. `cifar10` are trainings on all of them, so they have test accuracies (`ori-test`) only.
CIFAR-100 and ImageNet16-120 have both, on halves of the original test images (`x-valid`,
`x-test`).

Source: formats as read and written by the authors' api_utils.py (github.com/D-X-Y/NATS-Bench
and NAS-Bench-201).
"""

import itertools
from collections.abc import Iterable
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from deltanas.benchmarks.canonical_checks import REMEDY
from deltanas.benchmarks.canonical_layout import (
    Columns,
    Layout,
    amount,
    fraction,
    text,
    whole,
)
from deltanas.errors import DataError
from deltanas.spaces import NasBench201

PER_CENT: Final = 100.0
SPLITS: Final = MappingProxyType(
    {
        "cifar10-valid": ("x-valid", "ori-test"),
        "cifar10": (None, "ori-test"),
        "cifar100": ("x-valid", "x-test"),
        "ImageNet16-120": ("x-valid", "x-test"),
    }
)
"""Names of validation and test images by what a network was trained on."""
LONGEST: Final = 200
"""Epochs of the trainings that every cell must have."""
A_MONTH: Final = 3e6
Rows = dict[str, list[Any]]


def refuse_missing(columns: Columns, file: str) -> None:
    """Refuse a table in which a cell lacks a training of 200 epochs on one of the data sets."""
    cells = {space_text(digits) for digits in itertools.product(range(5), repeat=6)}
    long = np.ma.getdata(columns["epochs"]) == LONGEST
    for training_set in SPLITS:
        chosen = long & (columns["training_set"] == training_set)
        found = set(columns["architecture"][chosen].tolist())
        if found != cells:
            strange, missing = sorted(found - cells), sorted(cells - found)
            what = f"the stranger {strange[0][:100]!r}" if strange else f"none of {missing[0]}"
            raise DataError(
                f"{file} should hold trainings of all {len(cells):,} cells for {LONGEST} epochs "
                f"on {training_set}, got {len(found & cells):,} of them and {what}; {REMEDY}"
            )


def space_text(digits: Iterable[int]) -> str:
    """A cell as the authors write it."""
    names = [NasBench201.operations[digit] for digit in digits]
    blocks = (names[:1], names[1:3], names[3:])
    return "+".join(
        f"|{'|'.join(f'{name}~{source}' for source, name in enumerate(block))}|" for block in blocks
    )


LAYOUT: Final = Layout(
    benchmark="nasbench201",
    file="nasbench201.parquet",
    columns=(
        text("architecture", "the cell as the authors write it"),
        text("training_set", "what it was trained on; cifar10-valid is half of cifar10"),
        whole("epochs", "length of the training", most=LONGEST, unit="epochs", least=1),
        whole("seed", "random seed of the training", most=10**6),
        fraction("validation_accuracy", "after the last epoch", optional=True),
        fraction("test_accuracy", "after the last epoch", optional=True),
        fraction("train_accuracy", "after the last epoch", optional=True),
        amount("seconds", "of training, all epochs", unit="seconds", most=A_MONTH, optional=True),
        amount("latency_s", "of one batch", unit="seconds", most=A_MONTH, optional=True),
        amount("parameters_m", "of the network", unit="millions", most=100.0),
        amount("flops_m", "of one image", unit="millions", most=1e5),
    ),
    unique=("architecture", "training_set", "epochs", "seed"),
    seeds="the authors' own: 777, 888 and 999; 12 epochs with some of them only",
    splits=(
        "validation: x-valid (cifar10-valid: the half of the training images that is left); "
        "test: ori-test for CIFAR-10, x-test for the others; top-1"
    ),
    citation=(
        "Dong & Yang, NAS-Bench-201, ICLR 2020; Dong, Liu, Musial & Gabrys, NATS-Bench, TPAMI 2021"
    ),
    licence="MIT (code of both); the authors name no other licence for the data",
    complete=refuse_missing,
)


def add_trainings(rows: Rows, records: object, cell: str, file: str) -> None:
    """Add a row for each training that is recorded of a cell.

    Args:
        rows: Lists by the names of the columns.
        records: What the file holds of the cell and a number of epochs.
        cell: The cell that it should be of.
        file: The file, for messages.

    Raises:
        DataError: It is not what is recorded of this cell, or a number is none or out of range.
    """
    results = records.get("all_results") if isinstance(records, dict) else None
    told = records.get("arch_str") if isinstance(records, dict) else None
    if not isinstance(results, dict) or told != cell:
        raise DataError(
            f"{file} should hold 'all_results' of the cell {cell}, got "
            f"{str(told)[:100]!r} with {type(results).__name__}; {REMEDY}"
        )
    for name, result in results.items():
        if not (isinstance(name, tuple) and len(name) == 2 and isinstance(result, dict)):  # noqa: PLR2004
            raise DataError(
                f"{file} should hold trainings by (data set, seed), got {str(name)[:80]!r} for "
                f"the cell {cell}; {REMEDY}"
            )
        training_set, seed = name
        if training_set not in SPLITS or not _is_whole(seed):
            raise DataError(
                f"{file} should hold trainings on {', '.join(SPLITS)} with whole seeds, got "
                f"{str(name)[:80]} for the cell {cell}; {REMEDY}"
            )
        where = f"{file}, cell {cell}, {training_set}, seed {seed}"
        _add_training(rows, result, where, (cell, training_set, seed))


def _add_training(
    rows: Rows, result: dict[Any, Any], where: str, named: tuple[str, str, int]
) -> None:
    cell, training_set, seed = named
    epochs = result.get("epochs")
    if not _is_whole(epochs) or not 0 < int(epochs) <= LONGEST:  # type: ignore[arg-type]
        raise DataError(
            f"{where}: 'epochs' should be from 1 to {LONGEST}, got {str(epochs)[:80]}; {REMEDY}"
        )
    last = int(epochs) - 1  # type: ignore[arg-type]
    validation, test = SPLITS[training_set]
    accuracies = result.get("eval_acc1es")
    rows["architecture"].append(cell)
    rows["training_set"].append(training_set)
    rows["epochs"].append(int(epochs))  # type: ignore[arg-type]
    rows["seed"].append(int(seed))
    for column, key in (("validation_accuracy", validation), ("test_accuracy", test)):
        found = _entry(accuracies, f"{key}@{last}") if key else None
        rows[column].append(_fraction(found, f"{where}: {key}@{last}"))
    if rows["validation_accuracy"][-1] is rows["test_accuracy"][-1] is None:
        raise DataError(
            f"{where}: an accuracy after the last epoch should be recorded as "
            f"'{test}@{last}' in 'eval_acc1es', got none; {REMEDY}"
        )
    train = _entry(result.get("train_acc1es"), last)
    rows["train_accuracy"].append(_fraction(train, f"{where}: train_acc1es"))
    rows["seconds"].append(_total(result.get("train_times"), f"{where}: train_times"))
    rows["latency_s"].append(_mean(result.get("latency"), f"{where}: latency"))
    rows["parameters_m"].append(_number(result.get("params"), f"{where}: params"))
    rows["flops_m"].append(_number(result.get("flop"), f"{where}: flop"))


def _entry(table: object, key: object) -> object:
    return table.get(key) if isinstance(table, dict) else None


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: object, where: str) -> float:
    # NaN fails both comparisons.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value < float("inf"):  # type: ignore[operator]
        raise DataError(f"{where} should be a number, 0 or more, got {str(value)[:80]}; {REMEDY}")
    return float(value)  # type: ignore[arg-type]


def _fraction(value: object, where: str) -> float | None:
    if value is None:
        return None
    number = _number(value, where)
    if number > PER_CENT:
        raise DataError(f"{where} should be per cent, at most 100, got {number:g}; {REMEDY}")
    return number / PER_CENT


def _total(times: object, where: str) -> float | None:
    values = list(times.values()) if isinstance(times, dict) else []
    return sum(_number(value, where) for value in values) if values else None


def _mean(values: object, where: str) -> float | None:
    if not isinstance(values, list) or not values:
        return None
    return sum(_number(value, where) for value in values) / len(values)
