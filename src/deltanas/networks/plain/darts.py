"""The networks of DARTS: a row of cells, two of which halve the image.

This file needs torch and nothing else. `build(choices, shape, classes)` makes the network with
the given normal and reduction cell, with random weights.

Source: Liu, Simonyan & Yang, "DARTS: Differentiable Architecture Search", ICLR 2019: the network
that is trained after the search, without auxiliary head and drop path. Theirs begins with 36
channels and has 20 cells, that of NAS-Bench-301 32 and 8; here there are 8 channels
and 4 cells unless `channels` and `layers` say otherwise, because theirs take hours on a processor.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

CHANNELS = 8
LAYERS = 4
STEM = 3
"""Channels of the stem, in channels of the first cell."""
NODES = (2, 3, 4, 5)


class Halve(nn.Module):
    """Half the height and width, by two convolutions that see every other pixel each."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.even = nn.Conv2d(before, after // 2, 1, stride=2, bias=False)
        self.odd = nn.Conv2d(before, after - after // 2, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(after)

    def forward(self, x: Tensor) -> Tensor:
        """Both next to each other; a side of odd length is continued by a zero."""
        x = torch.relu(x)
        height, width = x.shape[2:]
        shifted = functional.pad(x, (-1, width % 2, -1, height % 2))
        y: Tensor = self.norm(torch.cat([self.even(x), self.odd(shifted)], dim=1))
        return y


class Cell(nn.Module):
    """Four nodes, each the sum of two operations on what came before it."""

    def __init__(
        self,
        choices: Mapping[str, object],
        before: tuple[int, int],
        width: int,
        *,
        reduces: bool,
        after_reduction: bool,
    ) -> None:
        super().__init__()
        older, newer = before
        self.older = Halve(older, width) if after_reduction else _pointwise(older, width)
        self.newer = _pointwise(newer, width)
        self.inputs: list[tuple[int, int]] = []
        self.operations = nn.ModuleList()
        name = "reduce" if reduces else "normal"
        for node in NODES:
            low, _, high = str(choices.get(f"{name} node {node} inputs", "0+1")).partition("+")
            self.inputs.append((int(low), int(high)))
            for source, which in ((int(low), "lower"), (int(high), "higher")):
                stride = 2 if reduces and source < min(NODES) else 1
                operation = str(choices[f"{name} node {node} {which}"])
                self.operations.append(_operation(operation, width, stride))

    def forward(self, older: Tensor, newer: Tensor) -> Tensor:
        """The nodes next to each other."""
        made = [self.older(older), self.newer(newer)]
        for place, (low, high) in enumerate(self.inputs):
            first, second = self.operations[2 * place], self.operations[2 * place + 1]
            made.append(first(made[low]) + second(made[high]))
        return torch.cat(made[min(NODES) :], dim=1)


class Network(nn.Module):
    """Stem, cells, classifier."""

    def __init__(
        self,
        choices: Mapping[str, object],
        shape: Sequence[int],
        classes: int,
        channels: int,
        layers: int,
    ) -> None:
        super().__init__()
        stem = STEM * channels
        self.stem = nn.Sequential(
            nn.Conv2d(shape[0], stem, 3, padding=1, bias=False), nn.BatchNorm2d(stem)
        )
        self.cells = nn.ModuleList()
        before, width, reduced = (stem, stem), channels, False
        for layer in range(layers):
            reduces = layer in (layers // 3, 2 * layers // 3)
            width *= 2 if reduces else 1
            cell = Cell(choices, before, width, reduces=reduces, after_reduction=reduced)
            self.cells.append(cell)
            before, reduced = (before[1], len(NODES) * width), reduces
        self.classifier = nn.Linear(before[1], classes)

    def forward(self, x: Tensor) -> Tensor:
        """One row of scores per example."""
        older = newer = self.stem(x)
        for cell in self.cells:
            older, newer = newer, cell(older, newer)
        y: Tensor = self.classifier(newer.flatten(2).mean(2))
        return y


def build(
    choices: Mapping[str, object],
    shape: Sequence[int],
    classes: int,
    channels: int = CHANNELS,
    layers: int = LAYERS,
) -> nn.Module:
    """The network with these cells.

    Args:
        choices: Inputs and operations of the nodes of both cells.
        shape: Of one image: channels, height, width; 4 pixels each way or more.
        classes: Number of classes.
        channels: Of the first cell, an even number.
        layers: Number of cells, 3 or more.
    """
    return Network(choices, shape, classes, channels, layers)


def _operation(name: str, width: int, stride: int) -> nn.Module:
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else Halve(width, width)
    if name == "max_pool_3x3":
        return nn.MaxPool2d(3, stride=stride, padding=1)
    if name == "avg_pool_3x3":
        return nn.AvgPool2d(3, stride=stride, padding=1, count_include_pad=False)
    kernel = int(name[-1])
    if name.startswith("dil"):
        return _separable(width, kernel, stride, dilation=2)
    return nn.Sequential(_separable(width, kernel, stride), _separable(width, kernel, 1))


def _separable(width: int, kernel: int, stride: int, *, dilation: int = 1) -> nn.Module:
    """Each channel by itself, then all together."""
    padding = dilation * (kernel // 2)
    depthwise = nn.Conv2d(
        width,
        width,
        kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=width,
        bias=False,
    )
    pointwise = nn.Conv2d(width, width, 1, bias=False)
    return nn.Sequential(nn.ReLU(), depthwise, pointwise, nn.BatchNorm2d(width))


def _pointwise(before: int, after: int) -> nn.Module:
    """Activation, 1x1 convolution, normalisation."""
    convolution = nn.Conv2d(before, after, 1, bias=False)
    return nn.Sequential(nn.ReLU(), convolution, nn.BatchNorm2d(after))
