"""The authors' archive of NATS-Bench's topology space: `NATS-tss-v1_0-3ffb9-simple`.

A folder, or the tar of it, with one file for each of the 15,625 cells and one more. Each is a
pickle compressed by bz2. `meta.pickle.pbz2` holds `{"meta_archs": [texts of the cells],
"total_archs": 15625, ...}`; `000007.pickle.pbz2` holds what is recorded of cell 7,
`{"12": {...}, "200": {...}}` by epochs, as `nasbench201_trainings` describes.

The tar is read where it is and never unpacked.

Source: written by the authors' tss-collect.py (github.com/D-X-Y/AutoDL-Projects), read by
nats_bench/api_topology.py.
"""

import bz2
import io
import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from deltanas.benchmarks.canonical_checks import REMEDY
from deltanas.benchmarks.canonical_layout import Columns
from deltanas.benchmarks.importers.harmless_pickle import read_harmless_pickle
from deltanas.benchmarks.importers.nasbench201_trainings import (
    LAYOUT,
    Rows,
    add_trainings,
    trainings,
)
from deltanas.benchmarks.importers.torch_file import refuse_leaving
from deltanas.errors import DataError, UnsafeDataError

META: Final = "meta.pickle.pbz2"
MEMBER: Final = re.compile(r"\d{1,6}\.pickle\.pbz2")
LARGEST: Final = 256 * 2**20
"""Bytes of one unpacked file beyond which it is not what it claims to be."""


def read(path: Path, told: Callable[[int, int], None]) -> Columns:
    """All trainings in the archive.

    Args:
        path: The folder or the tar of it.
        told: Called with how many cells are done, and of how many.

    Raises:
        UnsafeDataError: A file would run code, or a member leaves the archive's folder.
        DataError: It is not the archive, or a file is truncated or altered.
    """
    cells = _cells(path)
    rows: Rows = {column.name: [] for column in LAYOUT.columns}
    seen: set[int] = set()
    # One file after the other: all of them together are large.
    for name, packed in _members(path, MEMBER):
        number = int(name.partition(".")[0])
        if number >= len(cells) or number in seen:
            raise DataError(
                f"{path} should hold one file for each of the {len(cells):,} cells of its {META}, "
                f"got {name} {'again' if number in seen else 'besides'}; {REMEDY}"
            )
        seen.add(number)
        record = _unpacked(packed, f"{path}/{name}")
        for records in record.values() if isinstance(record, dict) else [None]:
            add_trainings(rows, records, cells[number], f"{path}/{name}")
        told(len(seen), len(cells))
    for number in range(len(cells)):
        if number not in seen:
            raise DataError(
                f"{path} should hold a file for each of the {len(cells):,} cells of its {META}, "
                f"got none for cell {number} ({number:06d}.pickle.pbz2); {REMEDY}"
            )
    return trainings(rows, str(path))


def _cells(path: Path) -> list[str]:
    """The cells by number, as the archive lists them."""
    packed = dict(_members(path, re.compile(re.escape(META))))
    meta = _unpacked(packed.get(META, b""), f"{path}/{META}")
    cells = meta.get("meta_archs") if isinstance(meta, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, str) for cell in cells):
        raise DataError(
            f"{path}/{META} should list the cells as 'meta_archs', got "
            f"{type(cells).__name__}; {REMEDY}"
        )
    return cells


def _members(path: Path, wanted: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file of the archive whose name is wanted."""
    try:
        if path.is_dir():
            for each in sorted(path.iterdir()):
                if wanted.fullmatch(each.name):
                    yield each.name, each.read_bytes()
            return
        with tarfile.open(path) as archive:
            for member in archive:
                refuse_leaving(member.name, path, REMEDY)
                if member.issym() or member.islnk() or member.isdev():
                    raise UnsafeDataError(
                        f"{path} was refused, because its member {member.name[:120]!r} is a link "
                        f"or a device, where plain files are expected; {REMEDY}"
                    )
                name = PurePosixPath(member.name).name
                if not wanted.fullmatch(name) or not member.isfile():
                    continue
                if member.size > LARGEST:
                    raise DataError(
                        f"{path} should hold files of at most {LARGEST // 2**20} MiB, got {name} "
                        f"with {member.size / 2**20:,.0f}; {REMEDY}"
                    )
                stream = archive.extractfile(member)
                if stream is not None:
                    yield name, stream.read()
    except (tarfile.TarError, EOFError, OSError) as error:
        raise DataError(
            f"{path} should be the folder or the tar of NATS-Bench's topology space, and cannot "
            f"be read ({error}): it is truncated or something else; {REMEDY}"
        ) from None


def _unpacked(packed: bytes, name: str) -> object:
    """The value in one file of the archive."""
    try:
        with bz2.BZ2File(io.BytesIO(packed)) as file:
            data = file.read(LARGEST + 1)
    except (OSError, EOFError, ValueError) as error:
        raise DataError(
            f"{name} should be compressed by bz2, and cannot be read ({error}); {REMEDY}"
        ) from None
    if len(data) > LARGEST:
        raise DataError(
            f"{name} should unpack to at most {LARGEST // 2**20} MiB, got more; {REMEDY}"
        )
    return read_harmless_pickle(io.BytesIO(data), name=name, remedy=REMEDY)
