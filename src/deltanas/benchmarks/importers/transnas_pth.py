"""The authors' file of TransNAS-Bench-101: `transnas-bench_v10141024.pth`.

A file that torch saved, with `{"task_list": [...], "metrics_dict": {task: [metrics]},
"info_names": [...], "data": {"micro": {cell: {task: {"total_epochs": 25, "model_info": {...},
"metrics": {"valid_top1": [one number an epoch], ...}}}}, "macro": {...}}}`. Cells are texts
like `64-41414-1_02_333`.

Kept are validation and test metric after the last epoch, for the metric that searches use:
top-1 and pixel accuracies, recorded in per cent, structural similarities, recorded as
fractions, and for the room layout 1 minus the loss, of which the negative is recorded. Left
out are seconds, parameters and FLOPs, whose units the authors do not state, and the macro
space, for which there is no adapter.

Source: read by the authors' api/api.py (github.com/yawen-d/TransNASBench).
"""

import itertools
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from deltanas.benchmarks.canonical import columns_of
from deltanas.benchmarks.canonical_checks import REMEDY
from deltanas.benchmarks.canonical_layout import Columns, Layout, fraction, text, whole
from deltanas.benchmarks.importers.nasbench201_trainings import PER_CENT, refuse_fractions
from deltanas.benchmarks.importers.torch_file import read_torch_file
from deltanas.errors import DataError

METRICS: Final = MappingProxyType(
    {
        "class_scene": ("top1", 0.0, 100.0),
        "class_object": ("top1", 0.0, 100.0),
        "room_layout": ("neg_loss", -2.0, 0.0),
        "jigsaw": ("top1", 0.0, 100.0),
        "segmentsemantic": ("acc", 0.0, 100.0),
        "normal": ("ssim", 0.0, 1.0),
        "autoencoder": ("ssim", 0.0, 1.0),
    }
)
"""Metric of each task, and the range in which it is recorded."""


def cells() -> list[str]:
    """All cells as the authors write them."""
    return [
        f"64-41414-{d[0]}_{d[1]}{d[2]}_{d[3]}{d[4]}{d[5]}"
        for d in itertools.product("0123", repeat=6)
    ]


def refuse_missing(columns: Columns, file: str) -> None:
    """Refuse a table that lacks a cell on one of the tasks."""
    wanted = set(cells())
    for task in METRICS:
        found = set(columns["architecture"][columns["task"] == task].tolist())
        if found != wanted:
            strange, missing = sorted(found - wanted), sorted(wanted - found)
            what = f"the stranger {strange[0][:80]!r}" if strange else f"none of {missing[0]}"
            raise DataError(
                f"{file} should hold all {len(wanted):,} cells on {task}, got "
                f"{len(found & wanted):,} of them and {what}; {REMEDY}"
            )


LAYOUT: Final = Layout(
    benchmark="transnas-micro",
    file="transnas-micro.parquet",
    columns=(
        text("architecture", "the cell as the authors write it"),
        text("task", "one of the seven"),
        text("metric", "the authors' name of what was measured"),
        whole("epochs", "length of the training", most=1000, least=1, unit="epochs"),
        fraction("validation_score", "after the last epoch; 1 is perfect", least=-1.0),
        fraction("test_score", "after the last epoch; 1 is perfect", least=-1.0, optional=True),
    ),
    unique=("architecture", "task"),
    seeds="each cell was trained once on each task",
    splits="the authors' validation and test images; room_layout: 1 minus the loss",
    citation=(
        "Duan, Chen, Xu, Chen, Liang, Zhang & Li, TransNAS-Bench-101: Improving Transferability "
        "and Generalizability of Cross-Task Neural Architecture Search, CVPR 2021"
    ),
    licence="MIT (code); the authors name no other licence for the data",
    complete=refuse_missing,
)


def read(path: Path, told: Callable[[int, int], None]) -> Columns:
    """All trainings of the micro space in the file.

    Args:
        path: The file.
        told: Called with how many cells are done, and of how many.

    Raises:
        UnsafeDataError: The file would run code.
        DataError: It is truncated, altered or another file.
    """
    value = read_torch_file(path, remedy=REMEDY)
    data = value.get("data") if isinstance(value, dict) else None
    micro = data.get("micro") if isinstance(data, dict) else None
    if not isinstance(micro, dict):
        raise DataError(
            f"{path} should hold the cells of TransNAS-Bench-101 as 'data' / 'micro', got "
            f"{type(value).__name__} without; {REMEDY}"
        )
    rows: dict[str, list[Any]] = {column.name: [] for column in LAYOUT.columns}
    for number, (cell, tasks) in enumerate(micro.items()):
        _add(rows, str(cell), tasks, path)
        told(number + 1, len(micro))
    for task, (_, _, largest) in METRICS.items():
        if largest == PER_CENT:
            scores = zip(rows["task"], rows["validation_score"], strict=True)
            recorded = [PER_CENT * score for each, score in scores if each == task]
            refuse_fractions(recorded, f"valid_{METRICS[task][0]} of {task}", str(path))
    return columns_of(LAYOUT, rows)


def _add(rows: dict[str, list[Any]], cell: str, tasks: object, path: Path) -> None:
    """Add the trainings of a cell on all tasks."""
    for task, (metric, least, largest) in METRICS.items():
        record = tasks.get(task) if isinstance(tasks, dict) else None
        metrics = record.get("metrics") if isinstance(record, dict) else None
        epochs = record.get("total_epochs") if isinstance(record, dict) else None
        where = f"{path}, cell {cell[:80]}, {task}"
        if not isinstance(metrics, dict) or type(epochs) is not int:
            raise DataError(
                f"{where}: 'metrics' and 'total_epochs' should be recorded, got "
                f"{type(record).__name__} without; {REMEDY}"
            )
        scores: list[float | None] = []
        for name in (f"valid_{metric}", f"test_{metric}"):
            values = metrics.get(name)
            if values is None and scores:
                scores.append(None)
                continue
            if not isinstance(values, list) or len(values) < epochs or not values:
                length = len(values) if isinstance(values, list) else type(values).__name__
                raise DataError(
                    f"{where}: {name!r} should be recorded for each of {epochs} epochs, got "
                    f"{length}; {REMEDY}"
                )
            value = values[-1]
            # NaN fails both comparisons; True is no number.
            if type(value) not in (int, float) or not least <= value <= largest:
                raise DataError(
                    f"{where}: {name!r} should be from {least:g} to {largest:g}, got "
                    f"{str(value)[:80]}; {REMEDY}"
                )
            scores.append(1.0 + value if metric == "neg_loss" else value / largest)
        for column, found in zip(rows.values(), (cell, task, metric, epochs, *scores), strict=True):
            column.append(found)
