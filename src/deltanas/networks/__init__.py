"""Networks for spaces: an architecture in, a torch module out."""

from importlib import import_module

from deltanas.networks.cnn_cell import DEFAULT, cnn_cell, cnn_cell_costs
from deltanas.networks.darts import darts_costs
from deltanas.networks.families import FAMILIES, Family
from deltanas.networks.mbconv import mbconv, mbconv_costs
from deltanas.networks.mlp import mlp, mlp_costs
from deltanas.networks.nasbench101 import nasbench101_costs
from deltanas.networks.transformer import transformer, transformer_costs

__all__ = [
    "DEFAULT",
    "FAMILIES",
    "Family",
    "build",
    "cnn_cell",
    "cnn_cell_costs",
    "darts_costs",
    "mbconv",
    "mbconv_costs",
    "mlp",
    "mlp_costs",
    "nasbench101_costs",
    "plain_module",
    "transformer",
    "transformer_costs",
]


def __getattr__(name: str) -> object:
    """Load what needs torch on first use (PEP 562)."""
    if name not in ("build", "plain_module"):
        raise AttributeError(f"module 'deltanas.networks' has no attribute {name!r}")
    return getattr(import_module("deltanas.networks.building"), name)
