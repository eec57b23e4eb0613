"""The authors' file of NAS-Bench-101: `nasbench_only108.tfrecord`, 499 MB.

A file of TensorFlow's records. Each is the JSON `[hash, epochs, adjacency, operations,
metrics]` of one training: the cell's official hash, 108, the rows of its adjacency matrix as
one text of zeros and ones, its operations from `input` to `output` with commas between, and
the measurements as a protocol buffer in base64 (see `metrics_message`). A cell has three
records, which are three trainings; they are numbered here in the order of the file.

Kept are the accuracies, seconds and parameters at the end of a training. Left out is what was
measured half-way. The hash of every cell is worked out again, so two functionally equal cells
cannot be told apart by accident.

Source: read by the authors' nasbench/api.py (github.com/google-research/nasbench).
"""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from deltanas.benchmarks.canonical_checks import REMEDY, first_duplicate, refuse_contradictions
from deltanas.benchmarks.canonical_layout import (
    Columns,
    Layout,
    amount,
    fraction,
    text,
    whole,
)
from deltanas.benchmarks.importers.metrics_message import read_metrics
from deltanas.benchmarks.importers.tfrecord import read_records
from deltanas.benchmarks.nasbench101_table import CHUNK, ROWS, codes_of_rows
from deltanas.errors import DataError
from deltanas.spaces import NasBench101
from deltanas.spaces.nasbench101 import OPERATIONS, VERTICES
from deltanas.spaces.node_graphs import pairs

EPOCHS: Final = 108
RUNS: Final = 3
EVALUATIONS: Final = 3
OFTEN: Final = 20_000
"""Records after which progress is told."""
A_MONTH: Final = 3e6


def refuse_missing(columns: Columns, file: str) -> None:
    """Refuse a table without three trainings of every cell, in the order of the hashes."""
    keys, runs = columns["key"], np.ma.getdata(columns["run"])
    if len(keys) != ROWS * RUNS:
        raise DataError(
            f"{file} should hold {RUNS} trainings of each of the {ROWS:,} cells, got {len(keys):,} "
            f"trainings; {REMEDY}"
        )
    cells = np.ma.getdata(keys).reshape(ROWS, RUNS)
    wrong = (runs.reshape(ROWS, RUNS) != np.arange(RUNS)).any(1) | (cells != cells[:, :1]).any(1)
    disorder = np.append(cells[1:, 0] <= cells[:-1, 0], False)
    if (wrong | disorder).any():
        row = int(np.argmax(wrong | disorder))
        raise DataError(
            f"{file} should hold trainings 0 to {RUNS - 1} of each cell once, in the order of "
            f"their hashes, got something else at {cells[row, 0][:40]} in row {row * RUNS}; "
            f"{REMEDY}"
        )


LAYOUT: Final = Layout(
    benchmark="nasbench101-validation",
    file="nasbench101-validation.parquet",
    columns=(
        text("key", "official hash of the cell"),
        whole("run", "number of the training", most=RUNS - 1),
        whole("vertices", "of the cell, input and output included", least=2, most=VERTICES),
        whole("edge_bits", "adjacency, bit k is the k-th pair i<j by rows", least=1, most=2**21),
        whole("operation_digits", "base 3, vertex 1 lowest", most=3 ** (VERTICES - 2)),
        whole("epochs", "length of the training", least=EPOCHS, most=EPOCHS, unit="epochs"),
        fraction("train_accuracy", "at the end, 10,000 training images"),
        fraction("validation_accuracy", "at the end, 10,000 images held out"),
        fraction("test_accuracy", "at the end, 10,000 images"),
        amount("seconds", "of training", unit="seconds", most=A_MONTH),
        amount("parameters_m", "trainable", unit="millions", most=50.0),
    ),
    unique=("key", "run"),
    seeds="three trainings a cell, numbered in the order of the authors' file; seeds not told",
    splits="40,000 training, 10,000 validation and 10,000 test images of CIFAR-10",
    citation=(
        "Ying et al., NAS-Bench-101: Towards Reproducible Neural Architecture Search, ICML 2019"
    ),
    licence="Apache-2.0",
    complete=refuse_missing,
)


def read(path: Path, told: Callable[[int, int], None]) -> Columns:
    """All trainings in the file, by hash and number.

    Args:
        path: The file.
        told: Called with how many records are done, and of how many.

    Raises:
        DataError: It is truncated, altered or another file; the message names the record.
    """
    rows: dict[str, list[Any]] = {column.name: [] for column in LAYOUT.columns}
    runs: dict[str, int] = {}
    for number, record in enumerate(read_records(path, remedy=REMEDY)):
        try:
            _add(rows, runs, record)
        except (ValueError, TypeError, KeyError) as error:
            raise DataError(
                f"{path} should hold records [hash, epochs, adjacency, operations, metrics] of "
                f"NAS-Bench-101, got another one as record {number} ({str(error)[:160]}); {REMEDY}"
            ) from None
        if number % OFTEN == 0:
            told(number, ROWS * RUNS)
    columns: Columns = {name: np.array(values) for name, values in rows.items()}
    if not len(columns["key"]):
        raise DataError(f"{path} should hold records of NAS-Bench-101, got none; {REMEDY}")
    refuse_wrong_keys(columns, path)
    order = np.lexsort((columns["run"], columns["key"]))
    ordered = {name: values[order] for name, values in columns.items()}
    ordered["key"] = ordered["key"].astype(object)
    return ordered


