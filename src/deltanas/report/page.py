"""The report as files: one self-contained HTML page, and its figures as PNG and SVG."""

import html
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import final

from matplotlib.figure import Figure

from deltanas.errors import ReportError
from deltanas.records import History
from deltanas.report.cell_figure import cell_figure
from deltanas.report.cells import cell_of
from deltanas.report.changes import predicted_changes
from deltanas.report.curves import Measure, best_so_far, simulate
from deltanas.report.edits import effects
from deltanas.report.figures import convergence, edit_effects, predicted_against_measured
from deltanas.report.style import style
from deltanas.spaces import SearchSpace

REFERENCES = ("random", "regularized-evolution")
"""Methods that a table lets us run for comparison."""
FEWEST_CHANGES = 3
"""Fewer predicted changes than this make no figure."""
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Characters that no text in a report has."""


@final
@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about."""

    title: str
    """Name of the benchmark or space."""
    method: str
    """Method that searched."""
    seed: int
    """Its seed."""
    space: SearchSpace
    """What was searched."""
    history: History
    """Its trials, at least one of them finished."""
    facts: tuple[tuple[str, str], ...] = ()
    """More lines for the summary: name and value."""
    measure: Measure | None = None
    """Looks up recorded accuracies, where a table has them."""
    optimum: float | None = None
    """Best accuracy of the table, a fraction."""
    command: str = ""
    """Command that makes the study again."""


def write_report(subject: Subject, folder: Path) -> Path:
    """Write `report.html` and the figures into a folder.

    Args:
        subject: What it is about.
        folder: Made if it is missing; older reports in it are replaced.

    Returns:
        The HTML file.

    Raises:
        ReportError: Nothing has finished yet, or the folder cannot be written.
    """
    if subject.history.best is None:
        raise ReportError("a report needs at least one finished trial; run the search first")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pictures = []
        for name, caption, figure in _figures(subject):
            picture = io.StringIO()
            with style(name):
                figure.savefig(picture, format="svg", metadata={"Date": None})
                figure.savefig(folder / f"{name}.png", dpi=150)
            _replace(folder / f"{name}.svg", picture.getvalue())
            pictures.append((caption, picture.getvalue()))
        page = folder / "report.html"
        _replace(page, _page(subject, pictures))
    except OSError as error:
        raise ReportError(
            f"cannot write the report to {folder}: {error.strerror or error}; "
            f"choose another folder with --out"
        ) from None
    return page


def _replace(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the whole new one."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def _figures(subject: Subject) -> Iterable[tuple[str, str, Figure]]:
    """Name, caption and picture of each figure that this study has enough trials for."""
    history, best = subject.history, subject.history.best
    steps = sum(trial.evaluation is not None for trial in history.trials)
    measure = subject.measure
    others = [] if measure is None else [name for name in REFERENCES if name != subject.method]
    curves = [simulate(name, subject.space, measure, steps=steps) for name in others if measure]
    own = best_so_far(subject.method, history)
    with style("convergence"):
        title = f"The best architecture so far, after each of {steps} evaluations"
        figure = convergence(title, history, own, curves, subject.optimum)
    yield (
        "convergence",
        (
            "Dots are single evaluations. Lines are the best so far; for the other methods the "
            "median over runs with other seeds on the same table, bands hold half of the runs."
        ),
        figure,
    )
    changes = predicted_changes(history)
    if len(changes) >= FEWEST_CHANGES:
        with style("changes"):
            figure = predicted_against_measured(
                "Predicted and measured change of accuracy", changes
            )
        yield (
            "changes",
            (
                "Each point is one proposal: the change from its nearest evaluated relative that "
                "the predictor expected, with one standard deviation, and the change that came."
            ),
            figure,
        )
    cell = None if best is None else cell_of(subject.space, best.architecture)
    if cell is not None:
        with style("best"):
            figure = cell_figure(cell, "The best cell found")
        yield "best", "Dashed edges do not reach the output or carry nothing.", figure
    found = effects(subject.space, history)
    if found.edits:
        with style("edits"):
            figure = edit_effects("Which edits helped", found)
        yield "edits", "Mean change of accuracy over all similar pairs evaluated.", figure


def escaped(text: object) -> str:
    """Any value as harmless text of a page."""
    return html.escape(CONTROL.sub("", str(text)))


def _page(subject: Subject, pictures: list[tuple[str, str]]) -> str:
    best = subject.history.best
    rows = [
        ("Best architecture", subject.space.write(best.architecture) if best else ""),
        ("Validation accuracy", f"{100 * (best.accuracy or 0):.3f} %" if best else ""),
        *subject.facts,
        ("Trials", f"{len(subject.history.finished)} finished of {len(subject.history)}"),
        ("Method", f"{subject.method}, seed {subject.seed}"),
    ]
    table = "\n".join(f"<tr><th>{escaped(n)}</th><td>{escaped(v)}</td></tr>" for n, v in rows)
    figures = "\n".join(
        f"<figure>{svg[svg.index('<svg') :]}<figcaption>{escaped(caption)}</figcaption></figure>"
        for caption, svg in pictures
    )
    footer = f"deltanas {version('deltanas')}"
    if subject.command:
        footer += f". Made again with: {subject.command}"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escaped(subject.title)} - deltanas</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; color: #1b1f24; max-width: 58rem;
  margin: 2rem auto; padding: 0 1rem; background: #fff; }}
h1 {{ font-size: 1.5rem; }} th {{ text-align: left; padding-right: 1.5rem; white-space: nowrap; }}
th, td {{ vertical-align: top; padding-top: .25rem; }} td {{ overflow-wrap: anywhere; }}
figure {{ margin: 2.2rem 0; break-inside: avoid; }} svg {{ max-width: 100%; height: auto; }}
figcaption, footer {{ color: #57606a; font-size: .9rem; overflow-wrap: anywhere; }}
</style></head><body>
<h1>{escaped(subject.title)}</h1>
<table>{table}</table>
{figures}
<footer>{escaped(footer)}</footer>
</body></html>
"""
