"""Real trainings: the user's own from a file, or the built-in loop on real data."""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final

from deltanas.networks import FAMILIES
from deltanas.spaces import SearchSpace
from deltanas.training.data import Data, Part, make_data
from deltanas.training.project import SPACE_FILE, Named, Project, is_reference
from deltanas.training.recipe import Recipe, usual_recipe
from deltanas.training.sources import SOURCES, load_data

__all__ = [
    "SOURCES",
    "SPACES",
    "SPACE_FILE",
    "Data",
    "Named",
    "NetworkTraining",
    "Part",
    "Project",
    "Recipe",
    "inherit",
    "is_reference",
    "load_data",
    "make_data",
    "usual_recipe",
]

SPACES: Final[Mapping[str, Callable[[], SearchSpace]]] = MappingProxyType(
    {name: family.space for name, family in FAMILIES.items()}
)
"""Spaces whose networks can be trained, by name."""
_WITH_TORCH: Final = MappingProxyType({"NetworkTraining": "networks", "inherit": "inheritance"})
"""Names that need torch, and their files."""


def __getattr__(name: str) -> object:
    """Load what needs torch on first use (PEP 562)."""
    if name not in _WITH_TORCH:
        raise AttributeError(f"module 'deltanas.training' has no attribute {name!r}")
    return getattr(import_module(f"deltanas.training.{_WITH_TORCH[name]}"), name)
