"""Cells as adjacency matrices: what users write, checked, and the way back."""

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from deltanas.errors import ArchitectureError
from deltanas.spaces.architecture import Architecture, Decision, DecisionKind
from deltanas.spaces.cell_graphs import CellGraphs, CellLayout, edge_counts
from deltanas.spaces.vertex_order import Square, refuse_wrong_order


@final
class MatrixReader:
    """Reads adjacency matrices for one space."""

    def __init__(
        self, space: str, layout: CellLayout, operation: Decision, max_edges: int | None
    ) -> None:
        """Keep what may occur.

        Args:
            space: Name of the space, for messages.
            layout: Where operations stand.
            operation: A decision about operations.
            max_edges: Most edges that are not dead; None for no limit.
        """
        self._space = space
        self._layout = layout
        self._operation = operation
        self._max_edges = max_edges

    def read(self, matrix: object, operations: object) -> CellGraphs:
        """One cell; vertices that the matrix does not have are left alone.

        Raises:
            ArchitectureError: See `CellSpace.cell`.
        """
        entries = self._square(matrix)
        used = len(entries)
        arcs = self._bits(entries) if self._layout.on_nodes else self._named(entries, operations)
        refuse_wrong_order(arcs, self._space)
        # Vertices that are missing come before the output, which keeps the last place.
        places = [*range(used - 1), self._layout.vertices - 1]
        whole = np.zeros((1, self._layout.vertices, self._layout.vertices), dtype=np.int32)
        whole[0][np.ix_(places, places)] = arcs
        labels = np.zeros((1, self._layout.vertices), dtype=np.int32)
        if self._layout.on_nodes:
            labels[0, 1 : used - 1] = self._labels(operations, used - 2)
        graphs = CellGraphs(whole, labels)
        self._check_edges(graphs)
        return graphs

    def why_not(self, code: Sequence[int]) -> str:
        """What is wrong with a code in range; empty if only the user's rule can refuse it."""
        graphs = self._layout.graphs(np.array([code], dtype=np.int32))
        count = int(edge_counts(graphs.pruned())[0])
        if not count:
            return "no path leads from its input to its output"
        if self._max_edges is not None and count > self._max_edges:
            return (
                f"{count} edges lie on paths from its input to its output, at most "
                f"{self._max_edges} may"
            )
        return ""

    def _check_edges(self, graphs: CellGraphs) -> None:
        count = int(edge_counts(graphs.pruned())[0])
        if not count:
            raise ArchitectureError(
                f"a cell of space {self._space!r} joins input and output, got a matrix without a "
                f"path from vertex 0 to the last one; add an edge on the way"
            )
        if self._max_edges is not None and count > self._max_edges:
            raise ArchitectureError(
                f"a cell of space {self._space!r} has at most {self._max_edges} edges on paths "
                f"from input to output, got {count}; leave some out, or raise max_edges"
            )

    def _square(self, matrix: object) -> NDArray[np.object_]:
        entries = np.array(_plain(matrix), dtype=object)
        most = self._layout.vertices
        shape = entries.shape
        if entries.ndim != 2 or shape[0] != shape[1] or shape[0] < 2:  # noqa: PLR2004 - a matrix
            raise ArchitectureError(
                f"a cell of space {self._space!r} is a square matrix with a row and a column for "
                f"each vertex, input first and output last, got shape {shape}; "
                f"entry [i][j] says whether an edge leads from vertex i to vertex j"
            )
        if shape[0] > most:
            raise ArchitectureError(
                f"a cell of space {self._space!r} has at most {most} vertices, input and output "
                f"included, got a matrix of {shape[0]}; leave vertices out, or make the space "
                f"with nodes={shape[0] - 2}"
            )
        return entries

    def _bits(self, entries: NDArray[np.object_]) -> Square:
        arcs = np.zeros(entries.shape, dtype=np.int32)
        for (source, target), entry in np.ndenumerate(entries):
            if isinstance(entry, str) or entry not in (0, 1):
                raise ArchitectureError(
                    f"an entry of an adjacency matrix of space {self._space!r} is 1 (edge) or 0 "
                    f"(no edge), got {entry!r} from vertex {source} to {target}; operations "
                    f"stand on vertices here and are given apart"
                )
            arcs[source, target] = int(entry)
        return arcs

    def _named(self, entries: NDArray[np.object_], operations: object) -> Square:
        arcs = np.zeros(entries.shape, dtype=np.int32)
        table = None if operations is None else _listed(operations, self._space)
        for (source, target), entry in np.ndenumerate(entries):
            position = self._position(entry, table)
            if position is None:
                raise ArchitectureError(
                    f"an entry of a matrix of space {self._space!r} is the operation on an edge, "
                    f"or its position where operations are listed apart, got {entry!r} from "
                    f"vertex {source} to {target}; {self._choices()}"
                )
            arcs[source, target] = position
        return arcs

    def _position(self, entry: object, table: Sequence[object] | None) -> int | None:
        """Option of an entry; None if it is none."""
        if table is None:
            position = self._operation.position(entry)
            nothing = entry is None or (isinstance(entry, int | float) and entry == 0)
            return 0 if position is None and nothing else position
        if not isinstance(entry, int) or isinstance(entry, bool) or not 0 <= entry < len(table):
            return None
        return self._operation.position(table[entry])

    def _labels(self, operations: object, count: int) -> list[int]:
        if operations is None:
            operations = ()
        given = _listed(operations, self._space)
        if len(given) != count:
            raise ArchitectureError(
                f"a matrix of {count + 2} vertices of space {self._space!r} needs {count} "
                f"operations, one for each vertex between input and output, got {len(given)}; "
                f"give them in the order of the vertices"
            )
        found = []
        for vertex, operation in enumerate(given, start=1):
            position = self._operation.position(operation)
            if position is None:
                raise ArchitectureError(
                    f"vertex {vertex} of a cell of space {self._space!r} cannot do "
                    f"{operation!r}; {self._choices()}"
                )
            found.append(position)
        return found

    def _choices(self) -> str:
        return f"its operations are {', '.join(map(repr, self._operation.labels[:12]))}"


