"""Pictures of a comparison of methods: regret curves and average ranks. Arrays in, figures out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from deltanas.report.style import INK, OURS, headline, new_figure, spread_out

COLOURS: Final = (
    *("#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"),
    *("#6E6E6E", "#8C510A", "#4D4D9F", "#A6761D", "#1B7837"),
)
"""Of the other methods, in their order; told apart by dashes where colours repeat."""
DASHES: Final = ("-", "--", ":", "-.")
PANELS_IN_A_ROW: Final = 4
FEW_POWERS: Final = 300.0
"""Where the axis spans less than so many times, powers of ten alone are too few numbers."""
FLOOR: Final = 1e-3
"""Smallest regret that is drawn, in percentage points: at or below it, the optimum is found."""


@final
@dataclass(frozen=True, slots=True)
class Curve:
    """A mean over runs at each place of an axis, with its 95 % interval."""

    mean: Float[np.ndarray, " places"]
    """The mean over runs."""
    low: Float[np.ndarray, " places"]
    """Lower end."""
    high: Float[np.ndarray, " places"]
    """Upper end."""


def regret_figure(
    curves: Mapping[str, Mapping[str, Curve]], *, ours: str, starts: int, title: str
) -> Figure:
    """One panel per benchmark: how far each method is from the best after each query.

    Args:
        curves: Regrets as fractions after each query, by benchmark, then by method.
        ours: The method drawn thick and in front.
        starts: Queries that are random and equal for all; the picture begins with the last.
        title: What is seen. The band is the interval of `ours`; regrets below `FLOOR`, the
            optimum among them, lie on the lower edge.
    """
    columns = min(len(curves), PANELS_IN_A_ROW)
    rows = -(-len(curves) // columns)
    figure = new_figure(max(6.4, 4.6 * columns), 4.6 * rows)
    axes = figure.subplots(rows, columns, squeeze=False)
    for spare in axes.flat[len(curves) :]:
        spare.remove()
    methods = list(dict.fromkeys(method for panel in curves.values() for method in panel))
    for place, (benchmark, panel) in enumerate(curves.items()):
        axis = axes.flat[place]
        for method, curve in panel.items():
            _draw(axis, curve, _look(method, methods, ours), starts, band=method == ours)
        _scale(axis, panel, ours)
        axis.set_title(benchmark, loc="left")
        axis.set_xlabel("architectures trained")
        _label_ends(axis, panel, _colours(methods, ours))
    for axis in axes[:, 0]:
        axis.set_ylabel("regret, percentage points")
    headline(figure, title)
    return figure


def rank_figure(mean: Mapping[str, float], difference: float, *, ours: str, title: str) -> Figure:
    """Average ranks on one line, with the critical difference as a bar.

    Args:
        mean: Average rank by method; 1 is best.
        difference: Ranks further apart than this differ at 5 %.
        ours: The method in colour.
        title: What is seen.

    Source: the diagram of Demsar 2006, with one line per method instead of brackets: the
    bar reaches from the best method to where a difference begins.
    """
    order = sorted(mean, key=lambda method: mean[method])
    figure = new_figure(6.4, 1.6 + 0.3 * len(order))
    axis = figure.subplots()
    for height, method in enumerate(reversed(order)):
        colour = OURS if method == ours else INK
        axis.plot([mean[method]], [height], "o", color=colour)
        axis.annotate(
            f"{method}  {mean[method]:.2f}",
            (mean[method], height),
            (8, 0),
            color=colour,
            textcoords="offset points",
            va="center",
        )
    best = mean[order[0]]
    axis.axvspan(best, best + difference, color=OURS, alpha=0.10, linewidth=0)
    axis.set_yticks([])
    axis.set_ylim(-0.7, len(order) - 0.3)
    axis.set_xlim(0.8, max(mean.values()) + 1.4)
    axis.set_xlabel("average rank; shaded: no different from the best at 5 %")
    headline(figure, title)
    return figure


def _draw(axis: Axes, curve: Curve, look: dict[str, object], starts: int, *, band: bool) -> None:
    """The mean as a line; the interval as a band for one method, or nothing could be told apart."""
    queries = np.arange(starts, len(curve.mean) + 1)
    points = [
        np.maximum(100 * part[starts - 1 :], FLOOR) for part in (curve.mean, curve.low, curve.high)
    ]
    axis.plot(queries, points[0], **look)  # type: ignore[arg-type]
    if band:
        axis.fill_between(queries, points[1], points[2], color=str(look["color"]), alpha=0.13, lw=0)


def _scale(axis: Axes, panel: Mapping[str, Curve], ours: str) -> None:
    """Logarithms, down to what there is to see, and numbers as people write them."""
    ends = [100 * float(each.mean[-1]) for each in panel.values()]
    ends += [100 * float(panel[ours].low[-1])] if ours in panel else []
    axis.set_yscale("log")
    axis.set_ylim(bottom=max(0.8 * min(ends), FLOOR))
    bottom, top = axis.get_ylim()
    if top < FEW_POWERS * bottom:
        axis.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.yaxis.set_minor_formatter(NullFormatter())


def _label_ends(axis: Axes, panel: Mapping[str, Curve], colours: Mapping[str, str]) -> None:
    """Write each method's name at the right end of its line, none over another."""
    names = list(panel)
    ends = [np.log10(max(100 * panel[name].mean[-1], FLOOR)) for name in names]
    bottom, top = np.log10(axis.get_ylim())
    heights = spread_out([float(end) for end in ends], 0.055 * (top - bottom))
    for name, height in zip(names, heights, strict=True):
        axis.annotate(
            name,
            (1.02, (height - bottom) / (top - bottom)),
            xycoords="axes fraction",
            color=colours[name],
            va="center",
            fontsize=9,
            annotation_clip=False,
        )


def _colours(methods: Sequence[str], ours: str) -> dict[str, str]:
    others = [method for method in methods if method != ours]
    colours = {method: COLOURS[place % len(COLOURS)] for place, method in enumerate(others)}
    return {**colours, ours: OURS}


def _look(method: str, methods: Sequence[str], ours: str) -> dict[str, object]:
    """Colour, dashes and width of a method's line."""
    if method == ours:
        return {"color": OURS, "linewidth": 2.6, "zorder": 5}
    others = [each for each in methods if each != ours]
    dash = DASHES[others.index(method) // len(COLOURS) % len(DASHES)]
    return {"color": _colours(methods, ours)[method], "linewidth": 1.4, "linestyle": dash}
