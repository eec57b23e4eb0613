"""Arrays of a `.npz` file, read without executing anything and checked one by one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deltanas.archives import UnreadableArchiveError, read_archive
from deltanas.benchmarks.sources import FOLDER, absence, table_path
from deltanas.errors import DataError, MissingDataError

REMEDY = "get the file anew"

Arrays = dict[str, NDArray[Any]]


def remedy_of(file: str) -> str:
    """What to do where a file is missing."""
    return (
        f"set the environment variable {FOLDER} to the folder that holds {file}; "
        f"`deltanas data show NAME` says where a file comes from"
    )


def files_here(*names: str) -> tuple[Path, ...]:
    """Those of some files that are in the folder of benchmark files; none is read."""
    paths = (table_path(name) for name in names)
    return tuple(path for path in paths if path is not None)


def read_arrays(file: str, shapes: Mapping[str, tuple[int | None, ...]], *, need: str) -> Arrays:
    """Named arrays of a file in the folder of benchmark files.

    Args:
        file: Name of the file.
        shapes: Shape of each array that is read; None for any length.
        need: What needs the file, for the message.

    Raises:
        MissingDataError: It is not there.
        DataError: It is truncated, no archive of arrays, lacks an array, or one has another
            shape or holds what is no number.
    """
    path = table_path(file)
    if path is None:
        raise MissingDataError(
            f"{need} needs its file {file}, but {absence(file)}; {remedy_of(file)}"
        )
    try:
        found, _ = read_archive(path, shapes)
    except UnreadableArchiveError as error:
        raise DataError(
            f"{path} should be an archive of the arrays {', '.join(list(shapes)[:6])}, ..., and "
            f"cannot be read ({error}); {REMEDY}"
        ) from None
    for name, shape in shapes.items():
        array = found[name]
        fits = len(array.shape) == len(shape) and all(
            want in (None, have) for want, have in zip(shape, array.shape, strict=True)
        )
        if not fits or array.dtype.kind not in "iufU":
            raise DataError(
                f"{path} should hold {name!r} of shape {shape}, got {array.dtype} of shape "
                f"{array.shape}; {REMEDY}"
            )
    return found


def check_finite(arrays: Arrays, file: str) -> None:
    """Refuse arrays with what is no finite number.

    Raises:
        DataError: There is one.
    """
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise DataError(
                f"{file} should hold finite numbers as {name!r}, got "
                f"{int(np.sum(~np.isfinite(array)))} that are not; {REMEDY}"
            )
