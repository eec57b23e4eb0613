"""What a network costs, known before it is trained: parameters, operations, memory, time."""

from deltanas.costs.architecture import COSTS, costs
from deltanas.costs.counted import flops, parameters, peak_activation_bytes
from deltanas.costs.metrics import NetworkCosts
from deltanas.costs.timing import Latency, latency

__all__ = [
    "COSTS",
    "Latency",
    "NetworkCosts",
    "costs",
    "flops",
    "latency",
    "parameters",
    "peak_activation_bytes",
]
