"""The space `mlp`: networks of linear layers for tables, each layer as wide as it likes.

Ours. No two of its codes are the same network.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from deltanas.spaces import Architecture, BlockSpace

LAYERS: Final = 5
"""Layers of the deepest networks, the classifier not counted."""
WIDTHS: Final = (8, 16, 24, 32, 48, 64, 96, 128)
OPTIONS: Final[Mapping[str, tuple[object, ...]]] = {
    "layers": tuple(range(1, LAYERS + 1)),
    **{f"width {layer}": WIDTHS for layer in range(1, LAYERS + 1)},
    "activation": ("relu", "gelu", "silu", "tanh"),
    "norm": ("none", "batch", "layer"),
    "dropout": (0.0, 0.1, 0.3),
    "wide": (False, True),
}
CONDITIONS: Final = {f"width {layer}": f"layers >= {layer}" for layer in range(2, LAYERS + 1)}


def mlp() -> BlockSpace:
    """The space; its exact cheap fact is the logarithm of the parameters."""
    return BlockSpace(OPTIONS, name="mlp", conditions=CONDITIONS, costs=_costs)


def mlp_costs(choices: Mapping[str, object], shape: Sequence[int], classes: int) -> dict[str, int]:
    """Parameters and FLOPs of a network of this space, counted without building it.

    Args:
        choices: One of the options for each decision that exists.
        shape: Of one input.
        classes: Number of classes.

    Returns:
        `parameters`, and `flops` of one example, a multiply-add counted as two.
    """
    inputs = before = math.prod(shape)
    weights = others = 0
    for layer in range(1, int(str(choices["layers"])) + 1):
        width = int(str(choices[f"width {layer}"]))
        weights += before * width
        others += width * (1 if choices["norm"] == "none" else 2)
        before = width
    weights += before * classes + (inputs * classes if choices["wide"] else 0)
    return {"parameters": weights + others + classes, "flops": 2 * weights}


def _costs(architecture: Architecture) -> dict[str, float]:
    """Of the network for a table of 32 columns and ten classes."""
    return {"log_parameters": math.log(mlp_costs(architecture, (32,), 10)["parameters"])}
