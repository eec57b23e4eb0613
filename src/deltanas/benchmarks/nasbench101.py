"""NAS-Bench-101: all 423,624 cells, each trained three times on CIFAR-10 for 108 epochs.

The searched signal is the mean TEST accuracy of the three trainings. Validation accuracy,
which a search should be told, is known here for the first 20,001 cells only. So what a
search of this table finds has no accuracy on data that it was not chosen by: compare methods
with it, and do not take the accuracy of the best one for what new data would give.

Seconds of a training are known for the same 20,001 cells only and are left out: an estimate
for the others would be no record. A row holds the mean, so the signal `one-run` tells it too.

Source: Ying et al., "NAS-Bench-101", ICML 2019.
"""

from pathlib import Path
from typing import Final

from deltanas.benchmarks.base import Benchmark
from deltanas.benchmarks.family import Family
from deltanas.benchmarks.nasbench101_table import (
    RowsByKey,
    checked_codes,
    checked_columns,
    numbers_of,
    read_columns,
)
from deltanas.benchmarks.sources import FOLDER, absence, table_path
from deltanas.errors import MissingDataError
from deltanas.spaces import NasBench101

FILE: Final = "nb101.npz"
REMEDY: Final = f"set the environment variable {FOLDER} to the folder that holds {FILE}"


def load(_: str = "") -> Benchmark:
    """Read the table.

    Raises:
        MissingDataError: It is not on this machine.
        DataError: It is truncated, altered or another file.
    """
    path = table_path(FILE)
    if path is None:
        raise MissingDataError(
            f"NAS-Bench-101 needs its table {FILE}, but {absence(FILE)}; {REMEDY}"
        )
    columns = checked_columns(read_columns(path), path)
    space = NasBench101()
    codes = checked_codes(space, columns, path)
    return Benchmark(
        name=FAMILY.name,
        space=space,
        citation=FAMILY.citation,
        licence=FAMILY.licence,
        runs=tuple(zip(columns["test_mean_e108"].astype(float).tolist(), strict=True)),
        metrics={"parameters_m": columns["params_M"].astype(float)},
        split="test",
        table=codes,
        row_of=RowsByKey(space, codes, numbers_of(columns)),
    )


def is_installed() -> bool:
    """Whether the folder of benchmark tables holds this one; it is not read."""
    return table_path(FILE) is not None


def files() -> tuple[Path, ...]:
    """The table, if it is there."""
    path = table_path(FILE)
    return () if path is None else (path,)


FAMILY: Final = Family(
    name="nasbench101",
    datasets=(),
    description="423,624 cells on CIFAR-10; the searched signal is the mean TEST accuracy",
    citation=(
        "Ying et al., NAS-Bench-101: Towards Reproducible Neural Architecture Search, ICML 2019"
    ),
    licence="Apache-2.0; a table that you bring",
    is_installed=is_installed,
    load=load,
    remedy=REMEDY,
    files=files,
)
