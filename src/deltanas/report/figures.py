"""The pictures of a report: numbers in, matplotlib figures out. Nothing is computed here.

Axes are in per cent and percentage points, or in scores; titles say what is seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from deltanas.records import History
from deltanas.report.changes import Changes
from deltanas.report.curves import Curve
from deltanas.report.edits import Effect, Effects
from deltanas.report.style import (
    GOOD,
    INK,
    OURS,
    PAPER,
    PLAIN,
    SECOND,
    THIRD,
    headline,
    new_figure,
    spread_out,
    thinning,
)
from deltanas.scale import PER_CENT, Scale
from deltanas.texts import one_line

MOST_EFFECTS = 12
"""More kinds of edits than this are left to the table."""
LONGEST_NAME = 44
"""Longer names are cut in figures; the page has them whole."""


@final
@dataclass(frozen=True, slots=True)
class Others:
    """What a study's curve is drawn against; nothing without a table."""

    curves: Sequence[Curve] = ()
    """At most two other methods."""
    optimum: float | None = None
    """Best accuracy of the table, or the best known one, a fraction."""
    split: str = "validation"
    """What the accuracies are measured on."""
    optimum_name: str = "best of the table"
    """What the best accuracy is called."""
    scale: Scale = PER_CENT
    """How accuracies are shown."""


def short(text: str, longest: int = LONGEST_NAME) -> str:
    """The text, cut in the middle where it is too long for a figure, on one line."""
    text = one_line(text)
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def convergence(title: str, history: History, own: Curve, others: Others) -> Figure:
    """Best accuracy so far against evaluations, with every single evaluation as a dot."""
    figure = new_figure(8.6, 5.0)
    headline(figure, title)
    axes = figure.add_subplot()
    factor = others.scale.factor
    for curve, colour in zip(others.curves, (SECOND, THIRD), strict=False):
        low, high = factor * curve.low, factor * curve.high
        axes.fill_between(curve.evaluations, low, high, color=colour, alpha=0.14, lw=0)
        axes.plot(curve.evaluations, factor * curve.middle, color=colour, lw=1.8)
    ended = [trial for trial in history.trials if trial.evaluation is not None]
    dots = np.array(
        [(place, factor * t.accuracy) for place, t in enumerate(ended, 1) if t.accuracy is not None]
    )
    x, y = dots[:: thinning(len(dots))].T
    axes.scatter(x, y, s=18, color=OURS, alpha=0.4, lw=0, zorder=3)
    axes.step(own.evaluations, factor * own.middle, where="post", color=OURS, lw=2.6, zorder=4)
    if others.optimum is not None:
        axes.axhline(factor * others.optimum, color=GOOD, lw=1.4, ls=(0, (5, 3)), zorder=2)
    bottom, top = _window(own, others)
    axes.set_ylim(bottom, top)
    axes.set_xlim(0, 1.01 * max(len(ended), 2))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.set_xlabel("evaluations (trainings)")
    axes.set_ylabel(f"{others.split} {others.scale.axis}")
    below = int(np.sum(dots[:, 1] < bottom))
    if below:
        _corner(axes, (0.985, 0.02), f"{below} weaker below the picture", PLAIN)
    _label_ends(axes, own, others)
    return figure


def _window(own: Curve, others: Others) -> tuple[float, float]:
    """The part of the vertical axis where something happens, as it is shown."""
    tops = [own.middle[-1], *(curve.high[-1] for curve in others.curves)]
    top = max([*tops, others.optimum] if others.optimum is not None else tops)
    starts = [curve.middle[min(1, len(curve.middle) - 1)] for curve in others.curves]
    bottom = min(starts or own.middle[:1])
    factor = others.scale.factor
    least = 1e-3 if others.scale.is_fraction else 1e-3 * abs(top) or 1e-3
    height = max(top - bottom, least)
    return factor * (bottom - 0.05 * height), factor * (top + 0.10 * height)


def _label_ends(axes: Axes, own: Curve, others: Others) -> None:
    """Names at the right ends of the lines, moved apart where they would meet."""
    scale = others.scale
    labels = [(scale.factor * float(own.middle[-1]), own.name, "", OURS, "bold")]
    for curve, colour in zip(others.curves, (SECOND, THIRD), strict=False):
        labels.append(
            (
                scale.factor * float(curve.middle[-1]),
                curve.name,
                f", median of {curve.runs}",
                colour,
                "normal",
            )
        )
    if others.optimum is not None:
        labels.append((scale.factor * others.optimum, others.optimum_name, "", GOOD, "normal"))
    bottom, top = axes.get_ylim()
    heights = spread_out([label[0] for label in labels], 0.105 * (top - bottom))
    for (at, name, note, colour, weight), height in zip(labels, heights, strict=True):
        axes.annotate(
            f"{short(name, 22)}\n{scale.bare(at / scale.factor)}{note}",
            (1, at),
            (1.03, (height - bottom) / (top - bottom)),
            xycoords=("axes fraction", "data"),
            textcoords="axes fraction",
            va="center",
            fontsize=9.5,
            color=colour,
            fontweight=weight,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.8, "shrinkA": 1, "shrinkB": 0},
        )


