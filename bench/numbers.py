"""Numbers behind figures, as small CSV files."""

import csv
from collections.abc import Sequence
from pathlib import Path


def read_lines(path: Path) -> list[dict[str, str]]:
    """The lines of a file, by the names in its first one."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_lines(path: Path, lines: Sequence[Sequence[object]]) -> Path:
    """Write lines, names first; the folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)
    return path


def as_power(exponent: int) -> str:
    """A power of ten in plain letters; figures here are drawn without mathematical text."""
    return "10" + str(exponent).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
