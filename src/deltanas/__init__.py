"""Neural architecture search that learns how much an edit changes accuracy.

The public names, loaded when they are first used, so that `import deltanas` is instant.
"""

from importlib import import_module

_ROOM_OF = {
    "Architecture": "spaces",
    "BlockSpace": "spaces",
    "CellSpace": "spaces",
    "Context": "evaluation",
    "DeltaEvolution": "search",
    "Edit": "spaces",
    "GaussianDelta": "predictor",
    "Limit": "limits",
    "LocalSearch": "search",
    "NasBench101": "spaces",
    "NasBench201": "spaces",
    "RandomSearch": "search",
    "RegularizedEvolution": "search",
    "SearchSpace": "spaces",
    "Study": "study",
    "read_space": "spaces.space_file",
}

__all__ = [
    "Architecture",
    "BlockSpace",
    "CellSpace",
    "Context",
    "DeltaEvolution",
    "Edit",
    "GaussianDelta",
    "Limit",
    "LocalSearch",
    "NasBench101",
    "NasBench201",
    "RandomSearch",
    "RegularizedEvolution",
    "SearchSpace",
    "Study",
    "read_space",
]


def __getattr__(name: str) -> object:
    """Load a public name from its room on first use (PEP 562)."""
    if name == "__version__":
        # Imported here: reading package metadata costs more than the rest of the import.
        return import_module("importlib.metadata").version("deltanas")
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'deltanas' has no attribute {name!r}")
    return getattr(import_module(f"deltanas.{_ROOM_OF[name]}"), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted([*__all__, "__version__"])
