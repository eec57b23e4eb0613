"""A network of mobile inverted bottlenecks (MBConv), for images.

This file needs torch and nothing else. `build(choices, shape, classes)` makes the network that
the choices describe, with random weights.

    image -> stem -> three stages of blocks -> pool -> classes

A block widens, filters each channel by itself, and narrows again (Sandler et al. 2018); the first
one of a stage halves the image, the others have a shortcut. As in Once-for-All (Cai et al. 2020)
each stage has its depth, each block its kernel and its expansion.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

WIDENING = (1, 2, 4)
"""Channels of each stage, in channels of the first."""
ACTIVATIONS = {"relu": nn.ReLU, "silu": nn.SiLU, "hard swish": nn.Hardswish}


class Squeeze(nn.Module):
    """Weighs channels by what is in all of them (Hu et al. 2018)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Linear(width, max(width // 4, 4))
        self.outer = nn.Linear(max(width // 4, 4), width)

    def forward(self, x: Tensor) -> Tensor:
        """Each channel times a number between 0 and 1."""
        weights = self.outer(torch.relu(self.inner(x.flatten(2).mean(2))))
        return x * torch.sigmoid(weights)[:, :, None, None]


class Block(nn.Module):
    """Widen, filter, narrow."""

    def __init__(
        self,
        choices: Mapping[str, object],
        before: int,
        after: int,
        kernel: int,
        expansion: int,
        stride: int,
    ) -> None:
        super().__init__()
        inner = before * expansion
        self.layers = nn.Sequential(
            *_convolution(before, inner, 1),
            _activation(choices),
            *_convolution(inner, inner, kernel, stride=stride, groups=inner),
            _activation(choices),
            Squeeze(inner) if choices["squeeze"] else nn.Identity(),
            *_convolution(inner, after, 1),
        )
        self.residual = stride == 1 and before == after

    def forward(self, x: Tensor) -> Tensor:
        """The layers, and the shortcut where the shapes are equal."""
        y: Tensor = self.layers(x)
        return x + y if self.residual else y


class Network(nn.Module):
    """Stem, stages, classifier."""

    def __init__(self, choices: Mapping[str, object], shape: Sequence[int], classes: int) -> None:
        super().__init__()
        before = _number(choices["width"])
        parts = [*_convolution(shape[0], before, 3), _activation(choices)]
        for stage, widening in enumerate(WIDENING, start=1):
            after = widening * _number(choices["width"])
            for block in range(1, _number(choices[f"stage {stage} depth"]) + 1):
                kernel = _number(choices[f"stage {stage} kernel {block}"])
                expansion = _number(choices[f"stage {stage} expand {block}"])
                stride = 2 if block == 1 else 1
                parts.append(Block(choices, before, after, kernel, expansion, stride))
                before = after
        self.features = nn.Sequential(*parts)
        self.classifier = nn.Linear(before, classes)

    def forward(self, x: Tensor) -> Tensor:
        """One row of scores per example."""
        y: Tensor = self.classifier(self.features(x).flatten(2).mean(2))
        return y


def build(choices: Mapping[str, object], shape: Sequence[int], classes: int) -> nn.Module:
    """The network that the choices describe.

    Args:
        choices: One of the options for each decision that exists.
        shape: Of one image: channels, height, width.
        classes: Number of classes.
    """
    return Network(choices, shape, classes)


def _convolution(
    before: int, after: int, kernel: int, *, stride: int = 1, groups: int = 1
) -> tuple[nn.Module, nn.Module]:
    """Convolution and normalisation."""
    convolution = nn.Conv2d(
        before, after, kernel, stride=stride, padding=kernel // 2, groups=groups, bias=False
    )
    return convolution, nn.BatchNorm2d(after)


def _activation(choices: Mapping[str, object]) -> nn.Module:
    return ACTIVATIONS[str(choices["activation"])]()


def _number(value: object) -> int:
    return int(str(value))
