"""How all figures look: one palette, one size of text, the same picture every time."""

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from deltanas.texts import one_line

# Okabe & Ito's colours, told apart by colour-blind readers and in grey.
OURS: Final = "#0072B2"
SECOND: Final = "#D55E00"
THIRD: Final = "#6E6E6E"
GOOD: Final = "#007A5A"
PLAIN: Final = "#4A505C"
FAINT: Final = "#B9BEC6"
INK: Final = "#1F2430"
PAPER: Final = "#FFFFFF"

LETTERS_PER_INCH: Final = 9.2
"""Of a headline, so that it breaks before it is cut off."""

MOST_DOTS: Final = 2000
"""More dots than this hide each other, and take seconds to draw and to open."""

_SETTINGS: dict[Any, Any] = {
    "axes.edgecolor": "#8A909A",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 11,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.axisbelow": True,
    "figure.facecolor": PAPER,
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "grid.color": "#E6E8EC",
    "grid.linewidth": 0.8,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "path",
    "text.color": INK,
    "text.parse_math": False,  # a name with dollars is a name
    "xtick.color": PLAIN,
    "ytick.color": PLAIN,
}


@contextmanager
def style(salt: str = "deltanas") -> Iterator[None]:
    """Draw and save inside: settings of this room, whatever the user's own are.

    Args:
        salt: Seeds the identifiers inside an SVG, so that equal figures are equal files and
            different ones can stand in one page.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({**_SETTINGS, "svg.hashsalt": salt})
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, sizes in inches; belongs to no window and no global list."""
    return Figure(figsize=(width, height), layout="constrained")


def headline(figure: Figure, title: str) -> None:
    """What is seen, in words, above the picture and flush with its left edge."""
    letters = int(figure.get_figwidth() * LETTERS_PER_INCH)
    figure.suptitle(
        textwrap.fill(one_line(title), letters), x=0.01, ha="left", fontsize=13, fontweight="bold"
    )


def thinning(dots: int) -> int:
    """1 where so many dots are drawn all, 5 where only every fifth one is."""
    return max(1, -(-dots // MOST_DOTS))


def spread_out(heights: Sequence[float], gap: float) -> list[float]:
    """Heights of labels, moved as little as needed to stand at least `gap` apart.

    Args:
        heights: Where each label would like to be.
        gap: Smallest distance between two labels.

    Returns:
        New heights in the order given; whoever was higher stays higher.
    """
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    groups: list[tuple[list[int], float]] = []
    for place in order:
        members, middle = [place], heights[place]
        while groups:
            others, centre = groups[-1]
            if middle - centre >= gap * (len(members) + len(others)) / 2:
                break
            groups.pop()
            total = len(members) + len(others)
            middle = (middle * len(members) + centre * len(others)) / total
            members = others + members
        groups.append((members, middle))
    moved = list(heights)
    for members, middle in groups:
        for rank, place in enumerate(members):
            moved[place] = middle + gap * (rank - (len(members) - 1) / 2)
    return moved
