"""Tables of the user's: text files with one row per example and a column of labels."""

import csv
from pathlib import Path
from typing import Final

import numpy as np

from deltanas.errors import UnfitDataError
from deltanas.training.data import Data, make_data

LABELS: Final = ("label", "class", "target", "y")
"""Names of the column of labels; the last column if there is none of them."""
SUFFIXES: Final = (".csv", ".tsv")
"""How the names of such files end."""
SEPARATORS: Final = (",", ";", "\t")


def read_table(path: Path) -> Data:
    """Data from a file of comma-, semicolon- or tab-separated values with a line of names.

    One column holds the labels: that named `label`, `class`, `target` or `y`, else the last.
    All others hold numbers.

    Raises:
        UnfitDataError: It cannot be read, a row is too short or too long, a value is no number,
            or it cannot be trained on.
    """
    names, rows = _rows(path)
    lower = [name.strip().lower() for name in names]
    place = next((lower.index(each) for each in LABELS if each in lower), len(names) - 1)
    inputs = np.empty((len(rows), len(names) - 1))
    for number, row in enumerate(rows, start=2):
        if len(row) != len(names):
            raise UnfitDataError(
                f"{path}, line {number}, has {len(row)} values, the first line names {len(names)} "
                f"columns; give each row a value for each column"
            )
        values = [*row[:place], *row[place + 1 :]]
        inputs[number - 2] = [
            _number(path, number, name, value)
            for name, value in zip([*names[:place], *names[place + 1 :]], values, strict=True)
        ]
    return make_data(path.name, inputs, np.array([row[place].strip() for row in rows]))


def _rows(path: Path) -> tuple[list[str], list[list[str]]]:
    """Names of the columns, and the other lines."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnfitDataError(
            f"{path} cannot be read as a table ({error}); save it as UTF-8"
        ) from None
    lines = [line for line in text.splitlines() if line.strip()]
    separator = max(SEPARATORS, key=(lines or [""])[0].count)
    names, *rows = list(csv.reader(lines, delimiter=separator)) or [[]]
    if len(names) < 2 or not rows:  # noqa: PLR2004 - an input and a label
        raise UnfitDataError(
            f"expected a table with a line of names, a column of labels and others of numbers, "
            f"{path} has {len(rows)} rows of {len(names)} columns; separate values by commas"
        )
    return names, rows


def _number(path: Path, line: int, column: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise UnfitDataError(
            f"{path}, line {line}, has {value[:40]!r} in column {column!r}, which is no number; "
            f"replace or leave out what is missing, and give names one column each of 0 and 1. "
            f"Labels stand in a column named {', '.join(LABELS)}, or in the last"
        ) from None
