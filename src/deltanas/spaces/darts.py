"""DARTS: two cells of four nodes, each node with two inputs and an operation on each.

A network is a row of normal cells with two reduction cells among them. A cell reads the
outputs of the two cells before it, numbered 0 and 1; its nodes are numbered 2 to 5, and
the outputs of all four are concatenated.

Source: Liu, Simonyan & Yang, "DARTS: Differentiable Architecture Search", ICLR 2019.
Operations, numbers, the text form and the network are theirs; the space in which each node
has exactly two inputs is that of NAS-Bench-301 (Zela et al. 2022). Decisions and features
are ours.
"""

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from typing import Final, final

import numpy as np
from jaxtyping import Bool, Float, Int

from deltanas.errors import ArchitectureError
from deltanas.spaces.architecture import Architecture, Codes, Decision, in_range
from deltanas.spaces.base import SearchSpace
from deltanas.spaces.darts_features import DartsFeatures
from deltanas.spaces.darts_network import parameters
from deltanas.spaces.digit_keys import digit_keys
from deltanas.spaces.notation import Notation

OPERATIONS: Final = (
    *("max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3"),
    *("sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"),
)
CELLS: Final = ("normal", "reduce")
NODES: Final = (2, 3, 4, 5)
PAIRS: Final = {node: tuple(itertools.combinations(range(node), 2)) for node in NODES}
"""What the two inputs of each node may be, the lower one first."""
EDGES: Final = tuple((source, node) for node in NODES for source in range(node))
"""All 14 edges of a cell, by target, then source."""
WIDTH: Final = 3 * len(NODES) - 1
"""Decisions of one cell: node 2 has no choice of inputs."""


@final
class Darts(SearchSpace):
    """The networks of DARTS: (180 x 7^8)^2 codes, about 1.08 x 10^18.

    For each node there is one decision for its pair of inputs and one for the operation on
    each: on the input with the lower number, and on that with the higher one. So the order
    of two inputs has no place in a code, and every code is a network of its own. How nodes
    are numbered is told apart, as DARTS does. An edit replaces an operation, or a pair of
    inputs: one of the two, or both.

    Samples are uniform over all codes.
    """

    def __init__(self) -> None:
        """Describe the space."""
        self._features = DartsFeatures(OPERATIONS)
        decisions = []
        for cell, node in itertools.product(CELLS, NODES):
            pairs = tuple(f"{low}+{high}" for low, high in PAIRS[node])
            if len(pairs) > 1:
                decisions.append(Decision(f"{cell} node {node} inputs", pairs))
            names = (f"{cell} node {node} {which}" for which in ("lower", "higher"))
            decisions += [Decision(name, OPERATIONS) for name in names]
        super().__init__(
            "darts",
            decisions,
            size=math.prod(len(decision.options) for decision in decisions),
            feature_names=("cost:log_parameters", *self._features.names),
            notation=_Genotype(),
        )

    def are_valid(self, codes: Codes) -> Bool[np.ndarray, " architectures"]:
        """Which codes are in range: all of those are valid."""
        return in_range(codes, self.option_counts)

    def keys(self, codes: Codes) -> list[str]:
        """The code as digits, one cell after the other: every code is a network of its own."""
        return digit_keys(codes)

    def sample_codes(self, n: int, rng: np.random.Generator) -> Codes:
        """`n` independent codes, uniform over all."""
        drawn = rng.integers(0, self.option_counts, size=(n, len(self.decisions)))
        codes: Codes = drawn.astype(np.int32)
        return codes

    def features(self, codes: Codes) -> Float[np.ndarray, "architectures features"]:
        """Log parameters, and what stands on the edges and paths of both cells."""
        placed = on_edges(codes)
        return np.column_stack([np.log(parameters(placed)), self._features.count(placed)])


