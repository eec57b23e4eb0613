"""Costs of an architecture by name, as limits and reports ask for them."""

from collections.abc import Sequence
from typing import Final

from torch import nn

from deltanas.costs.counted import flops, parameters, peak_activation_bytes
from deltanas.costs.timing import latency
from deltanas.networks.building import build
from deltanas.spaces import Architecture

COSTS: Final = ("parameters", "flops", "activation_bytes")
"""What is counted, and so exact and the same everywhere."""


def costs(
    architecture: Architecture,
    shape: Sequence[int],
    classes: int,
    *,
    is_measured: bool = False,
    device: str = "cpu",
) -> dict[str, float]:
    """What the network of an architecture costs, in milliseconds and without training.

    Args:
        architecture: Of a space that has networks.
        shape: Of one input: channels and length, or channels, height and width.
        classes: Number of classes.
        is_measured: Whether to measure the latency too, which takes about a second.
        device: Where to measure it.

    Returns:
        `parameters`; `flops` of one example, a multiply-add counted as two; `activation_bytes`
        at the peak, for one example; and `latency_ms` (median) and `latency_p95_ms` if measured.

    Raises:
        UnknownNameError: There are no networks for its space.
        ShapeError: Its networks do not take such inputs.
    """
    found = costs_of(build(architecture, shape, classes, device="meta"), shape)
    if is_measured:
        timed = latency(build(architecture, shape, classes).to(device), shape)
        found |= {"latency_ms": timed.median_ms, "latency_p95_ms": timed.p95_ms}
    return found


def costs_of(network: nn.Module, shape: Sequence[int]) -> dict[str, float]:
    """The counted costs of any network, by name.

    Args:
        network: On any device.
        shape: Of one input, without the batch.
    """
    return {
        "parameters": float(parameters(network)),
        "flops": float(flops(network, shape)),
        "activation_bytes": float(peak_activation_bytes(network, shape)),
    }
