"""What a study stores about its trainings, and how it is read back to train once more."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

from deltanas.errors import DataError
from deltanas.training.recipe import Recipe
from deltanas.training.sources import SOURCES

TRAINED: Final = "training"
"""First word of what the store calls the benchmark where networks are really trained."""


@final
@dataclass(frozen=True, slots=True)
class StoredTraining:
    """The built-in training that a study was made with."""

    data: str
    """Name or path of the data."""
    recipe: Recipe
    """How networks were trained."""


def stored_training(data: str, recipe: Recipe) -> str:
    """The built-in training as one line: only what differs from the recipe's defaults.

    A path is stored as it stands from the root, so that the study can be continued elsewhere.
    """
    where = data if data in SOURCES else str(Path(data).expanduser().absolute())
    changed: dict[str, Any] = {"data": where, **recipe.changed}
    return f"{TRAINED} {json.dumps(changed, ensure_ascii=False)}"


def read_training(stored: str | None) -> StoredTraining | None:
    """The built-in training that a study was made with; None if it used something else.

    Raises:
        DataError: The line was altered.
    """
    first, _, rest = (stored or "").partition(" ")
    if first != TRAINED or not rest.startswith("{"):
        return None
    try:
        settings = json.loads(rest)
        data = str(settings.pop("data"))
        return StoredTraining(data, Recipe(**settings))
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"the study says that it was trained with {rest[:80]!r}, which cannot be read "
            f"({error!r}); it was altered, use a copy from before"
        ) from None
