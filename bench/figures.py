"""`make figures`: draw the figures and the table of the docs again; nothing long is run.

What is missing is named with the command that makes it. Folders of `deltanas compare` that are
named, or all below `runs`, get their own tables and figures anew too.
"""

import argparse
from pathlib import Path

from bench import edit_distance, gap, paper
from bench.numbers import read_lines
from deltanas.compare.outputs import write_outputs
from deltanas.compare.results import MERGED
from deltanas.compare.summary import comparison
from deltanas.report.style import style


def main() -> None:
    """Redraw the folders that are named, or all there is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, help="folders of `deltanas compare`")
    parser.add_argument("--against", help="method drawn in front and tested against")
    given = parser.parse_args()
    folders = given.folders or sorted(path.parent for path in Path("runs").rglob(MERGED))
    for folder in folders:
        for path in write_outputs(comparison(folder), folder, given.against):
            print(path)
    if given.folders:
        return
    if edit_distance.DATA.exists():
        with style("edit_distance"):
            path = paper.ASSETS / "edit_distance.svg"
            edit_distance.figure(edit_distance.DATA).savefig(path, metadata={"Date": None})
        print(path)
    else:
        print(f"missing: {edit_distance.DATA}, made by\n  python -m bench.edit_distance")
    if gap.DATA.exists():
        gap.draw(read_lines(gap.DATA))
        print(gap.PICTURE)
    else:
        print(f"missing: {gap.DATA}, made by\n  python -m bench.gap")
    for path in paper.draw():
        print(path)


if __name__ == "__main__":
    main()