def matrix_of(
    architecture: Architecture, *, pruned: bool
) -> tuple[NDArray[np.int32], tuple[object, ...]]:
    """The adjacency matrix and the operations of a cell; see `CellSpace.matrix`.

    Raises:
        ArchitectureError: The architecture is not a cell.
    """
    kinds = [decision.kind for decision in architecture.decisions]
    pairs = sum(kind is not DecisionKind.OPERATION for kind in kinds)
    nodes = int(np.sqrt(2 * pairs)) - 1
    layout = CellLayout(max(nodes, 0), on_nodes=DecisionKind.EDGE in kinds)
    names = [f"{source}→{target}" for source, target in layout.pairs]
    if not pairs or [decision.name for decision in architecture.decisions[:pairs]] != names:
        raise ArchitectureError(
            f"expected a cell, an architecture of a CellSpace, got {architecture!r}; "
            f"its decisions are not the edges of one graph"
        )
    graphs = layout.graphs(np.array([architecture.code], dtype=np.int32))
    if pruned:
        graphs = graphs.pruned()
    kept = graphs.live[0]
    matrix = graphs.arcs[0][np.ix_(kept, kept)]
    if not layout.on_nodes:
        return matrix, architecture.decisions[0].options
    vertices = np.flatnonzero(kept)[1:-1]
    return matrix, tuple(architecture[f"vertex {vertex}"] for vertex in vertices)


def _plain(matrix: object) -> object:
    """What numpy can take apart: arrays and tensors become lists."""
    as_list = getattr(matrix, "tolist", None)
    return as_list() if callable(as_list) else matrix


def _listed(operations: object, space: str) -> Sequence[object]:
    if isinstance(operations, str) or not isinstance(operations, Sequence | np.ndarray):
        raise ArchitectureError(
            f"operations of a cell of space {space!r} are a list, got {operations!r}; give "
            f"[{operations!r}] for one"
        )
    return list(operations)
