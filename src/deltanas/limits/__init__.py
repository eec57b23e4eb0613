"""Limits on what an architecture costs, the space that keeps to them, and further objectives."""

from deltanas.limits.limit import Limit, is_told
from deltanas.limits.limited_space import LimitedSpace, limited
from deltanas.limits.measuring import Measuring
from deltanas.limits.metrics import Metrics, SpaceCosts
from deltanas.limits.objective import Objective, objectives_of
from deltanas.limits.told import parted, told_limits
from deltanas.limits.units import Quantity

__all__ = [
    "Limit",
    "LimitedSpace",
    "Measuring",
    "Metrics",
    "Objective",
    "Quantity",
    "SpaceCosts",
    "is_told",
    "limited",
    "objectives_of",
    "parted",
    "told_limits",
]
