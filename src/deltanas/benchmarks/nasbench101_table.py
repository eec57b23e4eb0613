"""The table of NAS-Bench-101 as a file: read without executing anything, checked, as codes.

One row for each network, in the order of the official hash: number of vertices, bits of the
adjacency matrix (the lowest is 0→1, then row by row), operations as digits to the base 3
(the lowest is vertex 1), the first eight bytes of the hash, accuracy, parameters.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, final

import numpy as np
from jaxtyping import Int, UInt64
from numpy.typing import NDArray

from deltanas.archives import UnreadableArchiveError, read_archive
from deltanas.errors import DataError
from deltanas.spaces import Codes, NasBench101
from deltanas.spaces.nasbench101 import EDGES, OPERATIONS, VERTICES
from deltanas.spaces.node_graphs import pairs

ROWS: Final = 423_624
PREFIX: Final = 16
"""Hexadecimal digits of the hash that the table holds."""
COLUMNS: Final = MappingProxyType(
    {
        "n_vertices": (ROWS,),
        "bits": (ROWS,),
        "ops": (ROWS,),
        "hash8": (ROWS, PREFIX // 2),
        "test_mean_e108": (ROWS,),
        "params_M": (ROWS,),
    }
)
"""Shape of each column that is read."""
LARGEST_M: Final = 50.0
"""No network of the space has more parameters, in millions."""
STRIDE: Final = 9_973
"""Every so many rows the hash is worked out and compared."""
CHUNK: Final = 10_000
"""Keys that are worked out at once."""
REMEDY: Final = "get the file anew"

Columns = dict[str, NDArray[Any]]


def read_columns(path: Path) -> Columns:
    """The columns that are used.

    Raises:
        DataError: The file is truncated, or no archive of arrays, or lacks a column.
    """
    try:
        return read_archive(path, COLUMNS)[0]
    except UnreadableArchiveError as e:
        raise DataError(
            f"{path} should be an archive of the arrays {', '.join(COLUMNS)}, and cannot be read "
            f"({e}); {REMEDY}"
        ) from None


def checked_columns(columns: Columns, path: Path) -> Columns:
    """The columns, if each can be one of NAS-Bench-101.

    Args:
        columns: What the file holds.
        path: The file, for messages.

    Raises:
        DataError: A column has another shape, a row holds what cannot be, or hashes are not
            all different and in order.
    """
    for name, shape in COLUMNS.items():
        found = columns[name]
        if found.shape != shape or found.dtype.kind not in "iuf":
            raise DataError(
                f"{path} should hold numbers of shape {shape} as {name!r}, got {found.dtype} of "
                f"shape {found.shape}; {REMEDY}"
            )
    vertices = np.clip(columns["n_vertices"].astype(np.int64), 2, VERTICES)
    _check_range(columns, "n_vertices", 2, np.full(ROWS, VERTICES), path)
    _check_range(columns, "bits", 1, 2 ** (vertices * (vertices - 1) // 2) - 1, path)
    _check_range(columns, "ops", 0, len(OPERATIONS) ** (vertices - 2) - 1, path)
    _check_range(columns, "test_mean_e108", 0, np.ones(ROWS), path)
    _check_range(columns, "params_M", 0, np.full(ROWS, LARGEST_M), path)
    numbers = numbers_of(columns)
    disorder = np.flatnonzero(numbers[1:] <= numbers[:-1])
    if len(disorder):
        row = int(disorder[0]) + 1
        raise DataError(
            f"{path} should hold different hashes in ascending order, got {numbers[row]:016x} in "
            f"row {row} after {numbers[row - 1]:016x}; {REMEDY}"
        )
    return columns


def _check_range(columns: Columns, name: str, least: int, most: NDArray[Any], path: Path) -> None:
    """Refuse a column with a value outside its range; NaN is outside of each."""
    values = columns[name]
    wrong = np.flatnonzero(~((values >= least) & (values <= most)))
    if len(wrong):
        row = int(wrong[0])
        raise DataError(
            f"{path} should hold {name!r} from {least} to {most[row]}, got {values[row]} in row "
            f"{row}; {REMEDY}"
        )


def checked_codes(space: NasBench101, columns: Columns, path: Path) -> Codes:
    """The codes of all rows; the output is the last vertex, missing vertices are dead.

    Raises:
        DataError: A row is no cell of the space, or its hash is that of another cell.
    """
    codes = codes_of_rows(columns)
    invalid = np.flatnonzero(~space.are_valid(codes))
    if len(invalid):
        raise DataError(
            f"{path} should hold cells of NAS-Bench-101, got one without a path to its output, or "
            f"with too many edges, in row {int(invalid[0])}; {REMEDY}"
        )
    numbers = numbers_of(columns)
    for row in range(0, ROWS, STRIDE):
        key = space.keys(codes[row : row + 1])[0]
        if int(key[:PREFIX], 16) != numbers[row]:
            raise DataError(
                f"{path} should hold the hash {key[:PREFIX]} in row {row}, which is that of its "
                f"cell, got {numbers[row]:016x}; {REMEDY}"
            )
    return codes


def codes_of_rows(columns: Columns) -> Codes:
    """The codes of all rows."""
    vertices = columns["n_vertices"].astype(np.int64)
    bits, digits = columns["bits"].astype(np.int64), columns["ops"].astype(np.int64)
    place = {pair: position for position, pair in enumerate(EDGES)}
    codes = np.zeros((len(vertices), len(EDGES) + VERTICES - 2), dtype=np.int32)
    for size in range(2, VERTICES + 1):
        rows = np.flatnonzero(vertices == size)
        for bit, (source, target) in enumerate(pairs(size)):
            last = VERTICES - 1 if target == size - 1 else target
            codes[rows, place[source, last]] = bits[rows] >> bit & 1
        for interior in range(size - 2):
            digit = digits[rows] // len(OPERATIONS) ** interior % len(OPERATIONS)
            codes[rows, len(EDGES) + interior] = digit
    return codes


def numbers_of(columns: Columns) -> UInt64[np.ndarray, " rows"]:
    """The hashes that the table holds, as numbers."""
    first = np.ascontiguousarray(columns["hash8"], dtype=np.uint8)
    return first.view(">u8")[:, 0].astype(np.uint64)


@final
class RowsByKey(Mapping[str, int]):
    """Row of each key, found by the digits that the table holds; nothing is hashed for it."""

    def __init__(
        self, space: NasBench101, codes: Codes, numbers: UInt64[np.ndarray, " rows"]
    ) -> None:
        """Keep the numbers of the rows.

        Args:
            space: Tells whole keys, where all of them are asked for.
            codes: Code of each row.
            numbers: First digits of the key of each row, as ascending numbers.
        """
        self._space = space
        self._codes = codes
        self._numbers = numbers

    def __getitem__(self, key: str) -> int:
        """The row of a key."""
        try:
            number = np.uint64(int(key[:PREFIX], 16))
        except (TypeError, ValueError, OverflowError):
            raise KeyError(key) from None
        row = int(np.searchsorted(self._numbers, number))
        if row == len(self._numbers) or self._numbers[row] != number:
            raise KeyError(key)
        return row

    def __iter__(self) -> Iterator[str]:
        """All keys, by row; half a minute for the whole table."""
        for start in range(0, len(self._codes), CHUNK):
            chunk: Int[np.ndarray, "rows decisions"] = self._codes[start : start + CHUNK]
            yield from self._space.keys(chunk)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self._numbers)
