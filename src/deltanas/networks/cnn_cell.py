"""The space `cnn-cell`: small convolutional networks, for sequences and for images.

Ours. No two of its codes are the same network: the layers stand in a row and none of them is
"do nothing", so there are no dead parts and no cells that differ only in their order.
"""

import math
from collections.abc import Mapping, Sequence
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


def cnn_cell_costs(
    choices: Mapping[str, object], shape: Sequence[int], classes: int
) -> dict[str, int]:
    """Parameters and FLOPs of a network of this space, counted without building it.

    Args:
        choices: One of the options for each decision.
        shape: Of one input: channels and length, or channels, height and width.
        classes: Number of classes.

    Returns:
        `parameters`, and `flops` of one example, a multiply-add counted as two.
    """
    taps = len(shape) - 1
    first = int(str(choices["width"]))
    second = int(first * float(str(choices["widening"])))
    here, later = math.prod(shape[1:]), math.prod(-(-size // 2) for size in shape[1:])
    # Weights of each layer, and at how many positions they are used.
    stem = shape[0] * first * _power(int(str(choices["stem kernel"])), taps)
    shrinking = first * second * (_power(3, taps) if choices["shrink"] == "stride" else 1)
    layers = [(stem, here), (shrinking, later), (second * classes, 1)]
    scaled, biases = first + second, classes
    cells = int(str(choices["cells"]))
    for width, positions in ((first, here), (second, later)):
        for number in (1, 2, 3):
            operation, size = str(choices[f"layer {number}"]).split()
            if operation not in ("maxpool", "avgpool"):
                weights = width * width * _power(int(size), taps)
                if operation == "separable":
                    weights = width * _power(int(size), taps) + width * width
                layers.append((cells * weights, positions))
                scaled += cells * width
        if choices["squeeze"]:
            inner = max(width // 4, 4)
            layers.append((cells * 2 * width * inner, 1))
            biases += cells * (inner + width)
    norm = {"none": 1, "group": 2, "batch": 2}[str(choices["norm"])]
    return {
        "parameters": sum(weights for weights, _ in layers) + norm * scaled + biases,
        "flops": 2 * sum(weights * positions for weights, positions in layers),
    }


def _power(size: int, dimensions: int) -> int:
    return size if dimensions == 1 else size * size


def _costs(architecture: Architecture) -> dict[str, float]:
    """Of the network for sequences of one channel and ten classes; for images it is monotone."""
    # Searchers ask this of thousands of candidates: one pass over the code, no lookups by name.
    pairs = zip(architecture.decisions, architecture.code, strict=True)
    choices = {decision.name: decision.options[position] for decision, position in pairs}
    return {"log_parameters": math.log(cnn_cell_costs(choices, (1, 40), 10)["parameters"])}