def on_edges(codes: Codes) -> Int[np.ndarray, "architectures cells edges"]:
    """Position of the operation on each edge of both cells, -1 where there is no edge."""
    placed = np.full((len(codes), len(CELLS), len(EDGES)), -1, dtype=np.int64)
    rows = np.arange(len(codes))
    for cell in range(len(CELLS)):
        column, first = cell * WIDTH, 0
        for node in NODES:
            pairs = np.array(PAIRS[node])
            chosen = np.zeros(len(codes), dtype=np.int64)
            if len(pairs) > 1:
                chosen = codes[:, column].astype(np.int64)
                column += 1
            for place in range(2):
                placed[rows, cell, first + pairs[chosen, place]] = codes[:, column + place]
            column, first = column + 2, first + node
    return placed


def parameters_m(
    codes: Codes, *, channels: int = 32, layers: int = 8, classes: int = 10
) -> Float[np.ndarray, " architectures"]:
    """Trainable parameters in millions, without the auxiliary head.

    Args:
        codes: The architectures.
        channels: Channels of the first cell; NAS-Bench-301 trained with 32, DARTS with 36.
        layers: Number of cells; NAS-Bench-301 trained with 8, DARTS with 20.
        classes: Classes of the data set.
    """
    return parameters(on_edges(codes), channels=channels, layers=layers, classes=classes) / 1e6


Step = tuple[str, int]
"""An operation and the number of its input."""


@final
class _Genotype(Notation):
    """The text that DARTS prints: `Genotype(normal=[('sep_conv_3x3', 0), ...], ...)`."""

    def write(self, architecture: Architecture) -> str:
        """The genotype, the lower input of each node first."""
        parts = []
        for cell in CELLS:
            steps = [
                (architecture[f"{cell} node {node} {which}"], source)
                for node in NODES
                for which, source in zip(
                    ("lower", "higher"), _inputs(architecture, cell, node), strict=True
                )
            ]
            parts += [f"{cell}={steps}", f"{cell}_concat=range(2, 6)"]
        return f"Genotype({', '.join(parts)})"

    def read(self, text: str) -> Mapping[str, object]:
        """Choices per decision; the two inputs of a node in either order.

        Raises:
            ArchitectureError: The text is not in this form.
        """
        chosen: dict[str, object] = {}
        for cell in CELLS:
            block = re.search(rf"\b{cell}\s*=\s*\[([^\]]*)\]", text)
            found = re.findall(r"\(\s*['\"](\w+)['\"]\s*,\s*(\d)\s*\)", block[1] if block else "")
            steps = [(operation, int(source)) for operation, source in found]
            if len(steps) != 2 * len(NODES):
                raise _unreadable(cell, f"{len(steps)} of {2 * len(NODES)} steps", text)
            for place, node in enumerate(NODES):
                chosen |= self._node(cell, node, steps[2 * place : 2 * place + 2], text)
        return chosen

    def _node(self, cell: str, node: int, steps: Sequence[Step], text: str) -> Mapping[str, object]:
        (lower, low), (higher, high) = sorted(steps, key=lambda step: step[1])
        if (low, high) not in PAIRS[node]:
            raise _unreadable(cell, f"inputs {low} and {high} of node {node}", text)
        chosen: dict[str, object] = {
            f"{cell} node {node} lower": lower,
            f"{cell} node {node} higher": higher,
        }
        if len(PAIRS[node]) > 1:
            chosen[f"{cell} node {node} inputs"] = f"{low}+{high}"
        return chosen


def _inputs(architecture: Architecture, cell: str, node: int) -> tuple[int, int]:
    """The two inputs of a node, the lower one first."""
    low, _, high = str(architecture.get(f"{cell} node {node} inputs", "0+1")).partition("+")
    return int(low), int(high)


def _unreadable(cell: str, found: str, text: str) -> ArchitectureError:
    return ArchitectureError(
        f"expected a genotype like \"Genotype(normal=[('sep_conv_3x3', 0), ...], reduce=[...])\", "
        f"each cell with two different earlier inputs for each of the nodes 2 to 5, got "
        f"{found} in the {cell} cell of {text[:80]!r}; mind the quotes in a shell"
    )
