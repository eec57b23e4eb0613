"""A cell drawn with characters: vertices in a row, longer edges on lines below them."""

from typing import Final

from rich.text import Text

from deltanas.report.cells import Arc, Cell

MARGIN: Final = 2
"""Columns left of the first vertex."""
FREE: Final = 8
"""Columns between vertices beside the longest name of an operation."""


def cell_art(cell: Cell) -> Text:
    """The cell; what has weights is bold, what reaches nothing is dim and dashed."""
    words = [arc.operation for arc in cell.arcs] + list(cell.names)
    gap = max(map(len, words)) + (3 if cell.on_nodes else FREE)
    columns = [MARGIN + vertex * gap for vertex in range(cell.vertices)]
    rows = _rows(cell)
    height = 2 + max(rows.values(), default=0)
    canvas = [[(" ", "")] * (columns[-1] + 1 + MARGIN) for _ in range(height)]
    for vertex, column in enumerate(columns):
        name = cell.names[vertex]
        is_operation = cell.on_nodes and 0 < vertex < cell.vertices - 1
        _write(canvas[0], column - len(name) // 2, name, "bold blue" if is_operation else "bold")
        canvas[1][column] = ("●", "bold")
        meeting = [row for arc, row in rows.items() if vertex in (arc.source, arc.target)]
        lowest = max(meeting, default=0)
        for row in range(2, lowest + 2):
            canvas[row][column] = ("│", "dim")
    for arc, row in rows.items():
        _draw(canvas[row + 1], columns[arc.source], columns[arc.target], arc)
    for arc, row in rows.items():
        for vertex, corners in ((arc.source, "├└"), (arc.target, "┤┘")):
            ends = row + 2 == height or canvas[row + 2][columns[vertex]][0] != "│"
            corner = corners[ends] if row else "●"
            canvas[row + 1][columns[vertex]] = (corner, "bold" if row == 0 else "dim")
    lines = [Text.assemble(*line) for line in canvas]
    for line in lines:
        line.rstrip()
    return Text("\n").join(lines)


def _rows(cell: Cell) -> dict[Arc, int]:
    """Line of each arc: 0 for neighbouring vertices, one of its own for every longer one."""
    longer = [arc for arc in cell.arcs if arc.target - arc.source > 1]
    longer.sort(key=lambda arc: (arc.target - arc.source, arc.source))
    rows = {arc: 0 for arc in cell.arcs if arc not in longer}
    return rows | {arc: row for row, arc in enumerate(longer, start=1)}


def _draw(line: list[tuple[str, str]], start: int, end: int, arc: Arc) -> None:
    """One arc from left to right, its operation in the middle."""
    style = ("bold blue" if arc.learned else "default") if arc.live else "dim"
    _write(line, start + 1, ("─" if arc.live else "╌") * (end - start - 2), style)
    line[end - 1] = ("▶", style)
    if not arc.operation:
        return
    label = f" {arc.operation} "
    _write(line, start + (end - start - len(label) + 1) // 2, label, style)


def _write(line: list[tuple[str, str]], column: int, text: str, style: str) -> None:
    for place, letter in enumerate(text, start=column):
        line[place] = (letter, style)
