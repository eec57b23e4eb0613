"""A small convolutional network of repeated cells, for sequences and for images.

This file needs torch and nothing else. `build(choices, shape, classes)` makes the network that
the choices describe, with random weights.

    input -> stem -> cells of stage 1 -> shrink, widen -> cells of stage 2 -> pool -> classes

A cell is three layers in a row, each an operation with normalisation and activation. All cells
of a network are the same; `residual` adds a cell's input to its output, and `squeeze` rescales
the channels of its output by what is in them (squeeze-and-excitation, Hu et al. 2018).
"""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

STAGES = 2


class Cell(nn.Module):
    """Three layers, maybe with a shortcut around them."""

    def __init__(self, choices: Mapping[str, object], width: int, dimensions: int) -> None:
        super().__init__()
        names = [str(choices[f"layer {number}"]) for number in (1, 2, 3)]
        self.layers = nn.Sequential(*(_layer(name, choices, width, dimensions) for name in names))
        self.squeeze = Squeeze(width, dimensions) if choices["squeeze"] else nn.Identity()
        self.residual = bool(choices["residual"])

    def forward(self, x: Tensor) -> Tensor:
        """The layers one after the other."""
        y: Tensor = self.squeeze(self.layers(x))
        return x + y if self.residual else y


class Squeeze(nn.Module):
    """Weighs channels by what is in all of them."""

    def __init__(self, width: int, dimensions: int) -> None:
        super().__init__()
        self.dimensions = dimensions
        self.inner = nn.Linear(width, max(width // 4, 4))
        self.outer = nn.Linear(max(width // 4, 4), width)

    def forward(self, x: Tensor) -> Tensor:
        """Each channel times a number between 0 and 1."""
        weights = self.outer(torch.relu(self.inner(x.flatten(2).mean(2))))
        return x * torch.sigmoid(weights).reshape(*weights.shape, *[1] * self.dimensions)


class Network(nn.Module):
    """Stem, cells, classifier."""

    def __init__(self, choices: Mapping[str, object], shape: Sequence[int], classes: int) -> None:
        super().__init__()
        channels, dimensions = shape[0], len(shape) - 1
        widths = [_number(choices["width"])]
        for _ in range(STAGES - 1):
            widths.append(int(widths[-1] * float(str(choices["widening"]))))
        kernel = _number(choices["stem kernel"])
        parts = [_convolution(choices, channels, widths[0], kernel, dimensions)]
        for stage, width in enumerate(widths):
            if stage:
                parts += [_shrink(choices, widths[stage - 1], width, dimensions)]
            parts += [Cell(choices, width, dimensions) for _ in range(_number(choices["cells"]))]
        self.features = nn.Sequential(*parts)
        self.pool = str(choices["head pool"])
        self.classifier = nn.Linear(widths[-1], classes)

    def forward(self, x: Tensor) -> Tensor:
        """One row of scores per example."""
        x = self.features(x).flatten(2)
        y: Tensor = self.classifier(x.amax(2) if self.pool == "max" else x.mean(2))
        return y


def build(choices: Mapping[str, object], shape: Sequence[int], classes: int) -> nn.Module:
    """The network that the choices describe.

    Args:
        choices: One of the options for each decision.
        shape: Of one input: channels and length, or channels, height and width.
        classes: Number of classes.
    """
    return Network(choices, shape, classes)


def _layer(name: str, choices: Mapping[str, object], width: int, dimensions: int) -> nn.Module:
    if name in ("maxpool 3", "avgpool 3"):
        is_max = name == "maxpool 3"
        if dimensions == 1:
            return (nn.MaxPool1d if is_max else nn.AvgPool1d)(3, stride=1, padding=1)
        return (nn.MaxPool2d if is_max else nn.AvgPool2d)(3, stride=1, padding=1)
    operation, size = name.split()
    kernel = int(size)
    dilation = 2 if operation == "dilated" else 1
    if operation != "separable":
        return _convolution(choices, width, width, kernel, dimensions, dilation=dilation)
    depthwise = _kind(dimensions)(
        width, width, kernel, padding=kernel // 2, groups=width, bias=False
    )
    return nn.Sequential(depthwise, _convolution(choices, width, width, 1, dimensions))


def _shrink(choices: Mapping[str, object], before: int, after: int, dimensions: int) -> nn.Module:
    """Half the length, and more channels."""
    how = str(choices["shrink"])
    if how == "stride":
        return _convolution(choices, before, after, 3, dimensions, stride=2)
    kind = {"max": (nn.MaxPool1d, nn.MaxPool2d), "average": (nn.AvgPool1d, nn.AvgPool2d)}
    pool = kind[how][dimensions - 1](2, ceil_mode=True)
    return nn.Sequential(pool, _convolution(choices, before, after, 1, dimensions))


def _convolution(
    choices: Mapping[str, object],
    before: int,
    after: int,
    kernel: int,
    dimensions: int,
    *,
    stride: int = 1,
    dilation: int = 1,
) -> nn.Module:
    """Convolution, normalisation, activation."""
    norm = str(choices["norm"])
    convolution = _kind(dimensions)(
        before,
        after,
        kernel,
        stride=stride,
        dilation=dilation,
        padding=dilation * (kernel // 2),
        bias=norm == "none",
    )
    activation = {"relu": nn.ReLU, "silu": nn.SiLU, "gelu": nn.GELU}[str(choices["activation"])]
    normalised: nn.Module = nn.Identity()
    if norm == "batch":
        normalised = (nn.BatchNorm1d, nn.BatchNorm2d)[dimensions - 1](after)
    elif norm == "group":
        normalised = nn.GroupNorm(math.gcd(4, after), after)
    return nn.Sequential(convolution, normalised, activation())


def _kind(dimensions: int) -> type[nn.Conv1d] | type[nn.Conv2d]:
    return nn.Conv1d if dimensions == 1 else nn.Conv2d


def _number(value: object) -> int:
    return int(str(value))