def _add(rows: dict[str, list[Any]], runs: dict[str, int], record: bytes) -> None:
    """Add the training of a record."""
    key, epochs, adjacency, operations, metrics = json.loads(record)
    if epochs != EPOCHS:
        raise ValueError(f"{EPOCHS} epochs were expected, it has {str(epochs)[:20]}")
    message = read_metrics(base64.b64decode(metrics))
    if len(message.evaluations) != EVALUATIONS:
        raise ValueError(f"{EVALUATIONS} evaluations, got {len(message.evaluations)}")
    final = message.evaluations[-1]
    size = round(len(adjacency) ** 0.5)
    bits = _bits(adjacency, size)
    digits = _digits(operations.split(","), size)
    run = runs.get(key, 0)
    runs[key] = run + 1
    accuracies = (final.train_accuracy, final.validation_accuracy, final.test_accuracy)
    cell = (key, run, size, bits, digits, epochs)
    values = (*cell, *accuracies, final.seconds, message.parameters / 1e6)
    for name, value in zip(rows, values, strict=True):
        rows[name].append(value)


def _bits(adjacency: str, size: int) -> int:
    if not 2 <= size <= VERTICES or len(adjacency) != size * size or set(adjacency) - {"0", "1"}:  # noqa: PLR2004
        raise ValueError(f"an adjacency of 0 and 1 for 2 to {VERTICES} vertices, got {adjacency!r}")
    upper = [adjacency[i * size + j] for i, j in pairs(size)]
    if upper.count("1") != adjacency.count("1"):
        raise ValueError(f"an upper triangular adjacency, got {adjacency!r}")
    return sum(1 << place for place, bit in enumerate(upper) if bit == "1")


def _digits(operations: list[str], size: int) -> int:
    inside = operations[1:-1]
    ends = operations[:1] + operations[-1:]
    if len(operations) != size or ends != ["input", "output"] or set(inside) - set(OPERATIONS):
        raise ValueError(f"{size} operations from input to output, got {operations}")
    return sum(
        OPERATIONS.index(name) * len(OPERATIONS) ** place for place, name in enumerate(inside)
    )


def refuse_wrong_keys(columns: Columns, path: Path) -> None:
    """Refuse records whose hash is not that of their cell, or that tell one hash of two cells.

    Raises:
        DataError: There is such a record.
    """
    cells = ("vertices", "edge_bits", "operation_digits")
    codes = codes_of_rows(
        {
            "n_vertices": columns["vertices"],
            "bits": columns["edge_bits"],
            "ops": columns["operation_digits"],
        }
    )
    space = NasBench101()
    # Each cell once: its records follow from equal rows.
    _, first, which = np.unique(
        np.column_stack([columns[name] for name in cells]),
        axis=0, return_index=True, return_inverse=True,
    )  # fmt: skip
    keys: NDArray[Any] = np.empty(len(first), dtype=object)
    for start in range(0, len(first), CHUNK):
        chosen = codes[first[start : start + CHUNK]]
        valid = space.are_valid(chosen)
        if not valid.all():
            record = int(first[start + int(np.argmin(valid))])
            raise DataError(
                f"{path} should hold cells of NAS-Bench-101, got one without a path to its output "
                f"or with too many edges as record {record} ({columns['key'][record][:40]}); "
                f"{REMEDY}"
            )
        keys[start : start + CHUNK] = space.keys(chosen)
    worked_out = keys[which.ravel()]
    _refuse_twins(columns, worked_out, path)
    wrong = np.flatnonzero(worked_out != columns["key"])
    if len(wrong):
        record = int(wrong[0])
        raise DataError(
            f"{path} should hold the hash {worked_out[record]} for record {record}, which is that "
            f"of its cell, got {str(columns['key'][record])[:40]}; {REMEDY}"
        )


def _refuse_twins(columns: Columns, worked_out: NDArray[Any], path: Path) -> None:
    """Refuse functionally equal cells that are told as two, with different accuracies."""
    run = columns["run"].astype(str)
    named = np.char.add(np.char.add(worked_out.astype(str), " run "), run)
    if first_duplicate([worked_out, columns["run"]]) is not None:
        names = np.char.add(columns["key"].astype(str), np.char.add(" run ", run))
        refuse_contradictions(named, columns["test_accuracy"], names, str(path))
