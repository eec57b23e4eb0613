"""The picture of a cell: vertices in a row, longer edges as arcs above and below them."""

from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Patch

from deltanas.report.cells import Arc, Cell
from deltanas.report.style import FAINT, INK, OURS, PAPER, PLAIN, headline, new_figure
from deltanas.texts import one_line

STEP = 2.6
"""Distance of neighbouring vertices; their names must fit between them."""
RADIUS = 0.23
"""Radius of a vertex."""
LIFT = 0.62
"""Height of an arc per vertex that it passes over."""


WRAP = 9
"""Letters of an operation that fit on a line in its vertex."""


def cell_figure(cell: Cell, title: str) -> Figure:
    """A cell from left to right.

    Operations on edges: bold and blue with weights, thin without, dashed where dead.
    Operations on vertices: in boxes, joined by thin edges.
    """
    tops = [_height(arc) for arc in cell.arcs] or [0.0]
    height, width = max(tops) - min(tops) + 1.0, STEP * (cell.vertices - 1) + 0.8
    figure = new_figure(8.6, 0.5 + 8.5 * (height - 0.2) / width)
    axes = figure.add_subplot()
    headline(figure, title)
    places = [(STEP * vertex, 0.0) for vertex in range(cell.vertices)]
    # The figure is as wide for many vertices as for few.
    size = min(10.5, 45.0 / cell.vertices)
    discs = [_vertex(cell, vertex, place) for vertex, place in enumerate(places)]
    for name, disc, (across, up) in zip(cell.names, discs, places, strict=True):
        axes.add_patch(disc)
        words = fill(one_line(name), WRAP) if cell.on_nodes else name
        axes.text(across, up, words, ha="center", va="center", fontsize=size, zorder=6)
    for arc in sorted(cell.arcs, key=lambda arc: arc.live):
        _draw(axes, arc, discs[arc.source], discs[arc.target])
    axes.set_xlim(-0.4, STEP * (cell.vertices - 1) + 0.4)
    axes.set_ylim(min(tops) - 0.4, max(tops) + 0.4)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure


def _vertex(cell: Cell, vertex: int, place: tuple[float, float]) -> Patch:
    if not cell.on_nodes or vertex in {0, cell.vertices - 1}:
        return Circle(place, RADIUS, fc=PAPER, ec=INK, lw=1.6, zorder=5)
    corner = (place[0] - 2.6 * RADIUS, place[1] - 1.5 * RADIUS)
    shape = f"round,pad=0.02,rounding_size={RADIUS / 2}"
    return FancyBboxPatch(
        corner, 5.2 * RADIUS, 3 * RADIUS, boxstyle=shape, fc=PAPER, ec=OURS, lw=1.6, zorder=5
    )


def _height(arc: Arc) -> float:
    """Height of the middle of an arc: neighbours are joined straight, others go around."""
    passed = arc.target - arc.source - 1
    side = 1 if arc.source % 2 == 0 else -1
    return side * (LIFT * passed + 0.25) if passed else 0.0


def _draw(axes: Axes, arc: Arc, tail: Patch, head: Patch) -> None:
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
    if not arc.operation:
        return
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
