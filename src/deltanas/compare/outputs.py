"""Everything that a comparison leaves behind for people: table, tests, figures."""

import os
from pathlib import Path

from deltanas.compare.curves import Curves
from deltanas.compare.metrics import bootstrap
from deltanas.compare.protocol import ComparisonError
from deltanas.compare.summary import TASKS_FOR_RANKS, Comparison, overall
from deltanas.compare.tables import as_csv, markdown
from deltanas.report.comparison import Curve, rank_figure, regret_figure
from deltanas.report.style import style

FORMATS = ("png", "svg")


def write_outputs(found: Comparison, folder: Path, ours: str | None) -> list[Path]:
    """Write `table.md`, `table.csv` and the figures `regret` and `ranks` beside the results.

    Args:
        found: A results file, read.
        folder: Where to write.
        ours: The method that is drawn in front and tested against; None for the first.

    Returns:
        The files.

    Raises:
        ComparisonError: The folder cannot be written.
    """
    chosen = ours if ours in found.methods else found.methods[0]
    files = []
    try:
        for name, text in (("table.md", markdown(found, chosen)), ("table.csv", as_csv(found))):
            files.append(folder / name)
            _replace(files[-1], text.encode())
        files += _figures(found, folder, chosen)
    except OSError as error:
        raise ComparisonError(
            f"the results are in {folder}, but its tables and figures cannot be written "
            f"({error.strerror}); make room or choose another --out"
        ) from None
    return files


def _figures(found: Comparison, folder: Path, ours: str) -> list[Path]:
    curves = {
        benchmark: {
            method: _curve(found.curves[benchmark, method])
            for method in found.methods
            if (benchmark, method) in found.curves
        }
        for benchmark in found.benchmarks
    }
    runs = max(len(each.seeds) for each in found.curves.values())
    title = (
        f"Regret of the best architecture found, mean of {runs} runs "
        f"({found.head['signal']} signal, {found.head['identity']} identity)"
    )
    if found.references:
        title += f"; from the best known in {', '.join(found.references)}"
    if found.head.get("limits"):
        title += f"; limits {found.head['limits']}"
    files = []
    with style("comparison"):
        made = {"regret": regret_figure(curves, ours=ours, starts=found.starts, title=title)}
        try:
            ranks = overall(found)
            made["ranks"] = rank_figure(
                ranks.mean,
                ranks.critical_difference,
                ours=ours,
                title=f"Average rank over {ranks.blocks} {_blocks(found)}",
            )
        except ComparisonError:
            # One method, or one run: there is nothing to rank.
            pass
        for name, figure in made.items():
            for kind in FORMATS:
                files.append(folder / f"{name}.{kind}")
                # An SVG without its date, so that equal results are equal files.
                facts = {"Date": None} if kind == "svg" else {}
                figure.savefig(files[-1], dpi=150, metadata=facts)
    return files


def _curve(curves: Curves) -> Curve:
    low, high = bootstrap(curves.regret)
    return Curve(curves.regret.mean(axis=0), low, high)


def _replace(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _blocks(found: Comparison) -> str:
    """What ranks are averaged over, in words."""
    return "tasks" if len(found.benchmarks) >= TASKS_FOR_RANKS else "paired runs"
