"""Pairs on disk: one compressed .npz without pickle, checked when it is read."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from deltanas.archives import UnreadableArchiveError, read_archive
from deltanas.errors import PairsError
from deltanas.spaces import SearchSpace

FORMAT = 1
"""Version of the layout; raised when a reader of the old one would misread the new one."""

COLUMNS: Final[Mapping[str, np.dtype[Any]]] = {
    "codes": np.dtype(np.int32),
    "accuracies": np.dtype(np.float64),
    "first": np.dtype(np.int32),
    "second": np.dtype(np.int32),
    "distance": np.dtype(np.int32),
}
"""Arrays that are stored, each with its type."""

Arrays = Mapping[str, NDArray[np.generic]]


def write(path: Path, space: SearchSpace, arrays: Arrays) -> None:
    """Write the arrays of `COLUMNS`; a reader sees the old file or the whole new one.

    Raises:
        PairsError: The file cannot be written.
    """
    stored = {name: arrays[name].astype(kind) for name, kind in COLUMNS.items()}
    fingerprint = space.fingerprint()
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        with unfinished.open("wb") as file:
            np.savez_compressed(
                file,
                format=np.array(FORMAT),
                space=np.array(fingerprint),
                digest=np.array(_digest(fingerprint, stored)),
                allow_pickle=False,
                **stored,
            )
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise PairsError(
            f"cannot write {len(stored['first'])} pairs to {path} ({error.strerror or error}); "
            f"choose a folder that exists, may be written and has room"
        ) from None


def read(path: Path, space: SearchSpace) -> dict[str, NDArray[np.generic]]:
    """Read what `write` wrote.

    Raises:
        PairsError: No such file; not a pairs file; truncated, altered or of a newer
            format; or of another space.
    """
    if not path.exists():
        raise PairsError(
            f"expected a pairs file at {path}, which does not exist; write one with Pairs.save"
        )
    try:
        stored, _ = read_archive(path, ("format", "space", "digest", *COLUMNS))
    except UnreadableArchiveError as error:
        raise PairsError(
            f"expected a whole pairs file at {path}, got something else ({error}); it is "
            f"truncated, or Pairs.save did not write it"
        ) from None
    _check_origin(path, space, str(stored["format"]), str(stored["space"]))
    arrays = {name: stored[name] for name in COLUMNS}
    kinds = {name: array.dtype for name, array in arrays.items()}
    if kinds != COLUMNS or _digest(str(stored["space"]), arrays) != str(stored["digest"]):
        raise PairsError(
            f"expected {path} as Pairs.save wrote it, but its contents do not match its "
            f"checksum; it was altered, so take a copy or build the pairs anew"
        )
    return arrays


def _check_origin(path: Path, space: SearchSpace, version: str, fingerprint: str) -> None:
    if version != str(FORMAT):
        raise PairsError(
            f"expected format {FORMAT} in {path}, got {version}; "
            f"read it with the version of deltanas that wrote it"
        )
    if fingerprint != space.fingerprint():
        raise PairsError(
            f"expected pairs of space {space.name!r} in {path}, got those of "
            f"{fingerprint[:120]}...; load them with the space they were made in"
        )


def _digest(fingerprint: str, arrays: Arrays) -> str:
    """SHA-256 over the space and all arrays: damage that still unpacks is noticed."""
    digest = hashlib.sha256(fingerprint.encode())
    for name in COLUMNS:
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
