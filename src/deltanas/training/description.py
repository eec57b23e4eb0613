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
    build: str = ""
    """Builder of the user's, `/path/my_project.py:build`; empty for the space's own networks."""


def stored_training(data: str, recipe: Recipe, build: str = "") -> str:
    """The built-in training as one line: only what differs from the recipe's defaults.

    A path is stored as it stands from the root, so that the study can be continued elsewhere.
    """
    where = data if data in SOURCES else str(Path(data).expanduser().absolute())
    changed: dict[str, Any] = {"data": where, **recipe.changed}
    if build:
        file, _, name = build.rpartition(":")
        changed["build"] = f"{Path(file).expanduser().absolute()}:{name}"
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
        data, build = str(settings.pop("data")), str(settings.pop("build", ""))
        return StoredTraining(data, Recipe(**settings), build)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"the study says that it was trained with {rest[:80]!r}, which cannot be read "
            f"({error!r}); it was altered, use a copy from before"
        ) from None
