"""`python -m bench.kept FOLDER NAME`: keep the runs of a comparison beside the docs, small.

What tables, tests and figures are made of stays; of what they do not need, the architectures, what
each query told and the seconds of single proposals, nothing or one number a run is left. Alone in
a folder as `results.parquet`, the file is what `deltanas compare` goes on from.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from deltanas.compare.results import MERGED, read

KEPT = Path("docs/assets/runs")


def kept_runs(name: str) -> Path:
    """Where the runs of this name are kept."""
    return KEPT / f"{name}.parquet"


def found_runs(folder: Path, name: str) -> Path | None:
    """Runs of a comparison: its own, else what is kept of them; None where there are none."""
    return next((path for path in (folder / MERGED, kept_runs(name)) if path.exists()), None)


def thinned(table: pa.Table, starts: int) -> pa.Table:
    """The same runs in a thirtieth of the space.

    Args:
        table: Rows of a results file, run by run.
        starts: Queries of each run that no method chose.

    Returns:
        Rows in which `architecture` and `value` are empty, `mean` is the best mean accuracy so far,
        and `seconds` is the run's median.
    """
    columns = {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}
    mean, seconds = columns["mean"].copy(), columns["seconds"].copy()
    for rows in _runs(columns["query"]):
        mean[rows] = np.maximum.accumulate(mean[rows])
        chosen = seconds[rows][starts:]
        seconds[rows] = np.round(np.median(chosen), 4) if len(chosen) else 0.0
    new = {
        "architecture": pa.nulls(len(table), pa.string()),
        "value": pa.nulls(len(table), pa.float64()),
        "mean": pa.array(mean),
        "seconds": pa.array(seconds),
    }
    arrays = [new.get(name, table[name]) for name in table.column_names]
    return pa.table(arrays, schema=table.schema)


def _runs(queries: np.ndarray) -> Sequence[np.ndarray]:
    """Rows of each run; a run begins with query 1."""
    return np.split(np.arange(len(queries)), np.flatnonzero(queries == 1)[1:])


def main() -> None:
    """Write the file that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of `deltanas compare`")
    parser.add_argument("name", help="of the file, without its ending")
    given = parser.parse_args()
    table, head = read(given.folder)
    path = kept_runs(given.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    small = thinned(table, int(head["starts"]))
    pq.write_table(small, path, compression="zstd", compression_level=19)
    print(f"{path}: {len(np.unique(table['seed']))} seeds, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
