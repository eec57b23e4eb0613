"""Benchmarks of which every architecture was recorded."""

from deltanas.benchmarks import Benchmark, load


def recorded(name: str) -> Benchmark:
    """A benchmark by name that is a table, not a model that answers.

    Raises:
        TypeError: It is a model.
    """
    found = load(name)
    if not isinstance(found, Benchmark):
        raise TypeError(f"{name!r} is no table; this bench needs one")
    return found
