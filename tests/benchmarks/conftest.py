"""Tables are read once for all tests of this room."""

from functools import cache

import pytest

from deltanas import benchmarks


@pytest.fixture(scope="session")
def nasbench201(nasbench201_folder):
    """From the name of a data set to its table; skips where the package is not installed."""
    assert nasbench201_folder.is_dir()
    return cache(lambda dataset: benchmarks.load(f"nasbench201:{dataset}"))


@pytest.fixture(scope="session")
def classes(nasbench201):
    """CIFAR-10 reduced to networks."""
    assert nasbench201("cifar10").size == 15625
    return benchmarks.load("nasbench201-classes:cifar10")
