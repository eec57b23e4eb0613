"""NAS-Bench-Graph: graph neural networks of four computing nodes, each with one source.

A node takes the raw input or the output of an earlier node and does one of nine operations.
What no other node takes goes to the output, where it is concatenated. So a network is a
tree with an operation on each node. Where a node skips, or where the nodes are numbered
otherwise, many codes are one network.

Source: Qin et al., "NAS-Bench-Graph: Benchmarking Graph Neural Architecture Search",
NeurIPS 2022. Operations, their order and which codes are one network are theirs (26,206
of them); how that is worked out (`_key`), the text form and the features are ours.
"""

import re
from collections.abc import Mapping, Sequence
from typing import final

import numpy as np
from jaxtyping import Bool, Float, Int

from deltanas.errors import ArchitectureError
from deltanas.spaces.architecture import Architecture, Codes, Decision, in_range
from deltanas.spaces.base import SearchSpace
from deltanas.spaces.notation import Notation
from deltanas.spaces.remembered import Remembered
from deltanas.spaces.tree_features import TreeFeatures

OPERATIONS = ("gat", "gcn", "gin", "cheb", "sage", "arma", "graph", "fc", "skip")
SKIP = OPERATIONS.index("skip")
NODES = 4
SOURCES = ("input", *(f"node {node}" for node in range(1, NODES)))
"""What a node may take, by number: 0 is the raw input."""


@final
class NasBenchGraph(SearchSpace):
    """The 26,206 networks of NAS-Bench-Graph, in 157,440 codes.

    Codes that only skip are not valid: nothing reaches the output. Samples are uniform over
    the valid codes, so networks with skips, which many codes stand for, come more often.
    """

    def __init__(self) -> None:
        """Describe the space."""
        self._features = TreeFeatures(OPERATIONS, SKIP)
        sources = [Decision(f"source of node {n}", SOURCES[:n]) for n in range(2, NODES + 1)]
        operations = [Decision(f"node {n}", OPERATIONS) for n in range(1, NODES + 1)]
        super().__init__(
            "nasbench-graph",
            [*sources, *operations],
            size=24 * (len(OPERATIONS) ** NODES - 1),
            feature_names=self._features.names,
            notation=_Nodes(),
        )
        self._keys: Remembered[tuple[int, ...], str] = Remembered(self.size)

    def are_valid(self, codes: Codes) -> Bool[np.ndarray, " architectures"]:
        """Which codes are in range and do not only skip."""
        works = np.any(codes[:, NODES - 1 :] != SKIP, axis=1)
        valid: Bool[np.ndarray, " architectures"] = in_range(codes, self.option_counts) & works
        return valid

    def keys(self, codes: Codes) -> list[str]:
        """The tree of operations as text; see `_key`."""
        rows = [tuple(row) for row in codes.tolist()]
        return self._keys.of(
            rows,
            lambda new: [_key((0, *rows[row][: NODES - 1]), rows[row][NODES - 1 :]) for row in new],
        )

    def sample_codes(self, n: int, rng: np.random.Generator) -> Codes:
        """`n` independent codes, uniform over the 157,440 valid ones."""
        sources = rng.integers(0, self.option_counts[: NODES - 1], size=(n, NODES - 1))
        # The last of all combinations of operations is the one that only skips.
        chosen = rng.integers(0, len(OPERATIONS) ** NODES - 1, size=(n, 1))
        operations = chosen // len(OPERATIONS) ** np.arange(NODES)[::-1] % len(OPERATIONS)
        codes: Codes = np.concatenate([sources, operations], axis=1).astype(np.int32)
        return codes

    def features(self, codes: Codes) -> Float[np.ndarray, "architectures features"]:
        """What stands on the way from the input to each output."""
        return self._features.count(sources_of(codes), codes[:, NODES - 1 :])


def sources_of(codes: Codes) -> Int[np.ndarray, "architectures nodes"]:
    """Number of what each node takes, that of the first node (always 0) included."""
    first = np.zeros((len(codes), 1), dtype=codes.dtype)
    return np.concatenate([first, codes[:, : NODES - 1]], axis=1)


def _key(sources: Sequence[int], operations: Sequence[int]) -> str:
    """Canonical text of a network, as `gat(fc,gcn(sage)),arma`: what follows what.

    1. A node that skips and has successors is left out; they take its source instead.
    2. A node that skips without successors hands its source to the output. It is left out
       where that is the raw input, and where it is all that its source is used for; beside
       others it stays, as `skip`.
    3. The order of what takes the same source does not matter.

    These rules are what the benchmark's own look-up amounts to: for all 157,440 codes they
    say "the same" exactly where it does. That the raw input never reaches the output is a
    rule of theirs. So is taking a skip between two nodes for nothing: in training, each node
    that does not take the raw input first normalises and rectifies what it takes.
    """
    followers: list[list[int]] = [[] for _ in range(NODES + 1)]
    for node, source in enumerate(sources, start=1):
        followers[source].append(node)

    # Later nodes follow earlier ones, so every follower is written before its source.
    written: list[list[str]] = [[] for _ in range(NODES + 1)]
    for node in range(NODES, -1, -1):
        for each in followers[node]:
            inner = written[each]
            if operations[each - 1] == SKIP:
                written[node] += inner or ["skip"]
            else:
                kept = [] if inner == ["skip"] else sorted(inner)
                name = OPERATIONS[operations[each - 1]]
                written[node].append(f"{name}({','.join(kept)})" if kept else name)
    return ",".join(sorted(text for text in written[0] if text != "skip"))


@final
class _Nodes(Notation):
    """Source and operation of each node in turn: `0:gcn,1:gin,2:fc,1:cheb`."""

    def write(self, architecture: Architecture) -> str:
        """The nodes in order."""
        code = architecture.code
        sources, operations = (0, *code[: NODES - 1]), code[NODES - 1 :]
        return ",".join(
            f"{source}:{OPERATIONS[operation]}"
            for source, operation in zip(sources, operations, strict=True)
        )

    def read(self, text: str) -> Mapping[str, object]:
        """Source and operation per node.

        Raises:
            ArchitectureError: The text is not in this form.
        """
        nodes = [re.fullmatch(r"\s*(\d):(\w+)\s*", part) for part in text.split(",")]
        found = [node.groups() for node in nodes if node is not None]
        takes = [int(source) for source, _ in found]
        in_order = all(source < node for node, source in enumerate(takes, start=1))
        if len(nodes) != NODES or len(found) != NODES or not in_order:
            raise ArchitectureError(
                f"expected {NODES} nodes like '0:gcn,1:gin,2:fc,1:cheb', each with the number of "
                f"what it takes (0: the input, or an earlier node) and its operation, got {text!r}"
            )
        sources = {f"source of node {n}": SOURCES[takes[n - 1]] for n in range(2, NODES + 1)}
        return sources | {f"node {n}": name for n, (_, name) in enumerate(found, start=1)}
