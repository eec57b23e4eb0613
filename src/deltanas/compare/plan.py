"""Which runs a comparison consists of, checked before the first one begins."""

import importlib.util
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from deltanas.compare.own import family, load
from deltanas.compare.own_method import is_own_method
from deltanas.compare.protocol import ComparisonError
from deltanas.compare.roster import entry, maker
from deltanas.compare.settings import check_settings, settings_of
from deltanas.errors import MissingDataError, UnknownNameError
from deltanas.limits import limited
from deltanas.seeds import SeedError, checked_seed

PARTS = "parts"
"""Folder of the runs, in that of the results."""
LARGEST_SEED = 2**63 - 1
"""Whole numbers have 64 bits in Parquet."""


@final
@dataclass(frozen=True, slots=True)
class Task:
    """One run to be done: what a part file holds."""

    benchmark: str
    """Name of the benchmark."""
    method: str
    """Name of the method, settings included."""
    seed: int
    """Seed of the run."""

    def part(self, folder: Path) -> Path:
        """Where the run is kept."""
        names = (re.sub(r"[^\w.+=-]", "_", name) for name in (self.benchmark, self.method))
        return folder.joinpath(PARTS, *names, f"{self.seed}.parquet")


@final
@dataclass(frozen=True, slots=True)
class Plan:
    """What will run, and what was asked for and cannot."""

    tasks: tuple[Task, ...]
    """All runs: benchmark by benchmark, seed by seed, so that what is done is paired."""
    absent: tuple[tuple[str, str], ...] = ()
    """Methods that are left out, each with the reason."""

    @property
    def methods(self) -> tuple[str, ...]:
        """Methods that run, in the order they were asked for."""
        return tuple(dict.fromkeys(task.method for task in self.tasks))


def plan(
    benchmarks: Sequence[str], methods: Sequence[str], *, seeds: int, first_seed: int = 0
) -> Plan:
    """The runs of a comparison.

    Args:
        benchmarks: Their names.
        methods: Names, with settings after colons: `gp:where=space`.
        seeds: How many runs of each method on each benchmark.
        first_seed: Seed of the first; the others follow.

    Raises:
        UnknownNameError: There is no benchmark, method or setting of a name.
        MissingDataError: The data of a benchmark is not on this machine.
        ComparisonError: Nothing to run: no seeds, names or installed methods; or a setting has
            a value that it cannot take, or a method of the user's own cannot be made.
        ProjectError: The file of a method of the user's own, or the name in it, is not there.
        SeedError: The first seed is negative, or the last one beyond what tables of results hold.
    """
    if checked_seed(first_seed) + seeds > LARGEST_SEED:
        raise SeedError(
            f"results hold seeds up to 2^63 - 1, got first_seed={first_seed} and {seeds} seeds; "
            f"begin with a smaller one"
        )
    if seeds < 1 or not benchmarks or not methods:
        raise ComparisonError(
            f"a comparison needs at least one seed, benchmark and method, got {seeds} seeds, "
            f"{len(benchmarks)} benchmarks and {len(methods)} methods"
        )
    for benchmark in benchmarks:
        found = family(benchmark)
        if benchmark not in found.names:
            raise UnknownNameError(
                f"a benchmark's name ends in a data set, got {benchmark!r}; "
                f"names are {', '.join(found.names)}"
            )
        if not found.is_installed():
            raise MissingDataError(
                f"the data of {benchmark!r} is not on this machine; {found.remedy}"
            )
    present, absent = [], []
    for method in dict.fromkeys(methods):
        why = _why_absent(method)
        if why is None:
            present.append(method)
        else:
            absent.append((method, why))
    if not present:
        raise ComparisonError(
            "none of the methods can run: " + "; ".join(f"{name} {why}" for name, why in absent)
        )
    tasks = tuple(
        Task(benchmark, method, seed)
        for benchmark in dict.fromkeys(benchmarks)
        for seed in range(first_seed, first_seed + seeds)
        for method in present
    )
    return Plan(tasks, tuple(absent))


def _why_absent(method: str) -> str | None:
    """Why a method cannot run; None if it can. Wrong settings are told before anything runs."""
    asked = entry(method)
    settings = settings_of(method)
    if asked.missing:
        return f"needs {', '.join(asked.missing)}: pip install 'deltanas[peers]'"
    if settings or is_own_method(method):  # only then, as some peers bring torch
        check_settings(method, maker(asked))
    return None


def check_against(planned: Plan, method: str) -> None:
    """Refuse to test against a method that takes no part; empty for the first.

    Raises:
        UnknownNameError: It does not.
    """
    if method and method not in planned.methods:
        raise UnknownNameError(
            f"the others are tested against a method that takes part, got {method!r}; it is one "
            f"of {', '.join(planned.methods)}"
        )


def check_limits(benchmarks: Sequence[str], limits: Sequence[str]) -> None:
    """Refuse limits that cannot be read, or that nothing in one of the benchmarks keeps to.

    Raises:
        LimitError: The first that is wrong; where nothing keeps to them, what comes closest.
    """
    for name in dict.fromkeys(benchmarks if limits else ()):
        benchmark = load(name)
        limited(benchmark.space, limits, benchmark)


def check_installed() -> None:
    """Refuse to begin without what results are written with.

    Raises:
        ComparisonError: pyarrow is not installed.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise ComparisonError(
            "results are Parquet files, and pyarrow, which writes them, is not installed; "
            "install with: pip install 'deltanas[compare]'"
        )
