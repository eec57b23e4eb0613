"""From an architecture to its torch network: which file builds the networks of which space."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Final

import torch
from torch import nn

from deltanas.errors import ShapeError, UnknownNameError
from deltanas.spaces import Architecture

BUILDERS: Final[Mapping[str, tuple[str, tuple[int, ...]]]] = MappingProxyType(
    {
        "cnn-cell": ("deltanas.networks.plain.cnn_cell", (1, 2)),
        "nasbench201": ("deltanas.networks.plain.nasbench201", (2,)),
    }
)
"""Space -> the file that builds its networks, and how many dimensions its inputs may have."""


def plain_module(space: str) -> ModuleType:
    """The file of plain torch that builds the networks of a space.

    Raises:
        UnknownNameError: No file builds networks of that space.
    """
    if space not in BUILDERS:
        raise UnknownNameError(
            f"there are no networks for space {space!r}, only for {', '.join(BUILDERS)}; train its "
            f"architectures with a function of your own"
        )
    return import_module(BUILDERS[space][0])


def build(
    architecture: Architecture, shape: Sequence[int], classes: int, *, device: str = "cpu"
) -> nn.Module:
    """The torch network of an architecture, with random weights from torch's generator.

    Args:
        architecture: Of a space that has networks.
        shape: Of one input: channels and length, or channels, height and width.
        classes: Number of classes, at least 1.
        device: Where its weights are; on `meta` it takes milliseconds and no memory.

    Raises:
        UnknownNameError: No file builds networks of that space.
        ShapeError: The networks of the space do not take such inputs.
    """
    module = plain_module(architecture.space)
    allowed = BUILDERS[architecture.space][1]
    if len(shape) - 1 not in allowed or min(shape, default=0) < 1 or classes < 1:
        forms = {1: "(channels, length)", 2: "(channels, height, width)"}
        raise ShapeError(
            f"networks of space {architecture.space!r} take inputs of shape "
            f"{' or '.join(forms[each] for each in allowed)}, got {tuple(shape)} for {classes} "
            f"classes; give other data or another space"
        )
    with torch.device(device):
        network: nn.Module = module.build(dict(architecture), tuple(shape), classes)
    return network
