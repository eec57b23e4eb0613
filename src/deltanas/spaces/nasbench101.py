"""NAS-Bench-101: cells of at most 7 vertices and 9 edges, operations on the vertices.

Source: Ying et al., "NAS-Bench-101: Towards Reproducible Neural Architecture Search", ICML
2019. Operations, limits, pruning, hash and network are theirs. The code of 26 decisions is
theirs too (their section 3: 21 bits and 5 operations); the features are ours.
"""

from collections.abc import Sequence
from typing import Final, final

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import ArrayLike

from deltanas.spaces.architecture import (
    Architecture,
    Codes,
    Decision,
    DecisionKind,
    in_range,
)
from deltanas.spaces.base import SearchSpace
from deltanas.spaces.cell_graphs import CellGraphs
from deltanas.spaces.graph_features import GraphFeatures
from deltanas.spaces.nasbench101_network import cost_names, costs, parameters
from deltanas.spaces.node_colours import canonical_places, fingerprints
from deltanas.spaces.node_graphs import LiveCells, pairs, prune
from deltanas.spaces.node_keys import official_hashes
from deltanas.spaces.node_matrices import Matrices
from deltanas.spaces.remembered import Remembered

OPERATIONS: Final = ("conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3")
"""By their number in the official hash."""
VERTICES: Final = 7
EDGES: Final = pairs(VERTICES)
MOST_EDGES: Final = 9
"""Most edges on paths from input to output."""
SIZE: Final = 1_538_083 * len(OPERATIONS) ** (VERTICES - 2)
"""Valid codes: so many of the 2^21 choices of edges, times the operations."""
FEATURES: Final = GraphFeatures(OPERATIONS, on_nodes=True)
KNOWN: Final = 100_000
"""Keys that are remembered, some 20 MB of them."""


@final
class NasBench101(SearchSpace):
    """The cells of NAS-Bench-101: 423,624 different networks.

    Vertex 0 is the input, vertex 6 the output. A code may hold edges and operations on no
    path from input to output: they are not part of the network, so the key ignores them, but
    an edit can bring them to life. A network that has fewer vertices leaves the others dead.

    The key is the official hash, which is equal exactly for isomorphic cells.

    Samples are drawn as in the paper: every edge with probability 1/2, every operation with
    probability 1/3, again until the cell is valid. So they are uniform over the valid codes,
    and not over the networks: small networks have many codes.
    """

    renumbered = True
    """Interior vertices have no order."""
    graph_operations = OPERATIONS
    """Name of what may stand on a vertex of `graphs`."""
    graph_on_nodes = True
    """Operations stand on vertices."""

    def __init__(self) -> None:
        """Describe the space."""
        name = "nasbench101"
        self._matrices = Matrices(name, OPERATIONS, vertices=VERTICES, most_edges=MOST_EDGES)
        super().__init__(
            name,
            [
                *(Decision(f"{i}→{j}", (False, True), DecisionKind.EDGE) for i, j in EDGES),
                *(Decision(f"vertex {vertex}", OPERATIONS) for vertex in range(1, VERTICES - 1)),
            ],
            size=SIZE,
            feature_names=(
                *(f"cost:{fact}" for fact in cost_names(OPERATIONS)),
                *FEATURES.names,
            ),
            notation=self._matrices,
            why_not=_why_not,
        )
        self._keys: Remembered[int, str] = Remembered(KNOWN)

    def cell(self, matrix: ArrayLike, operations: Sequence[str]) -> Architecture:
        """The architecture with this adjacency matrix and these operations.

        Args:
            matrix: Square, for 2 to 7 vertices, upper triangular; 1 where an edge leads from
                the row's vertex to the column's.
            operations: Names for the interior vertices, or for all of them with `input` first
                and `output` last.

        Raises:
            ArchitectureError: It is not a cell of this space; the message says why.
        """
        return self.architecture(self._matrices.choices(matrix, operations))

    def graphs(self, codes: Codes) -> CellGraphs:
        """The cells without their dead parts, one row each."""
        return live_cells(codes).graphs()

    def are_valid(self, codes: Codes) -> Bool[np.ndarray, " architectures"]:
        """Which codes are in range, have a path to the output, and at most 9 edges on paths."""
        cells = live_cells(codes)
        few = cells.edges.sum(axis=0) <= MOST_EDGES
        valid: Bool[np.ndarray, " architectures"] = (
            in_range(codes, self.option_counts) & cells.vertices[-1] & few
        )
        return valid

    def keys(self, codes: Codes) -> list[str]:
        """The official hash of each cell."""
        cells = live_cells(codes)
        numbers = fingerprints(cells).tolist()
        return self._keys.of(
            numbers, lambda columns: official_hashes(cells.take(np.array(columns)))
        )

    def sample_codes(self, n: int, rng: np.random.Generator) -> Codes:
        """`n` independent codes, uniform over the valid ones: see the class."""
        counts = self.option_counts
        valid = np.zeros((0, len(counts)), dtype=np.int32)
        while len(valid) < n:
            # Three of four draws are valid.
            drawn = rng.integers(0, counts, size=(2 * (n - len(valid)), len(counts)))
            codes = drawn.astype(np.int32)
            valid = np.concatenate([valid, codes[self.are_valid(codes)]])
        return valid[:n]

    def features(self, codes: Codes) -> Float[np.ndarray, "architectures features"]:
        """What each operation costs, what is in the graph, and what a walk through it meets."""
        cells = live_cells(codes)
        facts = FEATURES.count(cells.graphs())
        return np.concatenate([costs(cells, canonical_places(cells)), facts], axis=1)


def live_cells(codes: Codes) -> LiveCells:
    """The cells of these codes without their dead parts."""
    edges, labels = codes[:, : len(EDGES)].T, codes[:, len(EDGES) :].T
    return prune(edges != 0, labels)


def parameters_m(codes: Codes) -> Float[np.ndarray, " architectures"]:
    """Trainable parameters in millions of the networks with exactly these cells.

    Renumbering the vertices of a cell can change it by up to 1.3 %, see
    `nasbench101_network`. The feature `cost:log_parameters` numbers isomorphic cells alike.
    """
    cells = live_cells(codes)
    places: Int[np.ndarray, "vertices cells"] = np.repeat(
        np.arange(VERTICES)[:, None], len(codes), axis=1
    )
    return parameters(cells, places) / 1e6


def _why_not(code: Sequence[int]) -> str:
    """What is wrong with a code in range that is not valid."""
    cells = live_cells(np.array([code], dtype=np.int32))
    if not cells.vertices[-1, 0]:
        return "no path leads from its input to its output"
    count = int(cells.edges.sum())
    return f"{count} edges lie on paths from its input to its output, at most {MOST_EDGES} may"
