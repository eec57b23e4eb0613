"""NAS-Bench-101 as its authors publish it: three trainings of each cell, validation and test.

The searched signal is the validation accuracy of the three trainings, and the test accuracy
is kept for the end, as it should be. It needs the table imported from the authors' file,
`nasbench_only108.tfrecord`. The benchmark `nasbench101` is the same cells with the mean test
accuracy as the signal; results of the two cannot be compared.

Source: Ying et al., "NAS-Bench-101", ICML 2019.
"""

from pathlib import Path
from typing import Final

import numpy as np

from deltanas.benchmarks.base import Benchmark
from deltanas.benchmarks.canonical import read_table
from deltanas.benchmarks.family import Family
from deltanas.benchmarks.importers.nasbench101_tfrecord import LAYOUT, RUNS
from deltanas.benchmarks.nasbench101_table import PREFIX, RowsByKey, codes_of_rows
from deltanas.benchmarks.sources import absence, package_is_there, table_path
from deltanas.errors import MissingDataError
from deltanas.spaces import NasBench101

REMEDY: Final = (
    "run `deltanas data fetch nasbench101-validation` (499 MB), or `deltanas data import "
    "nasbench101-validation FILE` if you have the authors' file; both need "
    "`pip install 'deltanas[data]'`"
)


def load(_: str = "") -> Benchmark:
    """Read the table.

    Raises:
        MissingDataError: It is not on this machine.
        DataError: It is truncated, altered or another file.
    """
    path = table_path(LAYOUT.file)
    if path is None:
        raise MissingDataError(
            f"NAS-Bench-101 with validation accuracies needs its table {LAYOUT.file}, but "
            f"{absence(LAYOUT.file)}; {REMEDY}"
        )
    columns = read_table(path, LAYOUT)
    space = NasBench101()
    # Three rows a cell, in the order of the hashes: the layout saw to it.
    first = slice(None, None, RUNS)
    codes = codes_of_rows(
        {
            "n_vertices": columns["vertices"][first],
            "bits": columns["edge_bits"][first],
            "ops": columns["operation_digits"][first],
        }
    )
    numbers = np.array([int(key[:PREFIX], 16) for key in columns["key"][first]], dtype=np.uint64)
    return Benchmark(
        name=FAMILY.name,
        space=space,
        citation=FAMILY.citation,
        licence=FAMILY.licence,
        runs=tuple(map(tuple, columns["validation_accuracy"].reshape(-1, RUNS).tolist())),
        seconds=columns["seconds"].reshape(-1, RUNS).mean(axis=1),
        metrics={"parameters_m": columns["parameters_m"][first].astype(float)},
        test_accuracies=columns["test_accuracy"].reshape(-1, RUNS).mean(axis=1),
        table=codes,
        row_of=RowsByKey(space, codes, numbers),
    )


def is_installed() -> bool:
    """Whether the table and what reads it are there; it is not read."""
    return bool(files()) and package_is_there("pyarrow")


def files() -> tuple[Path, ...]:
    """The table, if it is there."""
    path = table_path(LAYOUT.file)
    return () if path is None else (path,)


FAMILY: Final = Family(
    name="nasbench101-validation",
    datasets=(),
    description="423,624 cells on CIFAR-10, three trainings each; validation accuracy is searched",
    citation=LAYOUT.citation,
    licence="Apache-2.0; imported from the authors' file",
    is_installed=is_installed,
    load=load,
    remedy=REMEDY,
    files=files,
)
