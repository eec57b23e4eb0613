"""Networks for spaces: an architecture in, a torch module out."""

from importlib import import_module

from deltanas.networks.cnn_cell import DEFAULT, cnn_cell, cnn_cell_costs

__all__ = ["DEFAULT", "build", "cnn_cell", "cnn_cell_costs", "plain_module"]


def __getattr__(name: str) -> object:
    """Load what needs torch on first use (PEP 562)."""
    if name not in ("build", "plain_module"):
        raise AttributeError(f"module 'deltanas.networks' has no attribute {name!r}")
    return getattr(import_module("deltanas.networks.building"), name)
