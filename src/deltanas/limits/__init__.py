"""Limits on what an architecture costs, the space that keeps to them, and further objectives."""

from deltanas.limits.limit import TOLD, Limit
from deltanas.limits.limited_space import LimitedSpace, limited
from deltanas.limits.measuring import Measuring
from deltanas.limits.metrics import Metrics, SpaceCosts
from deltanas.limits.objective import Objective, objectives_of
from deltanas.limits.told import parted, told_limits
from deltanas.limits.units import Quantity

__all__ = [
    "TOLD",
    "Limit",
    "LimitedSpace",
    "Measuring",
    "Metrics",
    "Objective",
    "Quantity",
    "SpaceCosts",
    "limited",
    "objectives_of",
    "parted",
    "told_limits",
]
