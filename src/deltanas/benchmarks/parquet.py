"""Columns of a Parquet table, where pyarrow and the table are at hand; both are optional."""

from collections.abc import Sequence
from typing import Any

from deltanas.benchmarks.sources import package_is_there, table_path
from deltanas.errors import DataError


def read_columns(file: str, columns: Sequence[str]) -> list[list[Any]] | None:
    """Columns of a table in the folder of benchmark tables.

    Args:
        file: Name of the table in that folder.
        columns: Names of the columns.

    Returns:
        One list a column; None if the folder, the table or pyarrow is not there.

    Raises:
        DataError: The table is truncated, altered or no Parquet file, or lacks a column.
    """
    path = table_path(file)
    if path is None or not package_is_there("pyarrow"):
        return None
    import pyarrow.parquet  # noqa: PLC0415  optional, and slow to import

    try:
        table = pyarrow.parquet.read_table(path, columns=list(columns))
        return [table.column(column).to_pylist() for column in columns]
    except (pyarrow.ArrowException, OSError, ValueError, KeyError) as error:
        told = " ".join(str(error).split())[:160]
        raise DataError(
            f"{path} should be a Parquet table with the columns {', '.join(columns)}, and cannot "
            f"be read ({told}); get the file anew"
        ) from None
