"""Encodings: architectures as vectors, and their sparse differences (DoA)."""

from deltanas.encoding.adjacency import Adjacency
from deltanas.encoding.base import Encoding
from deltanas.encoding.cells import EdgeCells
from deltanas.encoding.concatenation import Concatenation, everything
from deltanas.encoding.difference import DifferenceOfArchitectures, one_edit_differences
from deltanas.encoding.features import Features
from deltanas.encoding.graphs import Cells
from deltanas.encoding.one_hot import OneHot
from deltanas.encoding.ordinal import Ordinal
from deltanas.encoding.path import PathEncoding
from deltanas.encoding.totals import Totals
from deltanas.encoding.vertex_paths import VertexPaths

__all__ = [
    "Adjacency",
    "Cells",
    "Concatenation",
    "DifferenceOfArchitectures",
    "EdgeCells",
    "Encoding",
    "Features",
    "OneHot",
    "Ordinal",
    "PathEncoding",
    "Totals",
    "VertexPaths",
    "everything",
    "one_edit_differences",
]
