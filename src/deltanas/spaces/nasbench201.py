"""NAS-Bench-201, also NATS-Bench's topology space: 5 operations on the 6 edges of a cell.

Source: Dong & Yang, "NAS-Bench-201", ICLR 2020; Dong et al., "NATS-Bench", TPAMI 2021.
Operation order, edge order and the text form are theirs; the canonical key is ours (see
`cells.expression`).
"""

import re
from collections.abc import Mapping
from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.errors import ArchitectureError
from deltanas.spaces.architecture import Architecture, Codes
from deltanas.spaces.cells import Role, edges
from deltanas.spaces.edge_cell import EdgeCell, EdgeCellSpace
from deltanas.spaces.notation import Notation

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
ROLES = (Role.ZERO, Role.IDENTITY, Role.LEARNED, Role.LEARNED, Role.LINEAR)
VERTICES = 4
EDGES = edges(VERTICES)

# Parameters in millions: the skeleton with each data set's classifier, then per operation
# (16, 32 and 64 channels, five cells each). Checked against all 15,625 recorded values.
SKELETON_M = {"cifar10": 0.073306, "cifar100": 0.079156, "imagenet16-120": 0.080456}
CONV_M = {"nor_conv_1x1": 0.02800, "nor_conv_3x3": 0.24304}


# Multiply-adds in millions, likewise checked.
SKELETON_FLOPS_M = {"cifar10": 7.78305, "cifar100": 7.7889, "imagenet16-120": 1.9534}
CONV_FLOPS_M = {"nor_conv_1x1": 3.93216, "nor_conv_3x3": 35.38944}
SMALL_IMAGES = {"imagenet16-120": 1 / 4}
"""Pixels of a data set's images in those of CIFAR-10."""


@final
class NasBench201(EdgeCellSpace):
    """The 15,625 cells of NAS-Bench-201: 5,044 different networks by our key.

    Samples are uniform over the 15,625 codes.
    """

    def __init__(self) -> None:
        """Describe the space."""
        super().__init__("nasbench201", EdgeCell(OPERATIONS, ROLES, VERTICES), _Strings())

    def parameters_m(self, codes: Codes) -> Float[np.ndarray, " architectures"]:
        """Parameters in millions with the classifier of CIFAR-10."""
        return parameters_m(codes)


def parameters_m(codes: Codes, dataset: str = "cifar10") -> Float[np.ndarray, " architectures"]:
    """Parameters in millions of the networks with these cells, dead edges counted too.

    Args:
        codes: Operation on each edge, shape `(architectures, 6)`.
        dataset: `cifar10`, `cifar100` or `imagenet16-120`: the classifier differs.
    """
    total = np.full(len(codes), SKELETON_M[dataset])
    for operation, each in CONV_M.items():
        total += each * np.sum(codes == OPERATIONS.index(operation), axis=1)
    return total


def flops_m(codes: Codes, dataset: str = "cifar10") -> Float[np.ndarray, " architectures"]:
    """Multiply-adds in millions of one image, dead edges counted too; see `parameters_m`."""
    total = np.full(len(codes), SKELETON_FLOPS_M[dataset])
    for operation, each in CONV_FLOPS_M.items():
        pixels = SMALL_IMAGES.get(dataset, 1.0)
        total += pixels * each * np.sum(codes == OPERATIONS.index(operation), axis=1)
    return total


class _Strings(Notation):
    """The benchmark's text form: `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`."""

    def write(self, architecture: Architecture) -> str:
        """The cell as the benchmark writes it."""
        vertices: list[str] = []
        for target in range(1, VERTICES):
            parts = [f"{architecture[f'edge {i}→{target}']}~{i}" for i in range(target)]
            vertices.append(f"|{'|'.join(parts)}|")
        return "+".join(vertices)

    def read(self, text: str) -> Mapping[str, object]:
        """Operation per edge.

        Raises:
            ArchitectureError: The text is not in this form.
        """
        found = []
        for target, block in enumerate(text.strip().split("+"), start=1):
            if re.fullmatch(r"\|([^|~]+~\d+\|)+", block):
                for part in block.strip("|").split("|"):
                    operation, _, source = part.partition("~")
                    found.append((f"edge {source}→{target}", operation))
            else:
                found.append((block, ""))
        if sorted(name for name, _ in found) != sorted(f"edge {i}→{j}" for i, j in EDGES):
            raise ArchitectureError(
                f"expected a cell like '|nor_conv_3x3~0|+|none~0|skip_connect~1|+"
                f"|none~0|none~1|avg_pool_3x3~2|', got {text!r}; mind the quotes in a shell"
            )
        return dict(found)
