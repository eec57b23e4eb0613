"""The published spaces: what is known without a description of the user's."""

from typing import Final

from deltanas.spaces.darts import Darts
from deltanas.spaces.nasbench101 import NasBench101
from deltanas.spaces.nasbench201 import NasBench201
from deltanas.spaces.nasbench_graph import NasBenchGraph
from deltanas.spaces.transnas_micro import TransNasMicro

PUBLISHED: Final = (NasBench201, NasBench101, NasBenchGraph, TransNasMicro, Darts)
"""One class each, the most used first; they are made without arguments."""
