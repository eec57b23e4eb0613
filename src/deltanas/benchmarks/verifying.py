"""Is the data of a benchmark what it should be? One finding a question."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final, final

from deltanas.benchmarks import nasbench201
from deltanas.benchmarks.base import Benchmark
from deltanas.benchmarks.canonical import read_table
from deltanas.benchmarks.family import Family
from deltanas.benchmarks.importers.importing import IMPORTERS, sha256_of
from deltanas.benchmarks.importers.nasbench201_trainings import PER_CENT
from deltanas.benchmarks.nasbench201_imported import imported_lists, imported_path
from deltanas.benchmarks.published import PUBLISHED, Published
from deltanas.benchmarks.surrogate import Surrogate
from deltanas.errors import DeltaNasError

RIGHT, WRONG, UNKNOWN = "ok", "WRONG", "-"
SHOWN: Final = 16
"""Digits of a checksum that are shown."""


@final
@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question."""

    subject: str
    """File or benchmark that it is about."""
    question: str
    """What was looked at, in words."""
    state: str
    """`RIGHT`, `WRONG`, or `UNKNOWN` if there is nothing to compare with."""
    words: str
    """What was found."""

    @property
    def is_wrong(self) -> bool:
        """Whether something is not as it should be."""
        return self.state == WRONG


def verify(family: Family) -> Iterator[Finding]:
    """Look at everything that is known of a benchmark: files, rows, ranges, published numbers.

    Args:
        family: Which benchmark; each of its data sets is read.
    """
    recorded = _hashes_of_package(family.package)
    for path in family.files():
        yield _checksum(path, recorded)
    if family is nasbench201.FAMILY and imported_path() is not None:
        yield from _imported_numbers(family)
    for name in family.names:
        try:
            benchmark = family.load(name.partition(":")[2])
        except DeltaNasError as error:
            yield Finding(name, "rows and ranges", WRONG, str(error))
            continue
        if isinstance(benchmark, Surrogate):
            yield Finding(name, "weights and values", RIGHT, _sample(benchmark))
            yield Finding(name, "error of the model", UNKNOWN, benchmark.error)
            continue
        yield Finding(name, "rows and ranges", RIGHT, _extent(benchmark))
        yield from _numbers(benchmark)


def _imported_numbers(family: Family) -> Iterator[Finding]:
    """Best values of an imported NAS-Bench-201, which is not what is loaded beside the package."""
    for name in family.names:
        known = PUBLISHED[name]
        try:
            lists = imported_lists(name.partition(":")[2])["val_acc"]
        except DeltaNasError as error:
            yield Finding(name, "imported, best", WRONG, str(error))
            continue
        best = max(sum(row) / len(row) for row in lists) / PER_CENT
        yield _number(name, "imported, best", best, known.optimum, known)


def _extent(benchmark: Benchmark) -> str:
    runs = [each for row in benchmark.runs for each in row]
    return (
        f"{len(benchmark.codes):,} rows, {benchmark.split} accuracies from "
        f"{100 * min(runs):.3f} to {100 * max(runs):.3f} %"
    )


def _sample(benchmark: Surrogate) -> str:
    low, high = benchmark.sampled[0], benchmark.sampled[-1]
    return (
        f"no table; a model says {100 * low:.3f} to {100 * high:.3f} % {benchmark.split} of "
        f"{len(benchmark.sampled):,} random architectures"
    )


def _checksum(path: Path, recorded: dict[Path, str]) -> Finding:
    """Whether a file is the one that was published or imported."""
    for importer in IMPORTERS:
        if importer.layout.file == path.name:
            try:
                read_table(path, importer.layout, thoroughly=True)
            except DeltaNasError as error:
                return Finding(path.name, "checksum", WRONG, str(error))
            return Finding(path.name, "checksum", RIGHT, "the values are those that were imported")
    found = sha256_of(path)
    wanted = recorded.get(path.resolve())
    if wanted is None:
        words = f"nothing to compare with; it is {found}"
        return Finding(path.name, "checksum", UNKNOWN, words)
    if wanted != found:
        words = f"pip installed {wanted[:SHOWN]}..., it is {found[:SHOWN]}...: it was altered"
        return Finding(path.name, "checksum", WRONG, words)
    return Finding(path.name, "checksum", RIGHT, f"{found[:SHOWN]}..., as pip installed it")


def _hashes_of_package(package: str) -> dict[Path, str]:
    """SHA-256 of each file that pip installed, as it noted them."""
    try:
        files = metadata.files(package) if package else None
    except metadata.PackageNotFoundError:
        files = None
    found = {}
    for each in files or []:
        if each.hash is not None and each.hash.mode == "sha256":
            padding = "=" * (-len(each.hash.value) % 4)
            digits = base64.urlsafe_b64decode(each.hash.value + padding).hex()
            found[Path(str(each.locate())).resolve()] = digits
    return found


def _numbers(benchmark: Benchmark) -> Iterator[Finding]:
    """Best value and known cells beside what is published."""
    known = PUBLISHED.get(benchmark.name)
    if known is None:
        yield Finding(benchmark.name, "best value", UNKNOWN, "none is known here")
        return
    name = benchmark.name
    yield _number(name, "best", benchmark.optimum, known.optimum, known)
    if benchmark.test_accuracies is not None and known.test_optimum is not None:
        best = float(benchmark.test_accuracies.max())
        yield _number(name, "best test", best, known.test_optimum, known)
    for text, accuracy in known.cells:
        found = benchmark.evaluate(benchmark.space.read(text))
        yield _number(name, f"cell {text}", found, accuracy, known)


def _number(name: str, question: str, found: float, published: float, known: Published) -> Finding:
    state = RIGHT if abs(found - published) <= known.within else WRONG
    words = f"{100 * found:.4f} %, expected {100 * published:.4f} % ({known.source})"
    return Finding(name, question, state, words)
