"""Columns of a Parquet table, where pyarrow and the table are at hand; both are optional."""

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = "DELTANAS_DATA"
"""Environment variable with the folder of benchmark tables that no package brings."""


def read_columns(file: str, columns: Sequence[str]) -> list[list[Any]] | None:
    """Columns of a table in the folder of benchmark tables.

    Args:
        file: Name of the table in that folder.
        columns: Names of the columns.

    Returns:
        One list a column; None if the folder, the table or pyarrow is not there.
    """
    folder = os.environ.get(FOLDER)
    if not folder or importlib.util.find_spec("pyarrow") is None:
        return None
    path = Path(folder) / file
    if not path.is_file():
        return None
    import pyarrow.parquet  # noqa: PLC0415  optional, and slow to import

    table = pyarrow.parquet.read_table(path, columns=list(columns))
    return [table.column(column).to_pylist() for column in columns]
