"""What a network costs, known before it is trained: parameters, operations, memory, time."""

from deltanas.costs.architecture import COSTS, costs, costs_of
from deltanas.costs.counted import flops, parameters, peak_activation_bytes
from deltanas.costs.measured import MeasuredCosts
from deltanas.costs.metrics import NetworkCosts
from deltanas.costs.timing import Latency, latency

__all__ = [
    "COSTS",
    "Latency",
    "MeasuredCosts",
    "NetworkCosts",
    "costs",
    "costs_of",
    "flops",
    "latency",
    "parameters",
    "peak_activation_bytes",
]
