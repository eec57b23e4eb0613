"""The one form in which imported benchmarks are kept: a Parquet table, one row a training.

Authors publish their benchmarks in forms that differ in everything. An importer turns each
into a table of this form once: texts, whole numbers and real numbers, accuracies as
fractions, nothing for what was not recorded. Units, seeds, splits, citation and the checksum
of the authors' file are kept in the table itself, under the key `deltanas` of its metadata.

A table is checked when it is written and again when it is read, and a message names the row.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, final

import numpy as np

from deltanas.benchmarks.canonical_checks import refuse_bad_columns, refuse_duplicates
from deltanas.benchmarks.canonical_layout import Column, Columns, Kind, Layout
from deltanas.benchmarks.sources import data_folder, package_is_there
from deltanas.errors import DataError, MissingDataError

FORMAT: Final = 1
"""Version of this form."""
METADATA: Final = b"deltanas"
REMEDY: Final = "import the authors' file again with `deltanas data import`"


@final
@dataclass(frozen=True, slots=True)
class Source:
    """The authors' file that a table was made of."""

    file: str
    """Its name, without the folder."""
    bytes: int
    """Its size."""
    sha256: str
    """Its checksum; of a folder, that of the names and checksums of its files in order."""
    form: str
    """What kind of file it was, in words."""


def write_table(layout: Layout, columns: Columns, source: Source) -> Path:
    """Check columns and write them as the canonical table of a benchmark.

    The table is written beside its place and moved there when it is complete.

    Args:
        layout: What the table should hold.
        columns: Values by name, all of one length; what is masked was not recorded.
        source: The file they come from.

    Raises:
        MissingDataError: pyarrow is not installed.
        DataError: The columns are not what the layout says, or the table cannot be written.
    """
    pa, pq = _pyarrow()
    refuse_bad_columns(layout, columns, source.file)
    refuse_duplicates(layout, columns, source.file)
    metadata = {
        "format": FORMAT,
        "benchmark": layout.benchmark,
        "rows": len(columns[layout.columns[0].name]),
        "sha256": checksum(layout, columns),
        "units": {column.name: column.unit for column in layout.columns},
        "meanings": {column.name: column.meaning for column in layout.columns},
        "seeds": layout.seeds,
        "splits": layout.splits,
        "citation": layout.citation,
        "licence": layout.licence,
        "source": asdict(source),
    }
    arrays = {column.name: _arrow(pa, column, columns[column.name]) for column in layout.columns}
    text = json.dumps(metadata).encode()
    table = pa.table(arrays).replace_schema_metadata({METADATA: text})
    path = data_folder() / layout.file
    half = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, half, compression="zstd", write_page_checksum=True)
        half.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
        raise DataError(
            f"the table of {layout.benchmark} should be written to {path}, and cannot be "
            f"({error.strerror or error}); set DELTANAS_DATA to a folder that you may write"
        ) from None
    return path


