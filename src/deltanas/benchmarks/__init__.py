"""Tabular benchmarks: published tables of trained architectures, read safely."""

from deltanas.benchmarks.base import Benchmark, Signal, Training
from deltanas.benchmarks.registry import FAMILIES, Family, load, names

__all__ = ["FAMILIES", "Benchmark", "Family", "Signal", "Training", "load", "names"]
