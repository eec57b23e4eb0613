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
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from deltanas.benchmarks.canonical import columns_of
from deltanas.benchmarks.canonical_checks import REMEDY
from deltanas.benchmarks.canonical_layout import (
    Columns,
    Kind,
    Layout,
    amount,
    fraction,
    text,
    whole,
)
from deltanas.errors import DataError
from deltanas.spaces.nasbench201 import OPERATIONS

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
    cells = set(all_cells())
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


def all_cells() -> list[str]:
    """The cells as the authors write them, in the order of `NasBench201.all_codes()`."""
    return [
        f"|{a}~0|+|{b}~0|{c}~1|+|{d}~0|{e}~1|{f}~2|"
        for a, b, c, d, e, f in itertools.product(OPERATIONS, repeat=6)
    ]


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


def refuse_fractions(values: list[Any], name: str, file: str) -> None:
    """Refuse accuracies that should be per cent and are all at most 1.

    Args:
        values: What was recorded; None where nothing was.
        name: What it is, for the message.
        file: The file, for messages.

    Raises:
        DataError: They are; nobody publishes a benchmark without one network above 1 %.
    """
    known = [value for value in values if value is not None]
    if known and max(known) <= 1:
        raise DataError(
            f"{file}: {name!r} should be per cent, got {max(known):g} as the largest of "
            f"{len(known):,}, which looks like fractions; {REMEDY}"
        )


def add_trainings(rows: Rows, records: object, cell: str, file: str) -> None:
    """Add a row for each training that is recorded of a cell; `trainings` checks the numbers.

    Args:
        rows: Lists by the names of the columns, accuracies in per cent.
        records: What the file holds of the cell and a number of epochs.
        cell: The cell that it should be of.
        file: The file, for messages.

    Raises:
        DataError: It is not what is recorded of this cell.
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
        if training_set not in SPLITS or type(seed) is not int:
            raise DataError(
                f"{file} should hold trainings on {', '.join(SPLITS)} with whole seeds, got "
                f"{str(name)[:80]} for the cell {cell}; {REMEDY}"
            )
        try:
            values = (cell, training_set, result["epochs"], seed, *_measured(result, training_set))
        except (KeyError, TypeError, AttributeError, ZeroDivisionError) as error:
            raise DataError(
                f"{file}, cell {cell}, {training_set}, seed {seed}: 'epochs', 'params', 'flop', "
                f"'eval_acc1es' and the like should be recorded, got something else ({error!r}); "
                f"{REMEDY}"
            ) from None
        if values[4] is values[5] is None:
            raise DataError(
                f"{file}, cell {cell}, {training_set}, seed {seed}: 'eval_acc1es' should tell an "
                f"accuracy after the last epoch, got none; {REMEDY}"
            )
        for column, value in zip(rows.values(), values, strict=True):
            column.append(value)


def _measured(result: dict[Any, Any], training_set: str) -> tuple[Any, ...]:
    """Accuracies in per cent, seconds, latency, parameters and FLOPs of a training."""
    last = result["epochs"] - 1
    validation, test = SPLITS[training_set]
    accuracies = result["eval_acc1es"]
    times, latency = result.get("train_times"), result.get("latency")
    return (
        accuracies.get(f"{validation}@{last}"),
        accuracies.get(f"{test}@{last}"),
        result["train_acc1es"].get(last),
        sum(times.values()) if times else None,
        sum(latency) / len(latency) if latency else None,
        result["params"],
        result["flop"],
    )


def trainings(rows: Rows, file: str) -> Columns:
    """The rows as columns, by cell, set, epochs and seed, accuracies as fractions.

    Args:
        rows: What `add_trainings` gathered.
        file: The file, for messages.

    Raises:
        DataError: A number is none or out of range.
    """
    for column in LAYOUT.columns:
        if column.kind is Kind.TEXT:
            continue
        values = rows[column.name]
        per_cent = column.unit == "fraction"
        most = PER_CENT if per_cent else column.most
        for row, value in enumerate(values):
            if value is None and column.optional:
                continue
            # NaN fails both comparisons; True is no number.
            if type(value) not in (int, float) or not column.least <= value <= most:
                unit = "per cent" if per_cent else column.unit
                named = ", ".join(f"{name} {rows[name][row]}" for name in LAYOUT.unique)
                raise DataError(
                    f"{file}, {named}: {column.name!r} should be a number from {column.least:g} to "
                    f"{most:g} ({unit}), got {str(value)[:80]}; {REMEDY}"
                )
        if per_cent:
            refuse_fractions(values, column.name, file)
            rows[column.name] = [None if each is None else each / PER_CENT for each in values]
    columns = columns_of(LAYOUT, rows)
    order = np.lexsort([columns[name] for name in reversed(LAYOUT.unique)])
    return {name: values[order] for name, values in columns.items()}
