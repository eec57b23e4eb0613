"""Benchmarks by name for comparisons, those in Python files of the user's too."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from deltanas import benchmarks
from deltanas.benchmarks import Benchmark, Family, Surrogate
from deltanas.benchmarks.own_table import checksum, is_own_table
from deltanas.errors import ProjectError
from deltanas.training import SPACE_FILE, Project, is_reference


def is_own(name: str) -> bool:
    """Whether a benchmark is a value in a Python file: `mine.py:benchmark`."""
    return is_reference(name) and not name.endswith(SPACE_FILE)


def is_own_benchmark(name: str) -> bool:
    """Whether a benchmark is a file of the user's: a table, or a value in Python."""
    return is_own(name) or is_own_table(name)


def family(name: str) -> Family:
    """What is known of a benchmark before its data is read; see `benchmarks.family`."""
    if not is_own(name):
        return benchmarks.family(name)
    return Family(
        name=name,
        datasets=(),
        description="a benchmark of your own",
        citation="your own",
        licence="yours",
        is_installed=lambda: Path(name.rpartition(":")[0]).expanduser().is_file(),
        load=lambda _: load(name),
        remedy=f"there is no such file from here, {Path.cwd()}",
    )


def edition(name: str) -> str:
    """What tells a file of the user's from what it was before; empty for other benchmarks.

    Raises:
        MissingDataError: There is no such file.
    """
    if not is_own_benchmark(name):
        return ""
    return file_edition(name.rpartition(":")[0] if is_own(name) else name)


def file_edition(file: str) -> str:
    """What tells a file from what it was before.

    Raises:
        MissingDataError: There is no such file.
    """
    found = Path(file).expanduser()
    state = found.stat() if found.exists() else None
    return _checksum(file, None if state is None else (state.st_mtime_ns, state.st_size))


@lru_cache
def _checksum(file: str, state: tuple[int, int] | None) -> str:
    """The checksum of a file as it is now; hundreds of runs ask for that of one."""
    del state
    return checksum(file)


def load(name: str) -> Benchmark | Surrogate:
    """Read a benchmark; see `benchmarks.load`.

    Args:
        name: A name or path that `benchmarks.load` takes, or `mine.py:benchmark`: a `Benchmark`, a
            `Surrogate`, or a function without arguments that returns one. The file is run.

    Raises:
        ProjectError: The file or the name is not there, the file raises, or it is no benchmark.
        DeltaNasError: As `benchmarks.load` has it.
    """
    if not is_own(name):
        return benchmarks.load(name)
    found = Project().made(name)
    if not isinstance(found, Benchmark | Surrogate):
        raise ProjectError(
            f"expected a deltanas.benchmarks.Benchmark or Surrogate under {name}, got "
            f"{type(found).__name__}; make it one, or a function that returns one"
        )
    return replace(found, name=name)
