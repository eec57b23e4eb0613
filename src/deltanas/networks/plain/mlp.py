"""A network of linear layers, for tables; of sequences and images it takes the plain numbers.

This file needs torch and nothing else. `build(choices, shape, classes)` makes the network that
the choices describe, with random weights.

    inputs -> layers: linear, normalisation, activation, dropout -> classes

`wide` adds what one linear map makes of the inputs to the scores (wide & deep, Cheng et al. 2016).
"""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.GELU, "silu": nn.SiLU, "tanh": nn.Tanh}


class Network(nn.Module):
    """Layers, and a classifier."""

    def __init__(self, choices: Mapping[str, object], shape: Sequence[int], classes: int) -> None:
        super().__init__()
        inputs = math.prod(shape)
        # The columns of a table come with mean 0 and spread 1, single pixels do not.
        self.scale = nn.BatchNorm1d(inputs, affine=False) if len(shape) > 1 else nn.Identity()
        parts: list[nn.Module] = []
        before = inputs
        for layer in range(1, _number(choices["layers"]) + 1):
            width = _number(choices[f"width {layer}"])
            parts.append(_layer(choices, before, width))
            before = width
        self.layers = nn.Sequential(*parts)
        self.classifier = nn.Linear(before, classes)
        self.wide = nn.Linear(inputs, classes, bias=False) if choices["wide"] else None

    def forward(self, x: Tensor) -> Tensor:
        """One row of scores per example."""
        x = self.scale(torch.flatten(x, 1))
        y: Tensor = self.classifier(self.layers(x))
        return y if self.wide is None else y + self.wide(x)


def build(choices: Mapping[str, object], shape: Sequence[int], classes: int) -> nn.Module:
    """The network that the choices describe.

    Args:
        choices: One of the options for each decision.
        shape: Of one input: `(columns,)`, or the shape of a sequence or an image.
        classes: Number of classes.
    """
    return Network(choices, shape, classes)


def _layer(choices: Mapping[str, object], before: int, after: int) -> nn.Module:
    """Linear map, normalisation, activation, dropout."""
    norm = str(choices["norm"])
    normalised: nn.Module = nn.Identity()
    if norm == "batch":
        normalised = nn.BatchNorm1d(after)
    elif norm == "layer":
        normalised = nn.LayerNorm(after)
    activation = ACTIVATIONS[str(choices["activation"])]()
    dropout = nn.Dropout(float(str(choices["dropout"])))
    linear = nn.Linear(before, after, bias=norm == "none")
    return nn.Sequential(linear, normalised, activation, dropout)


def _number(value: object) -> int:
    return int(str(value))
