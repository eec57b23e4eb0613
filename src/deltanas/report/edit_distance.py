"""Predictors against the number of edits: how wrong, and how often the wrong way (Fig. 3)."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from deltanas.report.comparison import COLOURS, Curve
from deltanas.report.style import OURS, PLAIN, headline, new_figure

Panels = Mapping[str, Mapping[str, Curve]]
"""By benchmark, then by predictor: one mean per number of edits, from 1."""


def edit_distance_figure(
    measures: Mapping[str, Panels], *, yardstick: str, title: str, heights: Mapping[str, float]
) -> Figure:
    """One row per measure, one column per benchmark, one line per predictor.

    Args:
        measures: By the name of the measure, which is the label of its row. Numbers are
            drawn as they are.
        yardstick: The predictor that is drawn dashed and without a band.
        title: What is seen. Bands are the intervals.
        heights: Upper end of the vertical axis of a row, where a weak predictor would
            otherwise decide it.
    """
    columns = list(dict.fromkeys(name for panels in measures.values() for name in panels))
    names = list(
        dict.fromkeys(
            name for panels in measures.values() for panel in panels.values() for name in panel
        )
    )
    looks = {name: _look(name, names, yardstick) for name in names}
    figure = new_figure(1.2 + 3.1 * len(columns), 1.4 + 2.6 * len(measures))
    grid = figure.subplots(len(measures), len(columns), squeeze=False, sharex=True, sharey="row")
    for row, (measure, panels) in enumerate(measures.items()):
        for column, benchmark in enumerate(columns):
            axis = grid[row][column]
            _draw(axis, panels.get(benchmark, {}), looks, yardstick)
            if row == 0:
                axis.set_title(benchmark, loc="left")
            if row == len(measures) - 1:
                axis.set_xlabel("edits between the two")
        grid[row][0].set_ylabel(measure)
        if measure in heights:
            grid[row][0].set_ylim(top=heights[measure])
    handles = [Line2D([], [], label=name, **looks[name]) for name in names]  # type: ignore[arg-type]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False)
    headline(figure, title)
    return figure


def _draw(
    axis: Axes, panel: Mapping[str, Curve], looks: Mapping[str, dict[str, object]], yardstick: str
) -> None:
    for name, curve in panel.items():
        edits = range(1, len(curve.mean) + 1)
        axis.plot(edits, curve.mean, **looks[name])  # type: ignore[arg-type]
        if name != yardstick:
            colour = str(looks[name]["color"])
            axis.fill_between(edits, curve.low, curve.high, color=colour, alpha=0.13, lw=0)
        axis.set_xticks(list(edits))


def _look(name: str, names: Sequence[str], yardstick: str) -> dict[str, object]:
    """The first predictor is ours; every line has its own mark, for readers without colours."""
    if name == yardstick:
        return {"color": PLAIN, "linewidth": 1.4, "linestyle": "--"}
    place = [each for each in names if each != yardstick].index(name)
    mark = "osD^vPX"[place % 7]
    if place == 0:
        return {"color": OURS, "linewidth": 2.6, "marker": mark, "markersize": 5, "zorder": 5}
    colour = COLOURS[(place - 1) % len(COLOURS)]
    return {"color": colour, "linewidth": 1.4, "marker": mark, "markersize": 4}
