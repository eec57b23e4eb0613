"""Parameters and FLOPs of DARTS networks on any images, counted from their cells."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from jaxtyping import Float, Int

from deltanas.spaces import Codes
from deltanas.spaces.darts import on_edges
from deltanas.spaces.darts_network import AT_INPUTS, OUTPUTS, STEM

SKIP: Final = 2
"""Number of the operation that is a convolution where it halves the image."""


def darts_costs(
    codes: Codes, shape: Sequence[int], classes: int, *, channels: int = 8, layers: int = 4
) -> dict[str, Float[np.ndarray, " architectures"]]:
    """Parameters and FLOPs of networks of this space, counted without building them.

    Args:
        codes: Valid codes.
        shape: Of one image: channels, height, width.
        classes: Number of classes.
        channels: Of the first cell.
        layers: Number of cells.

    Returns:
        `parameters`, and `flops` of one image, a multiply-add counted as two.
    """
    placed = on_edges(codes)
    height, width = shape[1:]
    stem, inner = STEM * channels, channels
    parameters = np.full(len(codes), 9.0 * shape[0] * stem + 2 * stem)
    products = np.full(len(codes), 9.0 * shape[0] * stem * height * width)
    older, newer = stem, stem
    for layer in range(layers):
        reduces = layer in (layers // 3, 2 * layers // 3)
        inner *= 2 if reduces else 1
        entering = (older + newer) * inner
        products += entering * height * width
        if reduces:
            height, width = -(-height // 2), -(-width // 2)
        weights, norms = _operations(placed[:, int(reduces)], inner, reduces=reduces)
        parameters += entering + 4 * inner + weights + norms
        products += weights * height * width
        older, newer = newer, OUTPUTS * inner
    last = newer * classes
    return {"parameters": parameters + last + classes, "flops": 2 * (products + last)}


def _operations(
    cells: Int[np.ndarray, "architectures edges"], width: int, *, reduces: bool
) -> tuple[Int[np.ndarray, " architectures"], Int[np.ndarray, " architectures"]]:
    """Weights of the operations of one cell, and parameters of their normalisations."""
    pointwise = width * width
    # Pools and skips; two separable convolutions in a row; one dilated one; no edge.
    price = [0, 0, 0, *(2 * (k * k * width + pointwise) for k in (3, 5))]
    price += [*(k * k * width + pointwise for k in (3, 5)), 0]
    norms = np.array([0, 0, 0, 4, 4, 2, 2, 0]) * width
    weights = np.array(price)[cells].sum(axis=1)
    normalised = norms[cells].sum(axis=1)
    if reduces:
        halved = np.sum(cells[:, list(AT_INPUTS)] == SKIP, axis=1)
        weights, normalised = weights + pointwise * halved, normalised + 2 * width * halved
    return weights, normalised
