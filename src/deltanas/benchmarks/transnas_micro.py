"""TransNAS-Bench-101, micro: 4,096 cells, each trained once on seven vision tasks.

The numbers stand in the table `transnasbench101_micro.parquet` of the folder that the
environment variable DELTANAS_DATA names: the digits of each cell and, for each task, the
validation metric after the last epoch. Each cell was trained once, functionally equal ones
too, and mostly with other results; every cell stands for itself. Neither a test metric nor
the seconds of a training are in it.

Source: Duan et al., CVPR 2021; values as NASLib ships them. Top-1 and pixel accuracies are
recorded in per cent, structural similarities (`normal`, `autoencoder`) as fractions. Of
`room_layout` the negative loss is recorded; here its score is 1 minus the loss, so that
the best is 1, a difference is the difference of the losses, and the worst cells are below 0.
"""

import itertools
import os
from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

import numpy as np

from deltanas.benchmarks.base import Benchmark, Values
from deltanas.benchmarks.family import Family
from deltanas.benchmarks.parquet import read_columns
from deltanas.benchmarks.sources import FOLDER, package_is_there, table_path
from deltanas.errors import DataError, MissingDataError
from deltanas.spaces import TransNasMicro
from deltanas.spaces.transnas_micro import parameters_m

FILE: Final = "transnasbench101_micro.parquet"
CITATION: Final = (
    "Duan, Chen, Xu, Chen, Liang, Zhang & Li, TransNAS-Bench-101: Improving Transferability "
    "and Generalizability of Cross-Task Neural Architecture Search, CVPR 2021"
)
LICENCE: Final = "as published with NASLib (Apache-2.0); not shipped, see DELTANAS_DATA"
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


def load(task: str) -> Benchmark:
    """Read the table of one task."""
    found = read_columns(FILE, ["code", f"val_{task}"])
    if found is None:
        raise MissingDataError(
            f"TransNAS-Bench-101 needs its table {FILE} in the folder that {FOLDER} names, and "
            f"the package pyarrow, {_missing()}; set {FOLDER}, or run `pip install pyarrow`"
        )
    space = TransNasMicro()
    return Benchmark(
        name=f"transnas-micro:{task}",
        space=space,
        citation=CITATION,
        licence=LICENCE,
        runs=tuple((score,) for score in checked_scores(*found, task=task).tolist()),
        metrics={"parameters_m": parameters_m(space.all_codes())},
    )


def is_installed() -> bool:
    """Whether the table and what reads it are there."""
    return not _missing()


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
    folder = os.environ.get(FOLDER)
    if not folder:
        return f"{FOLDER} is not set"
    if table_path(FILE) is None:
        return f"{folder} has no such file"
    return "" if package_is_there("pyarrow") else "pyarrow is not installed"


FAMILY: Final = Family(
    name="transnas-micro",
    datasets=tuple(RECORDED),
    description="4,096 cells, each trained once on seven vision tasks (room_layout: 1 minus loss)",
    citation=CITATION,
    licence=LICENCE,
    is_installed=is_installed,
    load=load,
    remedy=f"set {FOLDER} to the folder that holds {FILE}, and run `pip install pyarrow`",
)
