"""TransNAS-Bench-101, micro: 4,096 cells, each trained once on seven vision tasks.

The numbers stand in one of two tables of the folder of benchmark tables. The one imported
from the authors' file tells validation and test metric after the last epoch. The other,
`transnasbench101_micro.parquet`, holds the digits of each cell and, for each task, the
validation metric only. Neither tells seconds. Each cell was trained once, functionally equal
ones too, and mostly with other results; every cell stands for itself.

Source: Duan et al., CVPR 2021; values as NASLib ships them. Top-1 and pixel accuracies are
recorded in per cent, structural similarities (`normal`, `autoencoder`) as fractions. Of
`room_layout` the negative loss is recorded; here its score is 1 minus the loss, so that
the best is 1, a difference is the difference of the losses, and the worst cells are below 0.
"""

import itertools
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from deltanas.benchmarks.base import Benchmark, Values
from deltanas.benchmarks.canonical import read_table
from deltanas.benchmarks.family import Family
from deltanas.benchmarks.importers.transnas_pth import LAYOUT, cells
from deltanas.benchmarks.parquet import read_columns
from deltanas.benchmarks.sources import FOLDER, absence, package_is_there, table_path
from deltanas.errors import DataError, MissingDataError
from deltanas.spaces import TransNasMicro
from deltanas.spaces.transnas_micro import parameters_m

FILE: Final = "transnasbench101_micro.parquet"
CITATION: Final = (
    "Duan, Chen, Xu, Chen, Liang, Zhang & Li, TransNAS-Bench-101: Improving Transferability "
    "and Generalizability of Cross-Task Neural Architecture Search, CVPR 2021"
)
LICENCE: Final = "Apache-2.0, as published with NASLib; a table that you bring"
PER_CENT, FRACTION, NEGATIVE_LOSS = (0.0, 100.0), (0.0, 1.0), (-2.0, 0.0)
RECORDED: Final = MappingProxyType(
    {
        "class_scene": PER_CENT,
        "class_object": PER_CENT,
        "room_layout": NEGATIVE_LOSS,
        "jigsaw": PER_CENT,
        "segmentsemantic": PER_CENT,
        "normal": FRACTION,
        "autoencoder": FRACTION,
    }
)
"""Range in which the metric of each task is recorded; the tasks in their published order."""
REMEDY: Final = "make the table anew"
REMEDIES: Final = (
    f"import the authors' file (`deltanas data fetch transnas-micro` says where it is), set "
    f"{FOLDER} to the folder that holds {FILE}, or run `pip install pyarrow`"
)


def load(task: str) -> Benchmark:
    """Read the table of one task; the imported one if both are there."""
    path = table_path(LAYOUT.file)
    if path is not None:
        return _benchmark(task, *imported_scores(path, task))
    found = read_columns(FILE, ["code", f"val_{task}"])
    if found is None:
        raise MissingDataError(
            f"TransNAS-Bench-101 needs its table {FILE} and the package pyarrow, {_missing()}; "
            f"{REMEDIES}"
        )
    return _benchmark(task, checked_scores(*found, task=task), None)


def _benchmark(task: str, scores: Values, test: Values | None) -> Benchmark:
    space = TransNasMicro()
    return Benchmark(
        name=f"transnas-micro:{task}",
        space=space,
        citation=CITATION,
        licence=LICENCE,
        runs=tuple((score,) for score in scores.tolist()),
        metrics={"parameters_m": parameters_m(space.all_codes())},
        test_accuracies=test,
    )


def imported_scores(path: Path, task: str) -> tuple[Values, Values | None]:
    """Validation and test score of each cell, in the order of `all_codes()`.

    Args:
        path: The imported table.
        task: Whose scores.

    Raises:
        DataError: The table is truncated, altered or another one.
    """
    columns = read_table(path, LAYOUT)
    chosen = columns["task"] == task
    row_of = {cell: row for row, cell in enumerate(columns["architecture"][chosen].tolist())}
    order = [row_of[cell] for cell in cells()]
    validation: Values = np.asarray(columns["validation_score"][chosen][order], dtype=float)
    test = columns["test_score"][chosen][order]
    if np.ma.getmaskarray(test).any():
        return validation, None
    return validation, np.asarray(test, dtype=float)


def is_installed() -> bool:
    """Whether a table and what reads it are there."""
    return not _missing()


def files() -> tuple[Path, ...]:
    """The tables, those that are there."""
    found = (table_path(LAYOUT.file), table_path(FILE))
    return tuple(path for path in found if path is not None)


def checked_scores(digits: Sequence[object], recorded: Sequence[object], *, task: str) -> Values:
    """Score of each cell, in the order of `all_codes()`; higher is better, 1 is perfect.

    Args:
        digits: Digits of the cells, the row order of the table.
        recorded: Metric of each, as recorded.
        task: Says how it is recorded.

    Raises:
        DataError: A cell is missing, or a metric is no number or out of range.
    """
    wanted = ["".join(each) for each in itertools.product("0123", repeat=6)]
    by_digits = dict(zip(digits, recorded, strict=True))
    if len(digits) != len(wanted) or set(by_digits) != set(wanted):
        raise DataError(
            f"{FILE} should hold each of the {len(wanted)} cells once by its digits ('000000' to "
            f"'333333'), got {len(digits)} rows with {len(by_digits)} cells; {REMEDY}"
        )
    least, largest = RECORDED[task]
    for cell in wanted:
        value = by_digits[cell]
        # NaN fails both comparisons.
        if not isinstance(value, float) or not least <= value <= largest:
            raise DataError(
                f"{FILE} should record 'val_{task}' of cell {cell} as a number from {least:g} to "
                f"{largest:g}, got {str(value)[:80]}; {REMEDY}"
            )
    values: Values = np.array([by_digits[cell] for cell in wanted], dtype=float)
    if RECORDED[task] == NEGATIVE_LOSS:
        return 1.0 + values
    return values / largest


def _missing() -> str:
    """What is not there, in words; empty if all is."""
    if not files():
        return f"but {absence(FILE)}"
    return "" if package_is_there("pyarrow") else "and pyarrow is not installed"


FAMILY: Final = Family(
    name="transnas-micro",
    datasets=tuple(RECORDED),
    description="4,096 cells, each trained once on seven vision tasks (room_layout: 1 minus loss)",
    citation=CITATION,
    licence=LICENCE,
    is_installed=is_installed,
    load=load,
    remedy=REMEDIES,
    files=files,
)
