"""A table of your own as a benchmark: a row for each network that was trained, CSV or Parquet.

Columns named `accuracy`, `accuracy_2`, `accuracy_3` and so on are trainings of the network,
`test_accuracy` is its mean test accuracy, `seconds` what a training took, and `metric:latency_ms`
whatever else was measured. All other columns are the decisions, and the values that stand in
them are their options.
"""

import csv
import hashlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int

from deltanas.benchmarks.base import Benchmark
from deltanas.benchmarks.family import Family
from deltanas.benchmarks.sources import package_is_there
from deltanas.errors import DataError, MissingDataError
from deltanas.spaces import BlockSpace
from deltanas.spaces.counting import MOST_CELLS

ENDINGS: Final = (".csv", ".parquet")
ACCURACY: Final = re.compile(r"accuracy(_\d+)?")
TEST: Final = "test_accuracy"
SECONDS: Final = "seconds"
METRIC: Final = "metric:"
FEWEST: Final = 2
"""Rows of a table; a search needs a choice."""

Columns = Mapping[str, Sequence[Any]]
Values = Float[np.ndarray, " rows"]


def is_own_table(name: str) -> bool:
    """Whether a benchmark's name is a file of the user's."""
    return name.lower().endswith(ENDINGS)


def checksum(name: str) -> str:
    """First 8 hexadecimal digits of a table's SHA-256: with another one it answers otherwise.

    Raises:
        MissingDataError: There is no such file.
    """
    path = _there(Path(name).expanduser())
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]


def own_family(name: str) -> Family:
    """What is known of a table before it is read."""
    return Family(
        name=name,
        datasets=(),
        description="a table of your own",
        citation="your own table",
        licence="yours",
        is_installed=lambda: Path(name).expanduser().is_file(),
        load=lambda _: load_own_table(name),
        remedy=f"there is no such file from here, {Path.cwd()}",
        files=lambda: (Path(name).expanduser(),),
    )


def load_own_table(name: str) -> Benchmark:
    """Read a table.

    Args:
        name: Path of a `.csv` or `.parquet` file, which is the name of the benchmark too. Numbers
            are options in their order, other values in the order in which they first appear.

    Raises:
        MissingDataError: There is no such file, or it is Parquet and pyarrow is not installed.
        DataError: It is no table of networks; the message names the column and the row.
    """
    path = Path(name).expanduser()
    columns = _read(path)
    trainings = [each for each in columns if ACCURACY.fullmatch(each)]
    metrics = [each for each in columns if each.startswith(METRIC)]
    others = {*trainings, *metrics, TEST, SECONDS}
    decisions = [each for each in columns if each not in others]
    if not trainings or not decisions:
        raise DataError(
            f"{path} needs a column 'accuracy' and at least one column that is a decision, got "
            f"the columns {', '.join(map(repr, columns)) or 'none'}"
        )
    if len(columns[trainings[0]]) < FEWEST:
        raise DataError(f"{path} needs at least {FEWEST} rows, got {len(columns[trainings[0]])}")
    options = {each: _options(columns[each], each, path) for each in decisions}
    for each in decisions[1:] and decisions:
        if len(options[each]) == len(columns[each]):
            raise DataError(
                f"{path} has another value of {each!r} in every row, so it is no decision; drop "
                f"the column, or name it {METRIC}{each} if it was measured"
            )
    codes = np.stack(
        [_positions(columns[each], options[each]) for each in decisions], axis=1
    ).astype(np.int32)
    _refuse_twice(codes, path)
    space, order = _space_of(path, options, codes)
    fractions = [_numbers(columns[each], each, path, _fraction) for each in trainings]
    runs = [
        tuple(float(value) for value in row if not math.isnan(value))
        for row in np.stack(fractions, axis=1)[order]
    ]
    if not all(runs):
        row = int(order[[bool(each) for each in runs].index(False)])
        raise DataError(f"{path} has no accuracy in row {_line(row)}; give one, or drop the row")
    return Benchmark(
        name=name,
        space=space,
        citation=f"your own table, {path.name}",
        licence="yours",
        runs=runs,
        seconds=_whole(columns, SECONDS, path, _amount, order),
        metrics={
            each.removeprefix(METRIC): values
            for each in metrics
            if (values := _whole(columns, each, path, _number, order)) is not None
        },
        test_accuracies=_whole(columns, TEST, path, _fraction, order),
    )


def _there(path: Path) -> Path:
    if not path.is_file():
        raise MissingDataError(
            f"there is no table {path}; mind the folder that you are in, {Path.cwd()}"
        )
    return path


def _read(path: Path) -> Columns:
    read = _of_csv if path.suffix.lower() == ".csv" else _of_parquet
    try:
        return read(_there(path))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read as a table: {error}") from None


