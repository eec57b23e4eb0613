"""Search spaces: architectures, edits, and which of them are the same network."""

from deltanas.spaces.architecture import (
    ABSENT,
    NO_EDGE,
    Architecture,
    Codes,
    Decision,
    DecisionKind,
    Label,
    codes_of,
)
from deltanas.spaces.base import SearchSpace
from deltanas.spaces.blocks import BlockSpace
from deltanas.spaces.cell_space import CellSpace
from deltanas.spaces.children import Some
from deltanas.spaces.constraints import Constraints
from deltanas.spaces.darts import Darts
from deltanas.spaces.edit_search import shortest_edits
from deltanas.spaces.edits import Edit, EditKind, as_one, edit_distance, edits_between
from deltanas.spaces.hwgpt import HwGpt
from deltanas.spaces.nasbench101 import NasBench101
from deltanas.spaces.nasbench201 import NasBench201
from deltanas.spaces.nasbench_graph import NasBenchGraph
from deltanas.spaces.notation import Notation
from deltanas.spaces.ofa_mobilenet import OfaMobileNetV3
from deltanas.spaces.transnas_micro import TransNasMicro

__all__ = [
    "ABSENT",
    "NO_EDGE",
    "Architecture",
    "BlockSpace",
    "CellSpace",
    "Codes",
    "Constraints",
    "Darts",
    "Decision",
    "DecisionKind",
    "Edit",
    "EditKind",
    "HwGpt",
    "Label",
    "NasBench101",
    "NasBench201",
    "NasBenchGraph",
    "Notation",
    "OfaMobileNetV3",
    "SearchSpace",
    "Some",
    "TransNasMicro",
    "as_one",
    "codes_of",
    "edit_distance",
    "edits_between",
    "shortest_edits",
]
