"""Training functions that other processes make anew: from a file, or from data and a recipe."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from deltanas.training.networks import NetworkTraining
from deltanas.training.project import Project
from deltanas.training.recipe import Recipe
from deltanas.training.sources import load_data


@final
@dataclass(frozen=True, slots=True)
class BuiltIn:
    """Makes the built-in training; each process reads the data for itself."""

    data: str
    """Name or path of the data."""
    recipe: Recipe
    """How networks are trained."""
    build: str
    """Builder of the user's, `my_project.py:build`; empty for the space's own networks."""

    def __call__(self) -> Callable[..., object]:
        """Read the data."""
        builder = Project().function(self.build) if self.build else None
        return NetworkTraining(load_data(self.data), self.recipe, builder)
