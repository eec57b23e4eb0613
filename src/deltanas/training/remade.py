"""Training functions that other processes make anew: from a file, or from data and a recipe."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from deltanas.training.networks import NetworkTraining
from deltanas.training.project import Named
from deltanas.training.recipe import Recipe
from deltanas.training.sources import SOURCES, load_data
from deltanas.training.travel import arrived, travelling


@final
@dataclass(frozen=True, slots=True)
class BuiltIn:
    """Makes the built-in training; each process reads the data for itself."""

    data: str
    """Name or path of the data."""
    recipe: Recipe
    """How networks are trained."""
    build: Named | None
    """Builder of the user's; None for the space's own networks."""

    def __call__(self) -> Callable[..., object]:
        """Read the data.

        Raises:
            ProjectError: The data or the builder is not on this machine.
        """
        data = self.data if self.data in SOURCES else arrived(self.data)
        builder = None if self.build is None else self.build()
        return NetworkTraining(load_data(data), self.recipe, builder)

    def __reduce__(self) -> tuple[object, ...]:
        """Travel with a path of the data that holds in other folders and on other machines."""
        data = self.data if self.data in SOURCES else travelling(self.data)
        return BuiltIn, (data, self.recipe, self.build)
