"""NAS-Bench-201 reduced to networks: functionally equal cells share one record.

The 15,625 cells are 5,044 different networks by our canonical key, but each cell was
trained on its own, so equal networks have different recorded accuracies. In this reading a
cell answers with the trainings of all cells that compute the same. Searching it measures
what a method finds, not which of many noisy twins it happened to ask.
"""

from typing import Final

import numpy as np

from deltanas.benchmarks import nasbench201
from deltanas.benchmarks.base import Benchmark, Values
from deltanas.benchmarks.family import Family


def load(dataset: str) -> Benchmark:
    """Read the table of one data set and pool functionally equal cells."""
    raw = nasbench201.load(dataset)
    networks = raw.classes
    pooled: list[list[float]] = [[] for _ in range(int(networks.max()) + 1)]
    for network, runs in zip(networks.tolist(), raw.runs, strict=True):
        pooled[network] += runs
    shared = [tuple(runs) for runs in pooled]

    def mean(values: Values) -> Values:
        totals = np.bincount(networks, weights=values)
        means: Values = (totals / np.bincount(networks))[networks]
        return means

    return Benchmark(
        name=f"{FAMILY.name}:{dataset}",
        space=raw.space,
        citation=raw.citation,
        licence=raw.licence,
        runs=tuple(shared[network] for network in networks.tolist()),
        seconds=None if raw.seconds is None else mean(raw.seconds),
        metrics={metric: mean(values) for metric, values in raw.metrics.items()},
        test_accuracies=None if raw.test_accuracies is None else mean(raw.test_accuracies),
        networks=networks,
    )


FAMILY: Final = Family(
    name="nasbench201-classes",
    datasets=nasbench201.FAMILY.datasets,
    description="NAS-Bench-201 with functionally equal cells pooled to 5,044 networks",
    citation=nasbench201.CITATION,
    licence=nasbench201.FAMILY.licence,
    is_installed=nasbench201.is_installed,
    load=load,
    package=nasbench201.FAMILY.package,
    files=nasbench201.files,
)
