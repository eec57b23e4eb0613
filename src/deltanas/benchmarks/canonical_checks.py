"""Refusing tables that cannot be right: a message names the first row that is wrong."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from deltanas.benchmarks.canonical_layout import Column, Columns, Kind, Layout
from deltanas.errors import DataError

REMEDY: Final = "get the authors' file anew and import it again"
PER_CENT: Final = 100.0


def refuse_bad_columns(layout: Layout, columns: Columns, file: str) -> None:
    """Refuse columns that differ in length, lack values or hold what cannot be, or too few rows.

    Args:
        layout: What they should hold.
        columns: Values by name.
        file: Where they come from, for the message.

    Raises:
        DataError: One of these is so.
    """
    lengths = {column.name: len(columns[column.name]) for column in layout.columns}
    if len(set(lengths.values())) != 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise DataError(f"{file} should hold columns of one length, got {told}; {REMEDY}")
    if not next(iter(lengths.values())):
        raise DataError(f"{file} should hold trainings of {layout.benchmark}, got none; {REMEDY}")
    for column in layout.columns:
        _refuse_bad_values(layout, columns, column, file)
    layout.complete(columns, file)


def _refuse_bad_values(layout: Layout, columns: Columns, column: Column, file: str) -> None:
    values, missing = columns[column.name], np.ma.getmaskarray(columns[column.name])
    known = np.ma.getdata(values)
    if missing.any() and not column.optional:
        row = int(np.argmax(missing))
        raise DataError(
            f"{file} should hold {column.name!r} in every row, got nothing in "
            f"{row_words(layout, columns, row)}; {REMEDY}"
        )
    if column.kind is Kind.TEXT:
        return
    # NaN fails both comparisons.
    wrong = ~((known >= column.least) & (known <= column.most)) & ~missing
    if wrong.any():
        row = int(np.argmax(wrong))
        unit = "" if column.unit == "-" else f" ({column.unit})"
        raise DataError(
            f"{file} should hold {column.name!r} from {column.least:g} to {column.most:g}{unit}, "
            f"got {known[row]}{_hint(column, known[row])} in {row_words(layout, columns, row)}; "
            f"{REMEDY}"
        )


def _hint(column: Column, value: Any) -> str:  # noqa: ANN401  any of numpy's numbers
    """A guess at what a value is that is no fraction."""
    if column.unit == "fraction" and column.most < value <= PER_CENT:
        return ", which looks like per cent,"
    return ""


def refuse_duplicates(layout: Layout, columns: Columns, file: str) -> None:
    """Refuse a table that tells one training twice.

    Args:
        layout: Says which columns name a training.
        columns: Values by name.
        file: Where they come from, for the message.

    Raises:
        DataError: Two rows have the same name; the message says whether they contradict.
    """
    pair = first_duplicate([columns[name] for name in layout.unique])
    if pair is None:
        return
    first, second = pair
    differing = [
        column.name
        for column in layout.columns
        if column.unit == "fraction" and not _same(columns[column.name], first, second)
    ]
    how = f"with another {' and '.join(differing)}" if differing else "with the same accuracies"
    raise DataError(
        f"{file} should tell each training once, got "
        f"{row_words(layout, columns, second)} again {how}, first in row {first}; {REMEDY}"
    )


def first_duplicate(columns: list[NDArray[Any]]) -> tuple[int, int] | None:
    """The first row that repeats another one in all columns, after that other; None if none."""
    numbers = np.zeros(len(columns[0]), dtype=np.int64)
    for values in columns:
        _, codes = np.unique(np.ma.getdata(values), return_inverse=True)
        # Renumbered each time, so that the product never overflows.
        joined = numbers * (int(codes.max(initial=0)) + 1) + codes
        _, numbers = np.unique(joined, return_inverse=True)
    _, firsts = np.unique(numbers, return_index=True)
    if len(firsts) == len(numbers):
        return None
    is_first = np.zeros(len(numbers), dtype=bool)
    is_first[firsts] = True
    second = int(np.argmin(is_first))
    return int(np.argmax(numbers == numbers[second])), second


def refuse_contradictions(
    keys: NDArray[Any], accuracies: NDArray[Any], names: NDArray[Any], file: str
) -> None:
    """Refuse a table in which functionally equal cells have different accuracies.

    Only for tables that record networks: where each cell was trained on its own, as in
    NAS-Bench-201, equal cells rightly differ.

    Args:
        keys: Canonical key of each row.
        accuracies: What the row tells.
        names: The cell of each row, for the message.
        file: Where they come from, for the message.

    Raises:
        DataError: Two rows have one key and another accuracy.
    """
    _, first, numbers = np.unique(keys, return_index=True, return_inverse=True)
    wrong = np.flatnonzero(accuracies != accuracies[first[numbers]])
    if len(wrong):
        row = int(wrong[0])
        other = int(first[numbers[row]])
        raise DataError(
            f"{file} should tell functionally equal cells with one accuracy, got "
            f"{accuracies[other]} for {names[other]} in row {other} and {accuracies[row]} for "
            f"{names[row]} in row {row}, which are one network ({str(keys[row])[:40]}); {REMEDY}"
        )


def row_words(layout: Layout, columns: Columns, row: int) -> str:
    """A row by its number and by what names it: `row 7 (seed 777, ...)`."""
    parts = [f"{name} {str(columns[name][row])[:100]}" for name in layout.unique]
    return f"row {row} ({', '.join(parts)})"


def _same(values: NDArray[Any], first: int, second: int) -> bool:
    missing = np.ma.getmaskarray(values)
    if missing[first] or missing[second]:
        return bool(missing[first] == missing[second])
    return bool(np.ma.getdata(values)[first] == np.ma.getdata(values)[second])
