"""Which figures a study has enough trials for, and what stands under each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from matplotlib.figure import Figure

from deltanas.report import sentences
from deltanas.report.cell_figure import cell_figure
from deltanas.report.cells import cell_of
from deltanas.report.figures import Others, convergence, edit_effects, predicted_against_measured
from deltanas.report.front import Front, front_figure
from deltanas.report.style import style, thinning
from deltanas.report.summary import Summary

NAMES = ("convergence", "front", "changes", "best", "edits")
"""Names of all figures that there can be."""


@final
@dataclass(frozen=True, slots=True)
class Picture:
    """A figure of a report."""

    name: str
    """Name of its files, without ending."""
    title: str
    """What is seen, for those who cannot see it."""
    caption: str
    """What it is, and how to read it."""
    figure: Figure
    """The figure, not yet drawn."""


def pictures(summary: Summary) -> Iterator[Picture]:
    """The figures of a report, the most important first."""
    yield _convergence(summary)
    if summary.front is not None:
        yield _front(summary.front)
    if len(summary.changes) >= sentences.FEWEST_CHANGES:
        yield _changes(summary)
    yield from _best(summary)
    if summary.effects.edits:
        yield _effects(summary)


def _drawn(dots: int) -> str:
    """Which of so many dots are drawn, in words; nothing where all are."""
    step = thinning(dots)
    return "" if step == 1 else f" (one in {step} is drawn)"


def _convergence(summary: Summary) -> Picture:
    title = sentences.convergence_title(summary)
    standing, estimated = summary.standing, summary.estimated
    optimum = None if standing is None else standing.optimum
    optimum = optimum if estimated is None else estimated.best_known
    name, source = ("best of the table", "table") if estimated is None else ("best known", "model")
    dots = _drawn(len(summary.subject.history.finished))
    caption = f"Each dot is one evaluation{dots}, the blue line the best so far."
    for curve in summary.references[:1]:
        caption += (
            f" Other lines: the median best so far of {curve.runs} runs with other seeds, "
            f"simulated on the same {source}; bands hold the middle half of these runs."
        )
    if summary.subject.signal != "mean":
        caption += (
            " Each accuracy is that of one training, so that luck can lift it above the best "
            "mean of the table (dashed)."
        )
    with style("convergence"):
        others = Others(summary.references, optimum, summary.subject.split, name, summary.scale)
        figure = convergence(title, summary.subject.history, summary.own, others)
    return Picture("convergence", title, caption, figure)


def _front(found: Front) -> Picture:
    dots = _drawn(len(found.trials) - int(found.is_best.sum()))
    caption = (
        f"Each dot is one evaluation{dots}. Blue: no other one is as good in every objective and "
        "better in one. The worst evaluations are cut off below."
    )
    with style("front"):
        figure = front_figure(found)
    return Picture("front", found.title, caption, figure)


def _changes(summary: Summary) -> Picture:
    title = sentences.changes_title(summary)
    dots = _drawn(len(summary.changes))
    caption = (
        f"Each point is one proposal{dots}: the change from its nearest evaluated relative that "
        "the predictor expected, with one spread (standard deviation), and the change that came. "
        "In the green fields the direction was right; on the dashed line the size as well. "
        f"{sentences.changes_words(summary)}"
    )
    with style("changes"):
        figure = predicted_against_measured(title, summary.changes, summary.scale)
    return Picture("changes", title, caption, figure)


def _best(summary: Summary) -> Iterator[Picture]:
    cell = cell_of(summary.subject.space, summary.best.architecture)
    if cell is None:
        return
    title = f"The best cell found: {summary.scale.shown(summary.best_accuracy)}"
    caption = "From the input of the cell to its output. " + (
        "What reaches nothing is left out."
        if cell.on_nodes
        else "Bold: operations with weights. Grey and dashed: nothing of it reaches the output."
    )
    with style("best"):
        figure = cell_figure(cell, title)
    yield Picture("best", title, caption, figure)


def _effects(summary: Summary) -> Picture:
    title = sentences.effects_title(summary)
    caption = (
        f"Pairs of evaluated architectures that are one edit apart: all {summary.effects.pairs}. "
        "Left: mean gain of an edit, written in the direction in which it helped, with the 95 % "
        "t-interval where there are three pairs or more; filled where the interval leaves out "
        "zero. Right: how much a change matters at each place, whichever way it goes. Pairs share "
        "architectures, so intervals describe and do not test."
    )
    with style("edits"):
        figure = edit_effects(title, summary.effects, summary.scale)
    return Picture("edits", title, caption, figure)
