"""CellSpace: cells of your own, graphs whose edges come and go, under rules of your own."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import final

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from deltanas.errors import ArchitectureError, SpaceError
from deltanas.spaces.architecture import Architecture, Codes, in_range
from deltanas.spaces.base import SearchSpace
from deltanas.spaces.canonical import canonical
from deltanas.spaces.cell_description import check_description, decisions_of
from deltanas.spaces.cell_graphs import CellGraphs, CellLayout, edge_counts
from deltanas.spaces.cell_matrix import MatrixReader, matrix_of
from deltanas.spaces.cell_notation import CellNotation, expressions
from deltanas.spaces.cell_sampling import random_edges
from deltanas.spaces.cells import Role
from deltanas.spaces.graph_features import GraphFeatures
from deltanas.spaces.network_rules import NetworkRules
from deltanas.spaces.remembered import Remembered

KNOWN = 100_000
"""Codes whose keys are remembered."""
DRAWS = 10_000
"""Random cells that `valid` may refuse in a row before sampling gives up."""
BLOCK = 256
"""Fewest random cells that are drawn at a time where `valid` may refuse some."""


@final
class CellSpace(SearchSpace):
    """Directed acyclic graphs between an input and an output, with operations of your own.

    Vertex 0 is the input, vertices 1 to `nodes` are interior, and the last one is the output.
    With `on="nodes"` there is one decision for each pair i < j, whether the edge `i→j` is there,
    and one for the operation of each interior vertex. With `on="edges"` there is one decision
    for each pair: an operation, or "none" for no edge.

    What lies on no path from input to output is *dead*: it changes nothing. Two cells are the
    same network, and have one key, exactly if they are isomorphic without their dead parts,
    input and output fixed: how interior vertices are numbered does not matter. What an
    operation computes is not known here, so cells that are equal for deeper reasons (one of
    their operations is an identity) keep keys of their own.

    A cell is valid if a path joins input and output, if at most `max_edges` edges are not
    dead, and if `valid` says so. `size` is the number of valid codes where the space can be
    listed (at most `ENUMERABLE` combinations), otherwise the number of all combinations.

    Samples are uniform over the valid codes where the space can be listed. Otherwise they are
    built: first a path, uniform over those of at most `max_edges` edges; then further edges,
    until their number is uniform between that of the path and `max_edges`; uniform operations;
    and once more if `valid` refuses. Every network can come.

    Source: the rules of `on="nodes"` follow NAS-Bench-101 (Ying et al. 2019), those of
    `on="edges"` NAS-Bench-201 (Dong & Yang 2020); keys, features and samples are ours.
    """

    def __init__(
        self,
        nodes: int = 5,
        operations: Sequence[object] = ("conv3x3", "conv1x1", "pool"),
        *,
        on: str = "nodes",
        max_edges: int | None = None,
        valid: Callable[[Architecture], bool] | None = None,
        costs: Callable[[Architecture], Mapping[str, float]] | None = None,
        name: str = "cell",
    ) -> None:
        """Describe the space.

        `valid` and `costs` are asked about networks, each once: the architecture that they get
        has its interior vertices in canonical order and no dead parts. Its dead vertices have
        no operation. `CellSpace.matrix(architecture)` gives it as a matrix.

        Args:
            nodes: Number of interior vertices, 1 to 20.
            operations: What may stand on a vertex or an edge.
            on: Where operations stand: `"nodes"` or `"edges"`.
            max_edges: Most edges that are not dead; None for no limit.
            valid: Whether a network belongs to the space.
            costs: Exact cheap facts of a network that bear on its accuracy, for example
                `{"log_parameters": 12.3}`: the same names for every network.
            name: Name that stores and reports show.

        Raises:
            SpaceError: One of these is not of that kind; an operation is there twice, or is
                called "none" although it stands on edges; or no cell is valid.
        """
        functions = {"valid": valid, "costs": costs}
        check_description(name, nodes, operations, on, max_edges, functions)
        nodes, max_edges = int(nodes), None if max_edges is None else int(max_edges)
        self._layout = CellLayout(nodes, on_nodes=on == "nodes")
        decisions = decisions_of(self._layout, operations)
        self._reader = MatrixReader(name, self._layout, decisions[-1], max_edges)
        super().__init__(
            name,
            decisions,
            size=math.prod(len(decision.options) for decision in decisions),
            notation=CellNotation(self._layout, decisions),
            why_not=self._reader.why_not,
        )
        self.nodes, self.on, self.max_edges = nodes, on, max_edges
        self.vertices = self._layout.vertices
        """Vertices of a cell, input and output included."""
        self.operations = tuple(map(str, decisions[-1].labels))
        """Name of each option of a decision about operations, by position."""
        if on == "edges":
            # With these, encodings and drawings know a cell with operations on edges.
            self.roles = (Role.ZERO, *(Role.LEARNED for _ in operations))
        self._keys: Remembered[bytes, str] = Remembered(KNOWN)
        self._rules = NetworkRules(name, valid, costs)
        self._rules.learn_names(self._networks(self._chain())[0])
        self._facts = GraphFeatures(
            self.operations[-len(operations) :], on_nodes=self._layout.on_nodes
        )
        costs_names = (f"cost:{fact}" for fact in self._rules.names)
        self.feature_names = (*self._facts.names, *costs_names)
        self._listed = self.all_codes() if self.is_enumerable else None
        if self._listed is not None:
            self.size = len(self._listed)
            if not self.size:
                raise self._nothing_valid("all cells")

    def are_valid(self, codes: Codes) -> Bool[np.ndarray, " architectures"]:
        """Which codes join input and output, keep to `max_edges`, and please `valid`."""
        valid = in_range(codes, self.option_counts)
        rows = np.flatnonzero(valid)
        counts = edge_counts(self._layout.graphs(codes[rows]).pruned())
        valid[rows] = counts > 0
        if self.max_edges is not None:
            valid[rows] &= counts <= self.max_edges
        if not self._rules.any_valid:
            rows = np.flatnonzero(valid)
            inside = codes[rows]
            keys = self.keys(inside)
            valid[rows] = self._rules.accepted(keys, lambda asked: self._networks(inside[asked]))
        return valid

    def keys(self, codes: Codes) -> list[str]:
        """The canonical cell as an expression, operations by position: `0(0);2(0+1);1+2`."""
        rows = [row.tobytes() for row in np.ascontiguousarray(codes, dtype=np.int32)]
        return self._keys.of(
            rows,
            lambda new: self._expressions(canonical(self._layout.graphs(codes[new]).pruned())),
        )

    def sample_codes(self, n: int, rng: np.random.Generator) -> Codes:
        """`n` independent valid codes; the class says from which distribution.

        Raises:
            SpaceError: `valid` refused 10,000 random cells in a row.
        """
        if self._listed is not None:
            chosen: Codes = self._listed[rng.integers(len(self._listed), size=n)]
            return chosen
        if self._rules.any_valid:
            return self._random(n, rng)
        kept = [np.zeros((0, len(self.decisions)), dtype=np.int32)]
        wanted, refused = n, 0
        while wanted:
            drawn = self._random(max(BLOCK, wanted), rng)
            accepted = drawn[self.are_valid(drawn)][:wanted]
            kept.append(accepted)
            wanted -= len(accepted)
            refused = 0 if len(accepted) else refused + len(drawn)
            if refused >= DRAWS:
                raise self._nothing_valid(f"{refused:,} random cells in a row")
        return np.concatenate(kept)

    def features(self, codes: Codes) -> Float[np.ndarray, "architectures features"]:
        """What is in the graph, what a walk through it meets, and the user's costs."""
        facts = self._facts.count(self.graphs(codes))
        if not self._rules.names:
            return facts
        keys = self.keys(codes)
        costs = self._rules.costs(keys, lambda asked: self._networks(codes[asked]))
        return np.concatenate([facts, costs], axis=1)

    renumbered = True
    """Interior vertices have no order."""

    @property
    def graph_operations(self) -> tuple[str, ...]:
        """What may stand on a vertex or an edge, "no edge" aside."""
        return self.operations if self._layout.on_nodes else self.operations[1:]

    @property
    def graph_on_nodes(self) -> bool:
        """Whether operations stand on vertices."""
        return self._layout.on_nodes

    def graphs(self, codes: Codes) -> CellGraphs:
        """The cells without their dead parts."""
        return self._layout.graphs(codes).pruned()

    def cell(self, matrix: object, operations: object = None) -> Architecture:
        """The architecture with this adjacency matrix.

        Args:
            matrix: Square, upper triangular; entry `[i][j]` is about the edge from vertex i to
                vertex j, vertex 0 is the input and the last one the output. An array or nested
                lists. With operations on nodes, entries are 1 (edge) and 0 (no edge). With
                operations on edges, they are operations, and "none", None or 0 for no edge. A
                matrix of fewer vertices than the space has leaves the others out.
            operations: With operations on nodes, one for each vertex between input and output.
                With operations on edges, leave it out, or give a list that the entries are
                positions in, such as `space.operations`.

        Raises:
            ArchitectureError: The matrix is not square or too large; not upper triangular or
                cyclic; an entry or an operation is unknown; there are not as many operations
                as vertices; no path joins input and output; too many edges, or `valid` refuses.
        """
        codes = self._layout.codes(self._reader.read(matrix, operations))
        if not self.are_valid(codes)[0]:
            raise ArchitectureError(
                f"valid of space {self.name!r} refuses this cell: {self.keys(codes)[0]!r}, with "
                f"operations {', '.join(self.operations)} by position; give one that it accepts"
            )
        return self.from_codes(codes)[0]

    @staticmethod
    def matrix(
        architecture: Architecture, *, pruned: bool = True
    ) -> tuple[NDArray[np.int32], tuple[object, ...]]:
        """The adjacency matrix and the operations of a cell: what a network is built from.

        `space.cell(*space.matrix(architecture))` is the same network again.

        Args:
            architecture: A cell of any `CellSpace`.
            pruned: Leave out what is dead. Otherwise all vertices are there, and `cell` gives
                back the very same architecture.

        Returns:
            With operations on nodes, a matrix of 0 and 1, and the operation of each vertex
            between input and output. With operations on edges, a matrix of positions in the
            operations, of which the first is "none".

        Raises:
            ArchitectureError: The architecture is not a cell.
        """
        return matrix_of(architecture, pruned=pruned)

    def _random(self, n: int, rng: np.random.Generator) -> Codes:
        """Random cells that join input and output and keep to `max_edges`."""
        pairs = len(self._layout.pairs)
        most = pairs if self.max_edges is None else self.max_edges
        chosen = random_edges(self.nodes, most, n, rng)
        counts = self.option_counts
        if self._layout.on_nodes:
            drawn = rng.integers(0, counts[pairs:], size=(n, self.nodes))
            parts = [chosen, drawn]
        else:
            parts = [np.where(chosen, rng.integers(1, counts, size=(n, pairs)), 0)]
        codes: Codes = np.concatenate(parts, axis=1).astype(np.int32)
        return codes

    def _networks(self, codes: Codes) -> list[Architecture]:
        """The networks of valid codes as `valid` and `costs` see them."""
        graphs = canonical(self._layout.graphs(codes).pruned())
        keys = self._expressions(graphs)
        return [
            Architecture(self.name, self.decisions, code, key)
            for code, key in zip(self._layout.codes(graphs).tolist(), keys, strict=True)
        ]

    def _expressions(self, graphs: CellGraphs) -> list[str]:
        positions = [str(position) for position in range(len(self.operations))]
        return expressions(self._layout, graphs, positions, ";")

    def _chain(self) -> Codes:
        """One vertex after the other, as many as `max_edges` allows."""
        nodes = self.nodes if self.max_edges is None else min(self.nodes, self.max_edges - 1)
        way = [*range(nodes + 1), self.vertices - 1]
        steps = set(pairwise(way))
        chain = np.zeros((1, len(self.decisions)), dtype=np.int32)
        chain[0, : len(self._layout.pairs)] = [pair in steps for pair in self._layout.pairs]
        return chain

    def _nothing_valid(self, what: str) -> SpaceError:
        return SpaceError(
            f"space {self.name!r} needs cells that valid accepts, it refused {what} that join "
            f"input and output; let it accept more, or set max_edges, which is drawn for"
        )
