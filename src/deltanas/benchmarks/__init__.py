"""Benchmarks: architectures that others trained, or models of them, to search without training."""

from deltanas.benchmarks.base import Benchmark
from deltanas.benchmarks.family import Family
from deltanas.benchmarks.limited import under_limits
from deltanas.benchmarks.registry import FAMILIES, family, load, names
from deltanas.benchmarks.surrogate import Surrogate

__all__ = [
    "FAMILIES",
    "Benchmark",
    "Family",
    "Surrogate",
    "family",
    "load",
    "names",
    "under_limits",
]
