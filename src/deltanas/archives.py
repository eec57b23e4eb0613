"""Arrays in `.npz` files, read without executing anything and without filling the memory."""

import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from deltanas.errors import DataError

LARGEST: Final = 4 * 2**30
"""Bytes of the arrays of one file; a file that unpacks to more is no table of anything here."""
_BROKEN: Final = (
    *(OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, MemoryError),
    *(zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OverflowError),
)
"""What numpy and zipfile raise for a file that is truncated, altered or something else."""


@final
class UnreadableArchiveError(DataError):
    """A file is no archive of arrays; the message is only what is wrong with it."""


def read_archive(
    path: Path, names: Iterable[str], *, optional: bool = False
) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    """Some arrays of a file, and the names of all that it holds.

    Args:
        path: The file.
        names: Names of the arrays.
        optional: Whether some of them may be missing.

    Raises:
        UnreadableArchiveError: It is no such file, unpacks to too much, or lacks an array.
    """
    try:
        # Opened here: numpy leaves a file open that it finds to be no archive.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as archive:
            held = tuple(archive.files)
            wanted = [name for name in names if name in held or not optional]
            size = sum(each.file_size for each in archive.zip.infolist())
            if size > LARGEST:
                raise UnreadableArchiveError(
                    f"it unpacks to {size / 2**30:.1f} GiB, more than {LARGEST // 2**30}"
                )
            return {name: archive[name] for name in wanted}, held
    except _BROKEN as error:
        told = " ".join(str(error).split())[:160]
        if "pickle" in told:  # numpy's own words say how to run what is in the file
            told = "it is no archive of arrays, or holds objects, which are not read"
        raise UnreadableArchiveError(f"{type(error).__name__}: {told}") from None
