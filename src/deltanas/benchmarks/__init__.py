"""Benchmarks: architectures that others trained, to search without training."""

from deltanas.benchmarks.base import Benchmark
from deltanas.benchmarks.family import Family
from deltanas.benchmarks.limited import under_limits
from deltanas.benchmarks.registry import FAMILIES, family, load, names

__all__ = ["FAMILIES", "Benchmark", "Family", "family", "load", "names", "under_limits"]
