"""The space `cnn-cell`: small convolutional networks, for sequences and for images.

Ours. No two of its codes are the same network: the layers stand in a row and none of them is
"do nothing", so there are no dead parts and no cells that differ only in their order.
"""

import math
from collections.abc import Mapping
from typing import Final

from deltanas.spaces import Architecture, BlockSpace

LAYERS: Final = (
    *("conv 3", "conv 5", "dilated 3", "separable 3", "separable 5"),
    *("maxpool 3", "avgpool 3"),
)
OPTIONS: Final[Mapping[str, tuple[object, ...]]] = {
    "width": (4, 8, 12, 16),
    "stem kernel": (3, 5, 7),
    "layer 1": LAYERS,
    "layer 2": LAYERS,
    "layer 3": LAYERS,
    "cells": (1, 2),
    "residual": (False, True),
    "squeeze": (False, True),
    "widening": (1, 1.5, 2),
    "shrink": ("stride", "max", "average"),
    "activation": ("relu", "silu", "gelu"),
    "norm": ("none", "group", "batch"),
    "head pool": ("average", "max"),
}
DEFAULT: Final[Mapping[str, object]] = {
    "width": 8,
    "stem kernel": 3,
    "layer 1": "conv 3",
    "layer 2": "conv 3",
    "layer 3": "conv 3",
    "cells": 1,
    "residual": True,
    "squeeze": False,
    "widening": 2,
    "shrink": "stride",
    "activation": "relu",
    "norm": "batch",
    "head pool": "average",
}
"""What one would build by hand: a small residual network. Searches are measured against it."""


def cnn_cell() -> BlockSpace:
    """The space; its exact cheap fact is the logarithm of the parameters."""
    return BlockSpace(OPTIONS, name="cnn-cell", costs=_costs)


def cnn_cell_parameters(choices: Mapping[str, object], shape: tuple[int, ...], classes: int) -> int:
    """Parameters of a network of this space, counted without building it.

    Args:
        choices: One of the options for each decision.
        shape: Of one input: channels and length, or channels, height and width.
        classes: Number of classes.
    """
    dimensions = len(shape) - 1
    norm = {"none": 1, "group": 2, "batch": 2}[str(choices["norm"])]
    first = int(str(choices["width"]))
    second = int(first * float(str(choices["widening"])))
    shrinking = math.prod([3] * dimensions) if choices["shrink"] == "stride" else 1
    stem = math.prod([int(str(choices["stem kernel"]))] * dimensions)
    total = shape[0] * first * stem + norm * first
    total += first * second * shrinking + norm * second + second * classes + classes
    for width in (first, second):
        cell = sum(
            _layer(str(choices[f"layer {number}"]), width, norm, dimensions) for number in (1, 2, 3)
        )
        if choices["squeeze"]:
            inner = max(width // 4, 4)
            cell += 2 * width * inner + inner + width
        total += int(str(choices["cells"])) * cell
    return total


def _layer(name: str, width: int, norm: int, dimensions: int) -> int:
    operation, size = name.split()
    if operation in ("maxpool", "avgpool"):
        return 0
    weights = math.prod([int(size)] * dimensions)
    if operation == "separable":
        return width * weights + width * width + norm * width
    return width * width * weights + norm * width


def _costs(architecture: Architecture) -> dict[str, float]:
    """Of the network for sequences of one channel and ten classes; for images it is monotone."""
    # Searchers ask this of thousands of candidates: one pass over the code, no lookups by name.
    pairs = zip(architecture.decisions, architecture.code, strict=True)
    choices = {decision.name: decision.options[position] for decision, position in pairs}
    return {"log_parameters": math.log(cnn_cell_parameters(choices, (1, 40), 10))}
