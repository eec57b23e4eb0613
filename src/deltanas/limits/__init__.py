"""Limits on what an architecture costs, and the space that keeps to them."""

from deltanas.limits.limit import Limit, metric_named
from deltanas.limits.limited_space import LimitedSpace, limited
from deltanas.limits.measuring import Measuring
from deltanas.limits.metrics import Metrics, SpaceCosts
from deltanas.limits.units import Quantity

__all__ = [
    "Limit",
    "LimitedSpace",
    "Measuring",
    "Metrics",
    "Quantity",
    "SpaceCosts",
    "limited",
    "metric_named",
]
