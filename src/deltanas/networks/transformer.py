"""The space `transformer`: small decoder-only language models.

The choices are those of HW-GPT-Bench (Sukthanker et al. 2024), width, depth, biases, and heads and
MLP ratio of each layer, on the scale of characters; the sizes are ours.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from deltanas.spaces import Architecture, BlockSpace

LAYERS: Final = 5
"""Layers of the deepest networks."""
HEAD: Final = 16
"""Width of an attention head."""
OPTIONS: Final[Mapping[str, tuple[object, ...]]] = {
    "width": (16, 24, 32, 48),
    "layers": tuple(range(1, LAYERS + 1)),
    "bias": (False, True),
    **{f"heads {layer}": (1, 2, 3, 4) for layer in range(1, LAYERS + 1)},
    **{f"mlp {layer}": (1, 2, 3, 4) for layer in range(1, LAYERS + 1)},
}
CONDITIONS: Final = {
    f"{what} {layer}": f"layers >= {layer}"
    for what in ("heads", "mlp")
    for layer in range(2, LAYERS + 1)
}


def transformer() -> BlockSpace:
    """The space; its exact cheap fact is the logarithm of the parameters."""
    return BlockSpace(OPTIONS, name="transformer", conditions=CONDITIONS, costs=_costs)


def transformer_costs(
    choices: Mapping[str, object], shape: Sequence[int], classes: int
) -> dict[str, int]:
    """Parameters and FLOPs of a network of this space, counted without building it.

    Args:
        choices: One of the options for each decision that exists.
        shape: Of one input: `(tokens,)`.
        classes: Number of different tokens.

    Returns:
        `parameters`, and `flops` of one text of that many tokens, a multiply-add counted as two.
    """
    (length,) = shape
    width, bias = int(str(choices["width"])), int(bool(choices["bias"]))
    weights, biases = width * classes, bias * classes
    tables = (classes + length) * width + 2 * width  # embeddings, the last normalisation
    products = 0  # of queries with keys and of what they weigh
    for layer in range(1, int(str(choices["layers"])) + 1):
        heads = int(str(choices[f"heads {layer}"]))
        inner = int(str(choices[f"mlp {layer}"])) * width
        weights += 4 * width * heads * HEAD + 2 * width * inner
        biases += bias * (3 * heads * HEAD + inner + 2 * width)
        tables += 4 * width
        products += 2 * heads * HEAD * length * length
    return {
        "parameters": weights + biases + tables,
        "flops": 2 * (weights * length + products),
    }


def _costs(architecture: Architecture) -> dict[str, float]:
    """Of the network for texts of 64 of 97 characters."""
    return {"log_parameters": math.log(transformer_costs(architecture, (64,), 97)["parameters"])}
