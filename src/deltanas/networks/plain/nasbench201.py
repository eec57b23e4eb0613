"""The networks of NAS-Bench-201: three stages of five cells, and residual blocks between them.

This file needs torch and nothing else. `build(choices, shape, classes)` makes the network with
the given operation on each edge of the cell, with random weights.

Source: Dong & Yang, "NAS-Bench-201", ICLR 2020: 16, 32 and 64 channels; convolutions are
activation, convolution, batch normalisation.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

VERTICES = 4
CELLS = 5
WIDTHS = (16, 32, 64)


class Zero(nn.Module):
    """No edge."""

    def forward(self, x: Tensor) -> Tensor:
        """Zeros of the same shape."""
        return torch.zeros_like(x)


class Cell(nn.Module):
    """Every vertex adds up what its incoming edges make of the vertices before it."""

    def __init__(self, choices: Mapping[str, object], width: int) -> None:
        super().__init__()
        self.edges = nn.ModuleDict()
        for target in range(1, VERTICES):
            for source in range(target):
                name = str(choices[f"edge {source}→{target}"])
                self.edges[f"{source}{target}"] = _operation(name, width)

    def forward(self, x: Tensor) -> Tensor:
        """What the last vertex holds."""
        vertices = [x]
        for target in range(1, VERTICES):
            vertices.append(
                sum(self.edges[f"{source}{target}"](vertices[source]) for source in range(target))
            )
        return vertices[-1]


class Shrink(nn.Module):
    """A residual block that halves the size and doubles the channels."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            _convolution(before, after, 3, stride=2), _convolution(after, after, 3)
        )
        self.shortcut = nn.Sequential(
            nn.AvgPool2d(2, ceil_mode=True), nn.Conv2d(before, after, 1, bias=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Both ways added."""
        y: Tensor = self.shortcut(x) + self.layers(x)
        return y


class Network(nn.Module):
    """Stem, stages, classifier."""

    def __init__(self, choices: Mapping[str, object], shape: Sequence[int], classes: int) -> None:
        super().__init__()
        stem = nn.Conv2d(shape[0], WIDTHS[0], 3, padding=1, bias=False)
        parts: list[nn.Module] = [stem, nn.BatchNorm2d(WIDTHS[0])]
        for stage, width in enumerate(WIDTHS):
            if stage:
                parts.append(Shrink(WIDTHS[stage - 1], width))
            parts += [Cell(choices, width) for _ in range(CELLS)]
        self.features = nn.Sequential(*parts, nn.BatchNorm2d(WIDTHS[-1]), nn.ReLU())
        self.classifier = nn.Linear(WIDTHS[-1], classes)

    def forward(self, x: Tensor) -> Tensor:
        """One row of scores per example."""
        y: Tensor = self.classifier(self.features(x).flatten(2).mean(2))
        return y


def build(choices: Mapping[str, object], shape: Sequence[int], classes: int) -> nn.Module:
    """The network with this cell.

    Args:
        choices: Operation of each edge, `edge 0→1` to `edge 2→3`.
        shape: Of one image: channels, height, width.
        classes: Number of classes.
    """
    return Network(choices, shape, classes)


def _operation(name: str, width: int) -> nn.Module:
    if name == "none":
        return Zero()
    if name == "skip_connect":
        return nn.Identity()
    if name == "avg_pool_3x3":
        return nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
    return _convolution(width, width, {"nor_conv_1x1": 1, "nor_conv_3x3": 3}[name])


def _convolution(before: int, after: int, kernel: int, *, stride: int = 1) -> nn.Module:
    """Activation, convolution, normalisation."""
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(before, after, kernel, stride=stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(after),
    )
