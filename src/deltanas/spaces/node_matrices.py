"""Cells with operations on vertices as people write them: adjacency matrix and operations."""

import re
from collections.abc import Mapping, Sequence
from typing import final

import numpy as np
from jaxtyping import Bool

from deltanas.errors import ArchitectureError
from deltanas.spaces.architecture import Architecture
from deltanas.spaces.node_graphs import pairs, prune
from deltanas.spaces.notation import Notation
from deltanas.spaces.vertex_order import refuse_wrong_order

ENDS = ("input", "output")
"""Names of the first and the last vertex, where they are named."""


@final
class Matrices(Notation):
    """Rows of the adjacency matrix, then the operations of the interior vertices in order.

    As in `011/001/000:conv3x3-bn-relu`: the input leads to a convolution and to the output,
    the convolution to the output. It is written with all vertices, dead ones too, so that the
    very same code is read back; fewer vertices are read as well.
    """

    def __init__(
        self, space: str, operations: Sequence[str], *, vertices: int, most_edges: int
    ) -> None:
        """Keep the limits.

        Args:
            space: Name of the space, for messages.
            operations: Names of the operations.
            vertices: Most vertices, input and output included.
            most_edges: Most edges that lie on paths from input to output.
        """
        self._space = space
        self._operations = tuple(operations)
        self._vertices = vertices
        self._most_edges = most_edges

    def write(self, architecture: Architecture) -> str:
        """The cell with all its vertices."""
        inside = range(1, self._vertices - 1)
        rows = [
            "".join(
                str(int(j > i and bool(architecture[f"{i}→{j}"]))) for j in range(self._vertices)
            )
            for i in range(self._vertices)
        ]
        operations = [str(architecture[f"vertex {vertex}"]) for vertex in inside]
        return f"{'/'.join(rows)}:{'/'.join(operations)}"

    def read(self, text: str) -> Mapping[str, object]:
        """Option per decision.

        Raises:
            ArchitectureError: The text is not in this form, or not a cell of this space.
        """
        rows, _, operations = text.strip().partition(":")
        if not re.fullmatch(r"[0-9]+(/[0-9]+)+", rows):
            raise ArchitectureError(
                f"expected the rows of an adjacency matrix and operations, like "
                f"'011/001/000:{self._operations[0]}', got {text[:120]!r}; "
                f"write a cell with space.write() to see one of all vertices"
            )
        matrix = [[int(digit) for digit in row] for row in rows.split("/")]
        return self.choices(matrix, operations.split("/") if operations else [])

    def choices(self, matrix: object, operations: Sequence[str]) -> dict[str, object]:
        """Option per decision of a cell of 2 vertices or more.

        The output becomes the last vertex of the space; vertices that are missing are dead.

        Args:
            matrix: Square, 1 where an edge leads from the row's to the column's vertex.
            operations: Names for the interior vertices, or for all of them from `input`
                to `output`.

        Raises:
            ArchitectureError: It is not a cell of this space.
        """
        edges = self._checked_matrix(matrix)
        size = len(edges)
        names = self._checked_operations(operations, size)
        order = np.array(pairs(size)).T
        labels = np.zeros((size - 2, 1), dtype=np.int64)
        live = prune(edges[order[0], order[1], None], labels)
        if not live.vertices[-1, 0]:
            raise ArchitectureError(
                f"a cell needs a path from its input, vertex 0, to its output, vertex "
                f"{size - 1}, got {edges.astype(int).tolist()} without one; add an edge"
            )
        count = int(live.edges.sum())
        if count > self._most_edges:
            raise ArchitectureError(
                f"a cell has at most {self._most_edges} edges on paths from input to output, "
                f"got {count} in {edges.astype(int).tolist()}; remove {count - self._most_edges}"
            )
        chosen: dict[str, object] = {f"{i}→{j}": False for i, j in pairs(self._vertices)}
        for i, j in np.argwhere(edges).tolist():
            chosen[f"{i}→{self._vertices - 1 if j == size - 1 else j}"] = True
        for vertex in range(1, self._vertices - 1):
            filled = names[vertex - 1] if vertex <= len(names) else self._operations[0]
            chosen[f"vertex {vertex}"] = filled
        return chosen

    def _checked_matrix(self, matrix: object) -> Bool[np.ndarray, "vertices vertices"]:
        """The matrix, if it is upper triangular, of zeros and ones, and of a size that can be."""
        try:
            given = np.asarray(matrix)
            shape = "x".join(map(str, given.shape)) or "a single value"
        except ValueError:
            given, shape = np.zeros(0), "rows of different lengths"
        most = self._vertices
        if given.ndim != 2 or given.shape not in {(size, size) for size in range(2, most + 1)}:  # noqa: PLR2004 - rows and columns
            raise ArchitectureError(
                f"an adjacency matrix is square, with a row for each of 2 to {most} vertices, "
                f"got {shape}; leave out vertices that lie on no path"
            )
        for i, row in enumerate(given.tolist()):
            for j, entry in enumerate(row):
                if entry not in (0, 1):
                    raise ArchitectureError(
                        f"an adjacency matrix holds 0 (no edge) and 1 (edge), got {entry!r} in "
                        f"row {i}, column {j}; write 1 where there is an edge"
                    )
        refuse_wrong_order(given.astype(np.int32), self._space)
        return given.astype(bool)

    def _checked_operations(self, operations: Sequence[str], size: int) -> list[str]:
        """Names of the interior vertices' operations."""
        if isinstance(operations, str) or not isinstance(operations, Sequence | np.ndarray):
            raise ArchitectureError(
                f"operations of a cell are a list of names, got {operations!r}; give "
                f"[{self._operations[0]!r}] for one"
            )
        names = list(operations)
        if len(names) == size and (names[0], names[-1]) == ENDS:
            names = names[1:-1]
        if len(names) != size - 2:
            raise ArchitectureError(
                f"a matrix of {size} vertices needs the operations of its {size - 2} interior "
                f"vertices, got {len(names)}; name one for each vertex but input and output"
            )
        for vertex, name in enumerate(names, start=1):
            if name not in self._operations:
                raise ArchitectureError(
                    f"vertex {vertex} has an operation named {name!r}, which is none; "
                    f"operations are {', '.join(self._operations)}"
                )
        return names
