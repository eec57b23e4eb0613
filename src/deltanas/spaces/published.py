"""The published spaces: what is known without a description of the user's."""

from collections.abc import Callable
from functools import partial
from typing import Final

from deltanas.spaces.base import SearchSpace
from deltanas.spaces.darts import Darts
from deltanas.spaces.hwgpt import SCALES, HwGpt
from deltanas.spaces.nasbench101 import NasBench101
from deltanas.spaces.nasbench201 import NasBench201
from deltanas.spaces.nasbench_graph import NasBenchGraph
from deltanas.spaces.ofa_mobilenet import OfaMobileNetV3
from deltanas.spaces.transnas_micro import TransNasMicro

PUBLISHED: Final[tuple[Callable[[], SearchSpace], ...]] = (
    NasBench201,
    NasBench101,
    NasBenchGraph,
    TransNasMicro,
    Darts,
    *(partial(HwGpt, scale) for scale in SCALES),
    OfaMobileNetV3,
)
"""How each is made, the most used first."""
