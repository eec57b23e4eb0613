"""The picture of a cell: vertices in a row, longer edges as arcs above and below them."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch

from deltanas.report.cells import Arc, Cell
from deltanas.report.style import FAINT, INK, OURS, PAPER, PLAIN, headline, new_figure, one_line

STEP = 2.6
"""Distance of neighbouring vertices; their names must fit between them."""
RADIUS = 0.23
"""Radius of a vertex."""
LIFT = 0.62
"""Height of an arc per vertex that it passes over."""


def cell_figure(cell: Cell, title: str) -> Figure:
    """Operations on the edges: bold and blue with weights, thin without, dashed where dead."""
    tops = [_height(arc) for arc in cell.arcs]
    height, width = max(tops) - min(tops) + 1.0, STEP * (cell.vertices - 1) + 0.8
    figure = new_figure(8.6, 0.5 + 8.5 * (height - 0.2) / width)
    axes = figure.add_subplot()
    headline(figure, title)
    places = [(STEP * vertex, 0.0) for vertex in range(cell.vertices)]
    discs = [Circle(place, RADIUS, fc=PAPER, ec=INK, lw=1.6, zorder=5) for place in places]
    for vertex, disc in enumerate(discs):
        axes.add_patch(disc)
        name = {0: "in", cell.vertices - 1: "out"}.get(vertex, str(vertex))
        axes.text(STEP * vertex, 0, name, ha="center", va="center", fontsize=10.5, zorder=6)
    for arc in sorted(cell.arcs, key=lambda arc: arc.live):
        _draw(axes, arc, discs[arc.source], discs[arc.target])
    axes.set_xlim(-0.4, STEP * (cell.vertices - 1) + 0.4)
    axes.set_ylim(min(tops) - 0.4, max(tops) + 0.4)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure


def _height(arc: Arc) -> float:
    """Height of the middle of an arc: neighbours are joined straight, others go around."""
    passed = arc.target - arc.source - 1
    side = 1 if arc.source % 2 == 0 else -1
    return side * (LIFT * passed + 0.25) if passed else 0.0


def _draw(axes: Axes, arc: Arc, tail: Circle, head: Circle) -> None:
    start, end, height = STEP * arc.source, STEP * arc.target, _height(arc)
    weight = "bold" if arc.live and arc.learned else "normal"
    axes.add_patch(
        FancyArrowPatch(
            (start, 0),
            (end, 0),
            patchA=tail,
            patchB=head,
            shrinkA=1,
            shrinkB=1,
            # The control point of the curve lies twice as high as its middle.
            connectionstyle=f"arc3,rad={-2 * height / (end - start)}",
            arrowstyle="-|>",
            mutation_scale=17,
            color=_colour(arc),
            lw=3.0 if arc.live and arc.learned else 1.6,
            ls="-" if arc.live else (0, (4, 3)),
            zorder=3 if arc.live else 2,
        )
    )
    axes.text(
        (start + end) / 2,
        height,
        one_line(arc.operation),
        ha="center",
        va="center",
        fontsize=10.5,
        fontweight=weight,
        color=INK if arc.live else "#8A909A",
        zorder=4,
        bbox={"boxstyle": "round,pad=0.25", "fc": PAPER, "ec": "none"},
    )


def _colour(arc: Arc) -> str:
    if not arc.live:
        return FAINT
    return OURS if arc.learned else PLAIN
