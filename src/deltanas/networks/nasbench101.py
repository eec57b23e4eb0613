"""Parameters and FLOPs of NAS-Bench-101 networks on any images, counted from their cells."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from deltanas.spaces import Codes
from deltanas.spaces.nasbench101 import VERTICES, live_cells
from deltanas.spaces.nasbench101_network import KERNELS, channels_of

STACKS = (1, 2, 4)
"""Channels of each stack of three cells, in channels of the first."""


def nasbench101_costs(
    codes: Codes, shape: Sequence[int], classes: int, *, channels: int = 16
) -> dict[str, Float[np.ndarray, " architectures"]]:
    """Parameters and FLOPs of networks of this space, counted without building them.

    Args:
        codes: Valid codes.
        shape: Of one image: channels, height, width.
        classes: Number of classes.
        channels: Of the first three cells.

    Returns:
        `parameters`, and `flops` of one image, a multiply-add counted as two.
    """
    height, width = shape[1:]
    stem = 9 * shape[0] * channels
    last = STACKS[-1] * channels
    parameters = np.full(len(codes), stem + 2 * channels + last * classes + classes, dtype=float)
    products = np.full(len(codes), stem * height * width + last * classes, dtype=float)
    entering = channels
    for stack, widening in enumerate(STACKS):
        if stack:
            height, width = height // 2, width // 2
        leaving = widening * channels
        for first, times in ((entering, 1), (leaving, 2)):
            weights, norms = _cell(codes, first, leaving)
            parameters += times * (weights + norms)
            products += times * weights * height * width
        entering = leaving
    return {"parameters": parameters, "flops": 2 * products}


def _cell(
    codes: Codes, entering: int, leaving: int
) -> tuple[Int[np.ndarray, " architectures"], Int[np.ndarray, " architectures"]]:
    """Weights of the convolutions of one cell, and parameters of their normalisations."""
    cells = live_cells(codes)
    places = np.repeat(np.arange(VERTICES)[:, None], len(codes), axis=1)
    channels = channels_of(cells, leaving, places)
    projected = cells.edges[: VERTICES - 1] * channels[1:]  # the first pairs begin at the input
    own = channels[1:-1] * cells.vertices[1:-1]
    kernels = np.array(KERNELS)[cells.labels]
    weights = entering * projected.sum(axis=0) + (kernels * own * own).sum(axis=0)
    norms = 2 * (projected.sum(axis=0) + np.where(kernels > 0, own, 0).sum(axis=0))
    return weights, norms
