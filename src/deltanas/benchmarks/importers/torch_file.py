"""Files that `torch.save` wrote, read without torch and without running code.

Two forms exist. Since torch 1.6 it is a zip archive that holds a folder with the pickle
`data.pkl` beside the stored tensors. Before, it is a row of pickles: a magic number, the
version 1001, a description of the machine, the value, and the keys of the tensors.

`torch.load(weights_only=True)` refuses the benchmarks' files, because they hold numpy's
numbers; without that it would run whatever code the file holds.
"""

import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Final

from deltanas.benchmarks.importers.harmless_pickle import read_harmless_pickle
from deltanas.errors import DataError, UnsafeDataError

MAGIC: Final = 0x1950A86A20F9469CFC6C
"""What an old file of torch begins with."""
VERSION: Final = 1001
BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError),
    *(RuntimeError, ValueError, OverflowError),
)
"""What reading an archive raises that is truncated or altered."""


def read_torch_file(path: Path, *, remedy: str) -> object:
    """The value that was saved, which must be built of dicts, lists, numbers and texts.

    Args:
        path: The file.
        remedy: What to do if it cannot be read, for the message.

    Raises:
        UnsafeDataError: It would run code, or leaves its folder; nothing was executed.
        DataError: It is truncated, altered or not a file of torch.
    """
    try:
        if is_archive(path):
            return _from_archive(path, remedy)
        return _from_row(path, remedy)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}); {remedy}") from None


def is_archive(path: Path) -> bool:
    """Whether a file is a zip archive; what claims several disks is none that is read."""
    try:
        return zipfile.is_zipfile(path)
    except zipfile.BadZipFile:
        return False


def _from_archive(path: Path, remedy: str) -> object:
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                refuse_leaving(name, path, remedy)
            found = [name for name in archive.namelist() if PurePosixPath(name).name == "data.pkl"]
            if len(found) != 1:
                raise DataError(
                    f"{path} should be a file that torch saved, which holds one data.pkl, got an "
                    f"archive with {len(found)}; {remedy}"
                )
            if archive.getinfo(found[0]).compress_type != zipfile.ZIP_STORED:
                raise DataError(
                    f"{path} should be a file that torch saved, which compresses nothing, got a "
                    f"compressed {found[0][:120]!r}, which could unpack to any size; {remedy}"
                )
            with archive.open(found[0]) as stream:
                return read_harmless_pickle(stream, name=str(path), remedy=remedy)
    except BROKEN as error:
        raise DataError(
            f"{path} should be a file that torch saved, and its archive cannot be read ({error}): "
            f"it is truncated or altered; {remedy}"
        ) from None


def _from_row(path: Path, remedy: str) -> object:
    name = str(path)
    with path.open("rb") as stream:
        if read_harmless_pickle(stream, name=name, remedy=remedy) != MAGIC:
            raise DataError(
                f"{path} should be a file that torch saved, got another pickle: the magic number "
                f"is missing; {remedy}"
            )
        version = read_harmless_pickle(stream, name=name, remedy=remedy)
        if version != VERSION:
            raise DataError(
                f"{path} should be a file of torch in version {VERSION}, got "
                f"{str(version)[:80]}; {remedy}"
            )
        read_harmless_pickle(stream, name=name, remedy=remedy)
        return read_harmless_pickle(stream, name=name, remedy=remedy)


def refuse_leaving(member: str, path: Path, remedy: str) -> None:
    """Refuse an archive with a member that would lie outside of the archive's folder.

    Nothing is ever unpacked to disk; such a name tells that the archive was made to do harm.

    Raises:
        UnsafeDataError: The name is absolute or climbs out.
    """
    parts = PurePosixPath(member.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[:1]:
        raise UnsafeDataError(
            f"{path} was refused, because its member {member[:120]!r} would lie outside of the "
            f"archive's folder; {remedy}"
        )
