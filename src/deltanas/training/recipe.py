"""How networks are trained: every number of it in one place, equal for all networks of a search."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from types import MappingProxyType
from typing import Final, final

from deltanas.errors import TrainingError
from deltanas.networks import FAMILIES


@final
@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of the built-in training loop.

    Raises:
        TrainingError: A setting is out of range.
    """

    epochs: int = 6
    """How often each example is seen."""
    batch_size: int = 64
    """Examples in one step. Where memory does not hold so many at once, they are halved into
    pieces whose gradients are added."""
    learning_rate: float = 0.02
    """The highest one; it rises during the first tenth and falls to zero along a cosine."""
    weight_decay: float = 0.01
    """Of AdamW (Loshchilov & Hutter 2019)."""
    clip: float = 1.0
    """Longest gradient over all weights; longer ones are shortened to it."""
    patience: int | None = None
    """Stop when validation accuracy has not risen for so many epochs, and keep the best weights;
    None trains to the end and keeps the last ones."""
    time_limit_s: float | None = None
    """Seconds after which one training is stopped as timed out; None for no limit."""
    mixed_precision: bool = True
    """Use bfloat16 (float16 with scaled losses on older GPUs) where it is safe; GPU only."""
    deterministic: bool = False
    """Ask torch for algorithms that give the same sums every time, even where they are slower.
    On a processor with one thread they do anyway."""

    heir_epochs: int | None = None
    """Epochs of a training that begins with the weights of another one; None for half of `epochs`,
    rounded up."""

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for name in (
            *("epochs", "batch_size", "learning_rate", "clip", "patience", "time_limit_s"),
            "heir_epochs",
        ):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise TrainingError(
                    f"a recipe needs {name} of more than 0, got {value!r}; leave it out for the "
                    f"default"
                )

    @property
    def of_heir(self) -> "Recipe":
        """The recipe of a training that begins with the weights of another one."""
        return replace(self, epochs=self.heir_epochs or math.ceil(self.epochs / 2))

    @property
    def changed(self) -> dict[str, object]:
        """The settings that differ from the defaults: what stores and cards show."""
        standard = {field.name: field.default for field in fields(self)}
        return {name: value for name, value in asdict(self).items() if value != standard[name]}


USUAL: Final[Mapping[str, Recipe]] = MappingProxyType(
    {
        "table": Recipe(epochs=20, batch_size=32, learning_rate=0.01),
        "text": Recipe(batch_size=16, learning_rate=0.005),
    }
)
"""Recipes of the kinds of data that the defaults do not fit: small tables, and transformers."""


def usual_recipe(
    kind: str, epochs: int | None = None, heir_epochs: int | None = None, space: str = ""
) -> Recipe:
    """How networks are trained on a kind of data, unless someone says otherwise.

    Args:
        kind: Of the data, as `Data.kind` names it.
        epochs: Epochs, where someone says otherwise.
        heir_epochs: Epochs of trainings that begin with the weights of others, likewise.
        space: Name of the space, if known: dear networks are usually trained for fewer epochs.

    Raises:
        TrainingError: Fewer than one epoch.
    """
    recipe = replace(USUAL.get(kind, Recipe()), heir_epochs=heir_epochs)
    if epochs is None and space in FAMILIES:
        epochs = FAMILIES[space].epochs
    return recipe if epochs is None else replace(recipe, epochs=epochs)