def read_table(path: Path, layout: Layout, *, thoroughly: bool = False) -> Columns:
    """The columns of a canonical table, checked.

    Args:
        path: The table.
        layout: What it should hold.
        thoroughly: Whether to work out its checksum and look for duplicates too, which takes
            seconds where it is large.

    Raises:
        MissingDataError: pyarrow is not installed.
        DataError: It is truncated, altered, of another benchmark or incomplete.
    """
    _, pq = _pyarrow()
    told = described(path)
    if told.get("benchmark") != layout.benchmark or told.get("format") != FORMAT:
        raise DataError(
            f"{path} should be the table of {layout.benchmark} in format {FORMAT}, got "
            f"{str(told.get('benchmark'))[:80]!r} in format {str(told.get('format'))[:20]}; "
            f"{REMEDY}"
        )
    try:
        names = [column.name for column in layout.columns]
        table = pq.read_table(path, columns=names, page_checksum_verification=True)
        columns = {
            column.name: _numpy(column, table.column(column.name)) for column in layout.columns
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(path, error) from None
    if len(table) != told.get("rows"):
        raise DataError(
            f"{path} should hold the {str(told.get('rows'))[:20]} rows that its metadata tell, got "
            f"{len(table)}; {REMEDY}"
        )
    refuse_bad_columns(layout, columns, str(path))
    if thoroughly:
        refuse_duplicates(layout, columns, str(path))
        found = checksum(layout, columns)
        if found != told.get("sha256"):
            raise DataError(
                f"{path} should hold values with the checksum {str(told.get('sha256'))[:12]}..., "
                f"which its metadata tell, got {found[:12]}...: it was altered; {REMEDY}"
            )
    return columns


def described(path: Path) -> dict[str, Any]:
    """What a canonical table tells of itself.

    Raises:
        MissingDataError: pyarrow is not installed.
        DataError: It is no such table.
    """
    _, pq = _pyarrow()
    try:
        metadata = (pq.read_schema(path).metadata or {}).get(METADATA, b"")
        told = json.loads(metadata or b"null")
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    if not isinstance(told, dict):
        raise DataError(
            f"{path} should tell what it holds under 'deltanas' in its metadata, got a Parquet "
            f"table that was made otherwise; {REMEDY}"
        )
    return told


def checksum(layout: Layout, columns: Columns) -> str:
    """SHA-256 of the values, whatever file they are in."""
    digest = hashlib.sha256()
    for column in layout.columns:
        values = columns[column.name]
        missing = np.ma.getmaskarray(values)
        digest.update(f"{column.name}:{column.kind.value}:{len(missing)}:".encode())
        digest.update(np.packbits(missing).tobytes())
        known = np.ma.getdata(values)[~missing]
        if column.kind is Kind.TEXT:
            digest.update("\n".join(known.tolist()).encode())
        else:
            digest.update(known.astype("<i8" if column.kind is Kind.WHOLE else "<f8").tobytes())
    return digest.hexdigest()


def _arrow(pa: Any, column: Column, values: Any) -> Any:  # noqa: ANN401  pyarrow has no types
    """A column as pyarrow writes it."""
    mask = np.ma.getmaskarray(values)
    kinds = {Kind.TEXT: pa.string(), Kind.WHOLE: pa.int64(), Kind.REAL: pa.float64()}
    return pa.array(
        np.ma.getdata(values), type=kinds[column.kind], mask=mask if mask.any() else None
    )


def _numpy(column: Column, chunks: Any) -> Any:  # noqa: ANN401  pyarrow has no types
    """A column as pyarrow reads it; masked where it is empty."""
    kinds = {Kind.TEXT: "string", Kind.WHOLE: "int64", Kind.REAL: "double"}
    if str(chunks.type) not in {kinds[column.kind], f"large_{kinds[column.kind]}"}:
        raise TypeError(f"column {column.name!r} has the type {chunks.type}")
    missing = chunks.is_null().to_numpy()
    blank = {Kind.TEXT: "", Kind.WHOLE: 0, Kind.REAL: 0.0}[column.kind]
    values = chunks.fill_null(blank).to_numpy() if missing.any() else chunks.to_numpy()
    return np.ma.MaskedArray(values, mask=missing) if missing.any() else values


def _unreadable(path: Path, error: Exception) -> DataError:
    told = " ".join(str(error).split())[:160]
    return DataError(
        f"{path} should be a Parquet table that deltanas wrote, and cannot be read ({told}); "
        f"{REMEDY}"
    )


def _pyarrow() -> tuple[Any, Any]:
    if not package_is_there("pyarrow"):
        raise MissingDataError(
            "imported benchmarks are kept as Parquet tables, which need the package pyarrow, and "
            "it is not installed; run `pip install 'deltanas[data]'`"
        )
    import pyarrow as pa  # noqa: PLC0415  optional, and slow to import
    import pyarrow.parquet as pq  # noqa: PLC0415

    return pa, pq


def columns_of(layout: Layout, rows: Mapping[str, list[Any]]) -> Columns:
    """Columns of lists in which None stands for what was not recorded."""
    columns: Columns = {}
    for column in layout.columns:
        values = rows[column.name]
        kind = {Kind.TEXT: object, Kind.WHOLE: np.int64, Kind.REAL: np.float64}[column.kind]
        blank = {Kind.TEXT: "", Kind.WHOLE: 0, Kind.REAL: 0.0}[column.kind]
        missing = [value is None for value in values]
        filled = np.array([blank if value is None else value for value in values], dtype=kind)
        columns[column.name] = np.ma.MaskedArray(filled, mask=missing) if any(missing) else filled
    return columns
