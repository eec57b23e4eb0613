"""The cells of TransNAS-Bench-101 ("micro"): 4 operations on the 6 edges of a cell.

The cell is that of NAS-Bench-201 without pooling. The network stacks five modules of two
cells; the first, third and fifth module halve the resolution and double the channels in
their first cell. There a skip connection from the input of the cell cannot be an identity:
it is a strided convolution with weights of its own.

Source: Duan et al., "TransNAS-Bench-101: Improving Transferability and Generalizability of
Cross-Task Neural Architecture Search", CVPR 2021. Operation order, edge order, skeleton and
text form are theirs. The canonical key is ours (see `cells.expression`), and so is what it
makes of skip connections. The records bear it out: no two keys share a record, and cells of
one key differ on `class_scene` by a standard deviation of 0.34 points, where it would be 1.65
if every skip were taken for an identity.
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

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3")
ROLES = (Role.ZERO, Role.IDENTITY, Role.LEARNED, Role.LEARNED)
AT_INPUT = {"skip_connect": Role.LEARNED}
"""What an operation does on the edges that leave the input, where it is something else."""
VERTICES = 4
EDGES = edges(VERTICES)

SKELETON = "64-41414"
"""64 channels after the stem; a module of type 4 reduces, one of type 1 does not."""
CELLS = (
    *((64, 128), (128, 128), (128, 128), (128, 128), (128, 256)),
    *((256, 256), (256, 256), (256, 256), (256, 512), (512, 512)),
)
"""Channels of the input and of the output of each cell of that skeleton."""
STEM = 3 * 32 * 9 + 2 * 32 + 32 * 64 * 9 + 2 * 64
"""Parameters of the two convolutions before the first cell, normalisation included."""
KERNELS = {"nor_conv_1x1": 1, "nor_conv_3x3": 9}
"""Weights of each convolution per pair of channels."""


@final
class TransNasMicro(EdgeCellSpace):
    """The 4,096 cells of TransNAS-Bench-101: 1,376 different networks by our key.

    Samples are uniform over the 4,096 codes. A key says what a cell computes where it reduces.
    Cells that are equal there are equal in the other modules too, where operation 4, the
    strided skip connection, becomes an identity.
    """

    def __init__(self) -> None:
        """Describe the space."""
        super().__init__(
            "transnas-micro", EdgeCell(OPERATIONS, ROLES, VERTICES, at_input=AT_INPUT), _Strings()
        )

    def parameters_m(self, codes: Codes) -> Float[np.ndarray, " architectures"]:
        """Parameters in millions without the head of a task."""
        return parameters_m(codes)


def parameters_m(codes: Codes) -> Float[np.ndarray, " architectures"]:
    """Parameters in millions of the encoders with these cells, dead edges counted too.

    Without the head of a task. Worked out from the published skeleton, because the table
    at hand records none.

    Args:
        codes: Operation on each edge, shape `(architectures, 6)`.
    """
    total = np.full(len(codes), float(STEM))
    for place, (source, _) in enumerate(EDGES):
        costs = np.zeros(len(OPERATIONS))
        for inside, outside in CELLS:
            entering = inside if source == 0 else outside
            for name, kernel in KERNELS.items():
                costs[OPERATIONS.index(name)] += kernel * entering * outside + 2 * outside
            if entering != outside:
                costs[OPERATIONS.index("skip_connect")] += entering * outside + 2 * outside
        total += costs[codes[:, place]]
    return total / 1e6


class _Strings(Notation):
    """The benchmark's text form: `64-41414-1_02_333`, one block of digits per vertex."""

    def write(self, architecture: Architecture) -> str:
        """The cell as the benchmark writes it."""
        digits = "".join(map(str, architecture.code))
        return f"{SKELETON}-{digits[0]}_{digits[1:3]}_{digits[3:]}"

    def read(self, text: str) -> Mapping[str, object]:
        """Operation per edge; the skeleton may be left out.

        Raises:
            ArchitectureError: The text is not in this form.
        """
        found = re.fullmatch(rf"(?:{SKELETON}-)?([0-3])_([0-3]{{2}})_([0-3]{{3}})", text.strip())
        if found is None:
            raise ArchitectureError(
                f"expected a cell like '{SKELETON}-1_02_333', a digit from 0 to 3 for each of the "
                f"edges 0→1, 0→2, 1→2, 0→3, 1→3, 2→3, got {text!r}; the digits mean "
                f"{', '.join(OPERATIONS)}"
            )
        digits = "".join(found.groups())
        return {
            f"edge {i}→{j}": OPERATIONS[int(digit)]
            for (i, j), digit in zip(EDGES, digits, strict=True)
        }
