"""What published spaces of cells with one operation on each edge have in common.

A space of such cells is a set of operations; its keys and features follow. `EdgeCell` works
them out, `EdgeCellSpace` is the space of all such cells, and a published space adds its name,
its notation and its parameters.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import final

import numpy as np
from jaxtyping import Bool, Float

from deltanas.spaces.architecture import Codes, Decision, in_range
from deltanas.spaces.base import SearchSpace
from deltanas.spaces.cell_features import CellFeatures
from deltanas.spaces.cell_graphs import CellGraphs, CellLayout
from deltanas.spaces.cells import Role, edges, expression, live_codes
from deltanas.spaces.notation import Notation
from deltanas.spaces.remembered import Remembered

KNOWN = 200_000
"""Codes whose keys are remembered: all of the published spaces."""


@final
class EdgeCell:
    """One complete cell: any operation on any edge."""

    def __init__(
        self,
        operations: Sequence[str],
        roles: Sequence[Role],
        vertices: int,
        *,
        at_input: Mapping[str, Role] | None = None,
    ) -> None:
        """Prepare keys and features.

        Args:
            operations: Name of each operation, the same for all edges; one of them is zero.
            roles: What each operation does, in the same order.
            vertices: Number of vertices; 0 is the input, the last one the output.
            at_input: Operations that do something else on the edges which leave the input,
                and what they do there: where a cell reduces the resolution, a skip
                connection from its input is a strided convolution.
        """
        self.decisions = [Decision(f"edge {i}→{j}", tuple(operations)) for i, j in edges(vertices)]
        self.size = len(operations) ** len(self.decisions)
        self.operations, self.roles = tuple(operations), tuple(roles)
        self.vertices = vertices
        self._count = len(operations)
        self._zero = list(roles).index(Role.ZERO)
        others = dict(at_input or {})
        self._roles = (*roles, *others.values())
        self._at_input = np.arange(len(operations))
        self._at_input[[list(operations).index(name) for name in others]] = range(
            len(operations), len(self._roles)
        )
        self._leaving = [place for place, (i, _) in enumerate(edges(vertices)) if i == 0]
        names = (*operations, *(f"{name} of input" for name in others))
        self._layout = CellLayout(vertices - 2, on_nodes=False)
        self._passing = [o for o, role in enumerate(self._roles) if role is not Role.ZERO]
        self.graph_operations = tuple(names[o] for o in self._passing)
        """Name of what may stand on an edge of a graph, by its number less one."""
        self._features = CellFeatures(names, self._roles, vertices)
        self.feature_names = self._features.names
        self._keys: Remembered[tuple[int, ...], str] = Remembered(KNOWN)

    def are_valid(self, codes: Codes) -> Bool[np.ndarray, " architectures"]:
        """Which codes are in range: all of those are valid."""
        return in_range(codes, self._count)

    def keys(self, codes: Codes) -> list[str]:
        """What each cell computes, as one canonical expression; see `cells.expression`."""
        meant = [tuple(row) for row in self._meant(codes).tolist()]
        return self._keys.of(
            meant,
            lambda rows: [expression(meant[row], self._roles, self.vertices) for row in rows],
        )

    def sample_codes(self, n: int, rng: np.random.Generator) -> Codes:
        """`n` independent codes, uniform over all."""
        drawn = rng.integers(0, self._count, size=(n, len(self.decisions)))
        codes: Codes = drawn.astype(np.int32)
        return codes

    def live(self, codes: Codes) -> Codes:
        """The codes without what lies on no path from input to output."""
        return live_codes(codes, self._zero, self.vertices)

    def features(self, codes: Codes) -> Float[np.ndarray, "architectures features"]:
        """What stands on the live paths, one column per `feature_names`."""
        return self._features.count(self._meant(self.live(codes)))

    def graphs(self, codes: Codes) -> CellGraphs:
        """The cells as graphs: on each edge the number of its operation in `graph_operations`."""
        number = np.zeros(len(self._roles), dtype=np.int32)
        number[self._passing] = np.arange(1, len(self._passing) + 1)
        return self._layout.graphs(number[self._meant(self.live(codes))])

    def _meant(self, codes: Codes) -> Codes:
        """The codes with numbers of their own for what operations do at the input."""
        meant: Codes = codes.copy()
        meant[:, self._leaving] = self._at_input[codes[:, self._leaving]]
        return meant


class EdgeCellSpace(SearchSpace):
    """All cells with an operation on each edge. Samples are uniform over them.

    Where a canonical key makes cells one, all their walks are equal, and so are their features.
    """

    graph_on_nodes = False
    """Operations stand on edges."""

    def __init__(self, name: str, cell: EdgeCell, notation: Notation) -> None:
        """Describe the space.

        Args:
            name: Name that it is known by.
            cell: Its cell.
            notation: The field's own way to write a cell.
        """
        super().__init__(
            name,
            cell.decisions,
            size=cell.size,
            feature_names=("cost:log_parameters", *cell.feature_names),
            notation=notation,
        )
        self._cell = cell
        # What encodings of cells ask for: vertices of a cell, the name of the operation at each
        # position, the same for all edges, and what it does to what passes through it.
        self.vertices, self.operations, self.roles = cell.vertices, cell.operations, cell.roles
        self.graph_operations = cell.graph_operations

    @abstractmethod
    def parameters_m(self, codes: Codes) -> Float[np.ndarray, " architectures"]:
        """Parameters in millions of the networks with these cells, dead edges counted too."""

    def graphs(self, codes: Codes) -> CellGraphs:
        """The cells without their dead parts; what stands on edges is in `graph_operations`."""
        return self._cell.graphs(codes)

    def are_valid(self, codes: Codes) -> Bool[np.ndarray, " architectures"]:
        """Which codes are in range: all of those are valid."""
        return self._cell.are_valid(codes)

    def keys(self, codes: Codes) -> list[str]:
        """What each cell computes, as one canonical expression."""
        return self._cell.keys(codes)

    def sample_codes(self, n: int, rng: np.random.Generator) -> Codes:
        """`n` independent codes, uniform over all."""
        return self._cell.sample_codes(n, rng)

    def features(self, codes: Codes) -> Float[np.ndarray, "architectures features"]:
        """Log parameters of the live operations, and what stands on the live paths."""
        cost = np.log(self.parameters_m(self._cell.live(codes)))
        return np.column_stack([cost, self._cell.features(codes)])
