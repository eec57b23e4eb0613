"""The authors' file of NAS-Bench-201: `NAS-Bench-201-v1_1-096897.pth`.

A file that torch saved, with `{"meta_archs": [texts of the 15,625 cells], "arch2infos":
{0: {"less": {...}, "full": {...}}, ...}, "evaluated_indexes": ...}`: what is recorded of each
cell for 12 and for 200 epochs, as `nasbench201_trainings` describes.

It is one pickle, so all of it is built in memory before the first row is read, which needs
many gigabytes. NATS-Bench's archive holds the same trainings and is read cell by cell.

Source: read by the authors' nas_201_api/api_201.py (github.com/D-X-Y/NAS-Bench-201).
"""

from collections.abc import Callable
from pathlib import Path

from deltanas.benchmarks.canonical_checks import REMEDY
from deltanas.benchmarks.canonical_layout import Columns
from deltanas.benchmarks.importers.nasbench201_trainings import (
    LAYOUT,
    Rows,
    add_trainings,
    trainings,
)
from deltanas.benchmarks.importers.torch_file import read_torch_file
from deltanas.errors import DataError


def read(path: Path, told: Callable[[int, int], None]) -> Columns:
    """All trainings in the file.

    Args:
        path: The file.
        told: Called with how many cells are done, and of how many.

    Raises:
        UnsafeDataError: The file would run code.
        DataError: It is truncated, altered or another file.
    """
    value = read_torch_file(path, remedy=REMEDY)
    cells = value.get("meta_archs") if isinstance(value, dict) else None
    records = value.get("arch2infos") if isinstance(value, dict) else None
    if not isinstance(cells, list) or not isinstance(records, dict):
        raise DataError(
            f"{path} should hold 'meta_archs' and 'arch2infos' of NAS-Bench-201, got "
            f"{_words(value)}; {REMEDY}"
        )
    rows: Rows = {column.name: [] for column in LAYOUT.columns}
    for number, cell in enumerate(cells):
        of_cell = records.pop(number, None)
        if not isinstance(of_cell, dict) or not {"less", "full"} <= set(of_cell):
            raise DataError(
                f"{path} should hold 'less' and 'full' of each of the {len(cells):,} cells, got "
                f"{_words(of_cell)} for cell {number} ({str(cell)[:100]}); {REMEDY}"
            )
        for name in ("less", "full"):
            add_trainings(rows, of_cell[name], str(cell), str(path))
        told(number + 1, len(cells))
    return trainings(rows, str(path))


def _words(value: object) -> str:
    """What was found instead of a dict with certain keys."""
    if isinstance(value, dict):
        return f"a dict with {', '.join(str(key)[:40] for key in list(value)[:5]) or 'nothing'}"
    return type(value).__name__