def _of_csv(path: Path) -> Columns:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    heading = [each.strip() for each in rows[0]] if rows else []
    if len(set(heading)) != len(heading) or not all(heading):
        raise DataError(
            f"{path} needs a name for each column, none twice, in its first line, got {heading}"
        )
    body = [row for row in rows[1:] if row]
    for number, row in enumerate(body):
        if len(row) != len(heading):
            raise DataError(
                f"{path} has {len(heading)} columns, got {len(row)} values in row {_line(number)}"
            )
    texts = [[value.strip() for value in column] for column in zip(*body, strict=True)]
    return {
        name: _typed(column)
        for name, column in zip(heading, texts or [[]] * len(heading), strict=True)
    }


def _of_parquet(path: Path) -> Columns:
    if not package_is_there("pyarrow"):
        raise MissingDataError(f"{path} is Parquet; install with: pip install pyarrow")
    import pyarrow as pa  # noqa: PLC0415  optional, and slow to import
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        table = pq.read_table(path, partitioning=None)
    except pa.ArrowException as error:
        raise DataError(f"{path} cannot be read as Parquet: {error}") from None
    return {name: table.column(name).to_pylist() for name in table.column_names}


def _typed(column: Sequence[str]) -> Sequence[Any]:
    """Texts as whole numbers, as numbers, or as truths, where all of them are; else as they are."""
    truths = {"true": True, "false": False}
    for meaning in (int, float, lambda text: truths[text.lower()]):
        try:
            return [meaning(text) for text in column]
        except (ValueError, KeyError):
            continue
    return column


def _options(column: Sequence[Any], name: str, path: Path) -> list[Any]:
    """The options of a decision: numbers in their order, others as they first appear."""
    for row, value in enumerate(column):
        endless = isinstance(value, float) and not math.isfinite(value)
        if value == "" or endless or not isinstance(value, bool | int | float | str):
            raise DataError(
                f"{path} has {value!r:.40} for the decision {name!r} in row {_line(row)}; each "
                f"network needs a choice, a number or a text, write for example none"
            )
    found = list(dict.fromkeys(column))
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in found)
    return sorted(found) if numbers else found


def _positions(column: Sequence[Any], options: Sequence[Any]) -> Int[np.ndarray, " rows"]:
    place = {option: number for number, option in enumerate(options)}
    return np.array([place[value] for value in column])


def _refuse_twice(codes: Int[np.ndarray, "rows decisions"], path: Path) -> None:
    known: dict[tuple[int, ...], int] = {}
    for row, code in enumerate(map(tuple, codes.tolist())):
        if code in known:
            raise DataError(
                f"{path} has the same network in rows {_line(known[code])} and {_line(row)}; its "
                f"trainings belong into one row, in columns accuracy, accuracy_2, ..."
            )
        known[code] = row


def _space_of(
    path: Path, options: Mapping[str, Sequence[Any]], codes: Int[np.ndarray, "rows decisions"]
) -> tuple[BlockSpace, Int[np.ndarray, " rows"]]:
    """The space of the table, and the rows in the order of its codes."""
    name, order = path.stem, np.lexsort(codes.T[::-1])
    combinations = math.prod(map(len, options.values()))
    if len(codes) == combinations:
        return BlockSpace(options, name=name), order
    if math.prod(len(each) + 1 for each in options.values()) > MOST_CELLS:
        raise DataError(
            f"{path} records {len(codes):,} of the {combinations:,} combinations of its decisions; "
            f"expected all: only tables of up to some {MOST_CELLS:,} combinations may lack some"
        )
    names = list(options)
    rows = codes.tolist()
    there = {tuple(o[p] for o, p in zip(options.values(), row, strict=True)) for row in rows}

    def is_recorded(*chosen: object) -> bool:
        return chosen in there

    return BlockSpace(options, name=name, rules=[(names, is_recorded)]), order


def _numbers(
    column: Sequence[Any], name: str, path: Path, refused: Callable[[float], str]
) -> Values:
    """Numbers of a column; NaN where there is none."""
    values = np.full(len(column), np.nan)
    for row, value in enumerate(column):
        if value is None or value == "":
            continue
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        wrong = refused(number) if math.isfinite(number) else "is no finite number"
        if wrong:
            raise DataError(f"{path} has {value!r} as {name!r} in row {_line(row)}, which {wrong}")
        values[row] = number
    return values


def _whole(
    columns: Columns,
    name: str,
    path: Path,
    refused: Callable[[float], str],
    order: Int[np.ndarray, " rows"],
) -> Values | None:
    """A column without gaps, in the order of the codes; None if there is none."""
    if name not in columns:
        return None
    values = _numbers(columns[name], name, path, refused)
    if np.isnan(values).any():
        row = int(np.argmax(np.isnan(values)))
        raise DataError(f"{path} has no {name!r} in row {_line(row)}; give all, or drop the column")
    ordered: Values = values[order]
    return ordered


def _fraction(number: float) -> str:
    if 0.0 <= number <= 1.0:
        return ""
    if number > 1.0:
        return (
            "is no fraction; divide per cent by 100, and turn losses into what is better when high"
        )
    return "is below 0; accuracies are fractions, higher is better"


def _amount(number: float) -> str:
    return "" if number > 0 else "is not above 0"


def _number(_: float) -> str:
    return ""


def _line(row: int) -> int:
    """Number of a row as an editor counts lines: the heading is the first."""
    return row + 2
