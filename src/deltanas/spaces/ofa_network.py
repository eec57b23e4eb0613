"""The MobileNetV3 of Once-for-All, 1.2 times as wide: how many parameters and multiplications.

Source: Howard et al., "Searching for MobileNetV3", 2019; Cai et al. 2020. A stem and one plain
block of 24 channels; five units, whose first layers halve the resolution but for the fourth;
squeeze-and-excitation in the second, fourth and fifth; two wide layers and the classifier.
"""

from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Bool, Float, Int

STEM: Final = 24
"""Channels of the stem and of the plain block behind it."""
CHANNELS: Final = (32, 48, 96, 136, 192)
"""Channels of each unit."""
STRIDES: Final = (2, 2, 2, 1, 2)
"""Stride of the first layer of each unit."""
SQUEEZED: Final = (False, True, False, True, True)
"""Units with squeeze-and-excitation."""
WIDE: Final = (1_152, 1_536, 1_000)
"""The last layers: two wide ones, and the classes of ImageNet."""

Numbers = Int[np.ndarray, " architectures"]


@final
@dataclass(frozen=True, eq=False)
class Units:
    """The choices of networks as numbers; 0 for a layer that is not there."""

    resolution: Numbers
    """Height and width of the images."""
    kernels: Int[np.ndarray, "architectures units layers"]
    """Kernel of each layer."""
    expansions: Int[np.ndarray, "architectures units layers"]
    """Expansion of each layer."""

    @property
    def present(self) -> Bool[np.ndarray, "architectures units layers"]:
        """Which layers are there."""
        return self.kernels > 0


def parameters(units: Units) -> Numbers:
    """Trainable parameters of the networks, exactly."""
    plain = 9 * STEM + STEM * STEM + 4 * STEM
    last = CHANNELS[-1] * WIDE[0] + 2 * WIDE[0] + WIDE[0] * WIDE[1] + WIDE[1] * WIDE[2] + WIDE[2]
    total: Numbers = np.full(len(units.resolution), 3 * 9 * STEM + 2 * STEM + plain + last)
    for unit, layer, before, after in _layers(units):
        kernel, middle, there = _choices(units, unit, layer, before)
        inner = before * middle + 2 * middle
        depthwise = kernel * kernel * middle + 2 * middle
        squeeze = _squeeze(middle) if SQUEEZED[unit] else 0
        total += there * (inner + depthwise + squeeze + middle * after + 2 * after)
    return total


def multiplications(units: Units) -> Float[np.ndarray, " architectures"]:
    """Multiplications of the convolutions and linear maps for one image."""
    side = units.resolution // 2
    plain = 9 * STEM + STEM * STEM
    total: Float[np.ndarray, " architectures"] = 1.0 * side * side * (3 * 9 * STEM + plain)
    for unit, layer, before, after in _layers(units):
        kernel, middle, there = _choices(units, unit, layer, before)
        entering = side
        if layer == 0 and STRIDES[unit] == 2:  # noqa: PLR2004  halves the resolution
            side = (side + 1) // 2
        outside = side * side * (kernel * kernel * middle + middle * after)
        squeeze = 2 * middle * _reduced(middle) if SQUEEZED[unit] else 0
        total += there * (entering * entering * before * middle + outside + squeeze)
    total += side * side * CHANNELS[-1] * WIDE[0] + WIDE[0] * WIDE[1] + WIDE[1] * WIDE[2]
    return total


def _layers(units: Units) -> list[tuple[int, int, int, int]]:
    """Unit, layer in it, channels before and after, of all layers that there can be."""
    before, found = STEM, []
    for unit, after in enumerate(CHANNELS):
        for layer in range(units.kernels.shape[2]):
            found.append((unit, layer, before, after))
            before = after
    return found


def _choices(units: Units, unit: int, layer: int, before: int) -> tuple[Numbers, Numbers, Numbers]:
    """Kernel and inner channels of a layer, and 1 if it is there, else 0."""
    kernel = units.kernels[:, unit, layer]
    middle = _divisible(before * units.expansions[:, unit, layer])
    return kernel, middle, units.present[:, unit, layer].astype(np.int64)


def _squeeze(middle: Numbers) -> Numbers:
    """Parameters of a squeeze-and-excitation: two linear maps with biases."""
    reduced = _reduced(middle)
    counted: Numbers = 2 * middle * reduced + reduced + middle
    return counted


def _reduced(middle: Numbers) -> Numbers:
    """Channels between the two maps: a quarter."""
    return _divisible(middle // 4)


def _divisible(channels: Numbers) -> Numbers:
    """The nearest multiple of 8, at least 8 and at least 90 % of it (Howard et al.)."""
    rounded = np.maximum(8, (channels + 4) // 8 * 8)
    found: Numbers = np.where(10 * rounded < 9 * channels, rounded + 8, rounded)
    return found
