"""The space `mbconv`: small networks of mobile inverted bottlenecks, for images.

The choices are those of Once-for-All (Cai et al. 2020), depth of each stage, kernel and
expansion of each block; sizes, and what is chosen for the whole network, are ours.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from deltanas.spaces import Architecture, BlockSpace

STAGES: Final = (1, 2, 3)
BLOCKS: Final = (1, 2, 3)
"""Blocks of the deepest stages."""
WIDENING: Final = (1, 2, 4)
"""Channels of each stage, in channels of the first."""
OPTIONS: Final[Mapping[str, tuple[object, ...]]] = {
    "width": (4, 8, 12),
    "activation": ("relu", "silu", "hard swish"),
    "squeeze": (False, True),
    **{f"stage {stage} depth": BLOCKS for stage in STAGES},
    **{f"stage {stage} kernel {block}": (3, 5, 7) for stage in STAGES for block in BLOCKS},
    **{f"stage {stage} expand {block}": (2, 3, 4) for stage in STAGES for block in BLOCKS},
}
CONDITIONS: Final = {
    f"stage {stage} {what} {block}": f"stage {stage} depth >= {block}"
    for what in ("kernel", "expand")
    for stage in STAGES
    for block in BLOCKS
    if block > 1
}


def mbconv() -> BlockSpace:
    """The space; its exact cheap fact is the logarithm of the parameters."""
    return BlockSpace(OPTIONS, name="mbconv", conditions=CONDITIONS, costs=_costs)


def mbconv_costs(
    choices: Mapping[str, object], shape: Sequence[int], classes: int
) -> dict[str, int]:
    """Parameters and FLOPs of a network of this space, counted without building it.

    Args:
        choices: One of the options for each decision that exists.
        shape: Of one image: channels, height, width.
        classes: Number of classes.

    Returns:
        `parameters`, and `flops` of one image, a multiply-add counted as two.
    """
    channels, height, width = shape
    first = before = int(str(choices["width"]))
    entering = height * width
    total = 9 * channels * before
    products, others = total * entering, 2 * before + classes
    for stage, widening in zip(STAGES, WIDENING, strict=True):
        after = widening * first
        height, width = -(-height // 2), -(-width // 2)
        for block in range(1, int(str(choices[f"stage {stage} depth"])) + 1):
            kernel = int(str(choices[f"stage {stage} kernel {block}"]))
            inner = before * int(str(choices[f"stage {stage} expand {block}"]))
            positions = height * width
            outside = inner * (kernel * kernel + after)
            products += before * inner * entering + outside * positions
            total += before * inner + outside
            others += 4 * inner + 2 * after
            if choices["squeeze"]:
                reduced = max(inner // 4, 4)
                total += 2 * inner * reduced
                products += 2 * inner * reduced
                others += inner + reduced
            before, entering = after, positions
    total += before * classes
    return {"parameters": total + others, "flops": 2 * (products + before * classes)}


def _costs(architecture: Architecture) -> dict[str, float]:
    """Of the network for grey images of 28 x 28 pixels and ten classes."""
    found = mbconv_costs(architecture, (1, 28, 28), 10)
    return {"log_parameters": math.log(found["parameters"])}
