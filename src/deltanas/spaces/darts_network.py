"""The network that is built of two DARTS cells, and how many parameters it has.

Source: Liu, Simonyan & Yang 2019 and their published code, which this counts and does not
copy: a stem of three times the channels; each cell first brings its two inputs to its own
channels; the cells at a third and two thirds of the depth reduce and double the channels;
the outputs of a cell's four nodes are concatenated. The count leaves the auxiliary head out,
as theirs does, and equals theirs for the published cell (3.349342 million).
"""

from typing import Final

import numpy as np
from jaxtyping import Float, Int

STEM: Final = 3
"""Channels of the stem, in channels of the first cell."""
OUTPUTS: Final = 4
"""Nodes whose outputs are concatenated."""
AT_INPUTS: Final = (0, 1, 2, 3, 5, 6, 9, 10)
"""Edges that leave the inputs of a cell, where a reduction cell halves the resolution."""

Placed = Int[np.ndarray, "architectures cells edges"]


def parameters(
    placed: Placed, *, channels: int = 32, layers: int = 8, classes: int = 10
) -> Float[np.ndarray, " architectures"]:
    """Trainable parameters of the networks with these cells.

    Args:
        placed: Operation on each edge of the normal and the reduction cell, -1 for no edge,
            numbered as `darts.OPERATIONS`.
        channels: Channels of the first cell.
        layers: Number of cells.
        classes: Classes of the data set.
    """
    stem, width = STEM * channels, channels
    total = np.full(len(placed), 3.0 * 9 * stem + 2 * stem)
    before, last = stem, stem
    for layer in range(layers):
        reduces = layer in (layers // 3, 2 * layers // 3)
        width *= 2 if reduces else 1
        # A 1x1 convolution with normalisation for each input, in whichever form.
        total += (before + last) * width + 4 * width
        total += _operations(placed[:, int(reduces)], width, reduces=reduces)
        before, last = last, OUTPUTS * width
    return total + last * classes + classes


def _operations(
    cells: Int[np.ndarray, "architectures edges"], width: int, *, reduces: bool
) -> Float[np.ndarray, " architectures"]:
    """Parameters of the operations of one cell."""
    pointwise = width * width + 2 * width
    # Pools and skips have none; dilated convolutions are one depthwise and one pointwise
    # convolution with a normalisation, separable ones are two of each. The last is no edge.
    price = np.array(
        [
            *(0.0, 0.0, 0.0),
            *(2 * (size * size * width + pointwise) for size in (3, 5)),
            *(size * size * width + pointwise for size in (3, 5)),
            0.0,
        ]
    )
    counted: Float[np.ndarray, " architectures"] = price[cells].sum(axis=1)
    if reduces:
        # A skip that halves the resolution is two strided convolutions to half the channels.
        counted += pointwise * np.sum(cells[:, list(AT_INPUTS)] == 2, axis=1)  # noqa: PLR2004  skip_connect
    return counted