def predicted_against_measured(title: str, changes: Changes, scale: Scale = PER_CENT) -> Figure:
    """One point per proposal: how far from the diagonal, and on the right side of zero?"""
    figure = new_figure(6.4, 6.2)
    headline(figure, title)
    axes = figure.add_subplot()
    x, y, spread = (scale.factor * a for a in (changes.predicted, changes.measured, changes.spread))
    right, wrong = changes.right, changes.moved & ~changes.right
    is_drawn = np.arange(len(changes)) % thinning(len(changes)) == 0
    groups = ((right, OURS, "o"), (wrong, SECOND, "D"), (~changes.moved, THIRD, "s"))
    reach = 1.35 * float(np.quantile(np.abs(np.concatenate([x, y])), 0.92)) or 1.0
    for start in (0.0, -reach):
        axes.fill_between(
            [start, start + reach], start, start + reach, color=GOOD, alpha=0.07, lw=0
        )
    axes.axhline(0, color=INK, lw=0.8)
    axes.axvline(0, color=INK, lw=0.8)
    axes.plot([-reach, reach], [-reach, reach], color=THIRD, lw=1, ls=(0, (4, 3)))
    for group, colour, marker in groups:
        chosen = group & is_drawn
        axes.errorbar(
            x[chosen], y[chosen], xerr=spread[chosen], fmt="none", ecolor=colour, alpha=0.3, lw=1
        )
        axes.scatter(x[chosen], y[chosen], s=32, color=colour, marker=marker, lw=0, zorder=3)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    what = f", points of {scale.name}" if scale.points else f" of the {scale.name}"
    axes.set_xlabel(f"predicted change{what} (bar: ± 1 spread)")
    axes.set_ylabel(f"measured change{what}")
    outside = int(np.sum((np.abs(x) > reach) | (np.abs(y) > reach)))
    _corner(axes, (0.02, 0.975), f"wrong direction: {int(np.sum(wrong))}", SECOND)
    _corner(axes, (0.02, 0.025), f"right direction: {int(np.sum(right))}", OURS)
    if outside:
        _corner(axes, (0.98, 0.025), f"{outside} outside the picture", PLAIN)
    return figure


def _corner(axes: Axes, place: tuple[float, float], text: str, colour: str) -> None:
    """A remark inside a corner of the axes, given as fractions of them."""
    axes.annotate(
        text,
        place,
        xycoords="axes fraction",
        ha="left" if place[0] < 0.5 else "right",  # noqa: PLR2004 - the middle
        va="bottom" if place[1] < 0.5 else "top",  # noqa: PLR2004 - the middle
        fontsize=9.5,
        color=colour,
        zorder=5,
        bbox={"boxstyle": "round,pad=0.2", "fc": PAPER, "ec": "none", "alpha": 0.85},
    )


def edit_effects(title: str, found: Effects, scale: Scale = PER_CENT) -> Figure:
    """Mean change per kind of edit with its interval, and mean size of change per decision."""
    shown, places = found.edits[:MOST_EFFECTS], found.decisions[:MOST_EFFECTS]
    figure = new_figure(8.6, 1.9 + 0.34 * max(len(shown), len(places), 3))
    headline(figure, title)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    rows = max(len(shown), len(places))
    counted = scale.points and f",{scale.points}"
    _dots(left, shown, rows, scale, signed=True)
    left.set_xlabel(f"mean gain{counted} (bar: 95 % interval)", fontsize=10)
    left.set_title("what was replaced by what  (pairs)", loc="left", fontsize=10, color=PLAIN)
    _dots(right, places, rows, scale, signed=False)
    right.set_xlabel(f"mean size of\nchange{counted}", fontsize=10)
    right.xaxis.set_major_locator(MaxNLocator(4))
    right.set_title("where  (pairs)", loc="left", fontsize=10, color=PLAIN)
    return figure


def _dots(axes: Axes, shown: Sequence[Effect], rows: int, scale: Scale, *, signed: bool) -> None:
    """One row per effect, the strongest on top; hollow where the interval holds zero."""
    factor = scale.factor
    for row, effect in enumerate(shown):
        full = effect.is_clear or not signed
        colour = OURS if full else THIRD
        if effect.half_width is not None and signed:
            ends = [factor * (effect.mean + side * effect.half_width) for side in (-1, 1)]
            axes.plot(ends, (row, row), color=colour, lw=2, alpha=0.45, solid_capstyle="butt")
        axes.plot(factor * effect.mean, row, "o", ms=7, color=colour, mfc=colour if full else PAPER)
    names = [f"{short(effect.words, 34)}  ({effect.count})" for effect in shown]
    axes.set_yticks(range(len(shown)), names, fontsize=9.5)
    axes.set_ylim(rows - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    strongest = factor * max((effect.mean for effect in shown), default=0.01) or 1.0
    if signed:
        axes.axvline(0, color=INK, lw=0.8)
        axes.set_xlim(
            max(axes.get_xlim()[0], -2.5 * strongest), min(axes.get_xlim()[1], 3.5 * strongest)
        )
    else:
        axes.set_xlim(0, 1.12 * strongest)
