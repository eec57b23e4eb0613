"""Search spaces: architectures, edits, and which of them are the same network."""

from deltanas.spaces.architecture import (
    ABSENT,
    Architecture,
    Codes,
    Decision,
    DecisionKind,
    codes_of,
)
from deltanas.spaces.base import Notation, SearchSpace
from deltanas.spaces.blocks import BlockSpace
from deltanas.spaces.edits import Edit, EditKind, edits_between
from deltanas.spaces.nasbench201 import NasBench201

__all__ = [
    "ABSENT",
    "Architecture",
    "BlockSpace",
    "Codes",
    "Decision",
    "DecisionKind",
    "Edit",
    "EditKind",
    "NasBench201",
    "Notation",
    "SearchSpace",
    "codes_of",
    "edits_between",
]
