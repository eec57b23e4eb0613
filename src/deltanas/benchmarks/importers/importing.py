"""From the name of a benchmark and a file of its authors to the canonical table."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from deltanas.benchmarks.canonical import Source, write_table
from deltanas.benchmarks.canonical_layout import Columns, Layout
from deltanas.benchmarks.importers import (
    nasbench101_tfrecord,
    nasbench201_pth,
    nasbench201_trainings,
    nats_topology,
    transnas_pth,
)
from deltanas.benchmarks.importers.torch_file import is_archive
from deltanas.errors import DataError, UnknownNameError

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""


@final
@dataclass(frozen=True, slots=True)
class Importer:
    """Reads one form in which the authors of a benchmark publish it."""

    benchmark: str
    """Name of the family that the table is for."""
    form: str
    """The authors' file, in words."""
    ending: str
    """How the name of such a file ends; empty if it is a folder or a tar of it."""
    layout: Layout
    read: Callable[[Path, Progress], Columns]


IMPORTERS: Final = (
    Importer(
        "nasbench201",
        "NATS-tss-v1_0-3ffb9-simple (folder or .tar)",
        "",
        nasbench201_trainings.LAYOUT,
        nats_topology.read,
    ),
    Importer(
        "nasbench201",
        "NAS-Bench-201-v1_1-096897.pth",
        ".pth",
        nasbench201_trainings.LAYOUT,
        nasbench201_pth.read,
    ),
    Importer(
        "transnas-micro",
        "transnas-bench_v10141024.pth",
        ".pth",
        transnas_pth.LAYOUT,
        transnas_pth.read,
    ),
    Importer(
        "nasbench101-validation",
        "nasbench_only108.tfrecord",
        ".tfrecord",
        nasbench101_tfrecord.LAYOUT,
        nasbench101_tfrecord.read,
    ),
)
"""All forms that can be imported."""


def _silent(_done: int, _of: int) -> None:
    pass


def import_file(benchmark: str, path: Path, told: Progress = _silent) -> Path:
    """Turn a file of a benchmark's authors into its canonical table.

    Args:
        benchmark: Name of the family: `nasbench201`.
        path: The authors' file or folder.
        told: Called with how much is done, and of how much.

    Returns:
        The table, in the folder of benchmark tables.

    Raises:
        UnknownNameError: Nothing is imported for this benchmark.
        UnsafeDataError: The file would run code, or leaves its folder.
        DataError: It is missing, truncated, altered or another file, or cannot be written.
    """
    importer = _importer(benchmark, path)
    source = _source(path, importer.form)
    return write_table(importer.layout, importer.read(path, told), source)


def _importer(benchmark: str, path: Path) -> Importer:
    forms = [each for each in IMPORTERS if each.benchmark == benchmark]
    if not forms:
        known = list(dict.fromkeys(each.benchmark for each in IMPORTERS))
        near = [name for name in known if benchmark and name.startswith(benchmark)]
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise UnknownNameError(
            f"files are imported for {', '.join(known)}, got {benchmark!r}; {hint}"
            f"`deltanas data list` says where the data of other benchmarks comes from"
        )
    expected = " or ".join(each.form for each in forms)
    if not path.exists():
        raise DataError(f"expected {expected}, but there is no {path}; give the path of that file")
    packed = path.is_dir() or path.suffix == ".tar"
    for each in forms:
        if packed if not each.ending else not packed and _looks_like(path, each.ending):
            return each
    raise DataError(
        f"{path} should be {expected}, got a {'folder' if path.is_dir() else 'file'} of another "
        f"name; if it is the authors' file, give it its name back"
    )


def _looks_like(path: Path, ending: str) -> bool:
    """Whether a file is of this kind by its name, or by how it begins if that is unmistakable."""
    return path.suffix == ending or (ending == ".pth" and is_archive(path))


def _source(path: Path, form: str) -> Source:
    """Name, size and checksum of a file or of all files of a folder."""
    try:
        if path.is_dir():
            files = sorted(each for each in path.iterdir() if each.is_file())
            digest = hashlib.sha256()
            for each in files:
                digest.update(f"{each.name}\0{sha256_of(each)}\n".encode())
            size = sum(each.stat().st_size for each in files)
            return Source(path.resolve().name, size, digest.hexdigest(), form)
        return Source(path.name, path.stat().st_size, sha256_of(path), form)
    except OSError as error:
        raise DataError(
            f"{path} should be readable, and is not ({error.strerror}); give a file that you may "
            f"read"
        ) from None


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
