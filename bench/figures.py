"""`make figures`: draw the comparison's table and figures again from its results file.

Nothing is run here: `deltanas compare ... --out DIR` writes `DIR/results.parquet`, and this
reads it. By default it takes every results file below `runs`.
"""

import argparse
from pathlib import Path

from deltanas.compare.outputs import write_outputs
from deltanas.compare.results import MERGED
from deltanas.compare.summary import comparison


def main() -> None:
    """Redraw the folders that are named, or all there are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, help="folders of `deltanas compare`")
    parser.add_argument("--against", help="method drawn in front and tested against")
    given = parser.parse_args()
    folders = given.folders or sorted(path.parent for path in Path("runs").rglob(MERGED))
    if not folders:
        print("no results below runs/; run `deltanas compare` first")
    for folder in folders:
        for path in write_outputs(comparison(folder), folder, given.against):
            print(path)


if __name__ == "__main__":
    main()
