"""Numbers behind figures, as small CSV files."""

import csv
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import stats


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


def half_width(values: np.ndarray | Sequence[float]) -> np.ndarray:
    """Half of the 95 % interval of means over the first axis (Student's t)."""
    return np.asarray(stats.sem(values) * stats.t.ppf(0.975, len(values) - 1))


def trained_by_seed(file: Path) -> list[dict[tuple[int, ...], float]]:
    """Validation accuracies that `bench.real_training` stored with the usual recipe.

    Returns:
        For each seed, in the order of the file, the accuracy of each code, a fraction.
    """
    known: dict[int, dict[tuple[int, ...], float]] = defaultdict(dict)
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["recipe"] == "{}":
            known[row["seed"]][tuple(map(int, row["key"].split("-")))] = row["accuracy"]
    return list(known.values())
