"""What a study stores about its trainings, and how it is read back to train once more."""

import json
import os
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
    digest: str = ""
    """Of data in a file of the user's, as `Data.digest` has it; empty for other data."""


def stored_training(data: str, recipe: Recipe, build: str = "", digest: str = "") -> str:
    """The built-in training as one line: only what differs from the recipe's defaults.

    A path is stored as it stands from the root, so that the study can be continued elsewhere.
    """
    where = data if data in SOURCES else whole_path(data)
    changed: dict[str, Any] = {"data": where, **recipe.changed}
    if digest and data not in SOURCES:
        changed["digest"] = digest
    if build:
        file, _, name = build.rpartition(":")
        changed["build"] = f"{whole_path(file)}:{name}"
    return f"{TRAINED} {json.dumps(changed, ensure_ascii=False)}"


def base_name(reference: str) -> str:
    """What a reference means without its folders: `train.py:train`."""
    return reference.replace("\\", "/").rpartition("/")[2]


def own_training(reference: str) -> str:
    """What a store calls the training function of a reference, `train.py:train`."""
    return f"{TRAINED} by {base_name(reference)}"


def own_training_name(stored: str) -> str:
    """The function in what a store calls it, `train.py:train`; empty if none is named."""
    return stored.partition(f"{TRAINED} by ")[2]


def whole_path(path: str) -> str:
    """A path from the root, without detours: `sub/../a.csv` is `a.csv`."""
    return os.path.normpath(Path(path).expanduser().absolute())


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
        digest = str(settings.pop("digest", ""))
        return StoredTraining(data, Recipe(**settings), build, digest)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"the study says that it was trained with {rest[:80]!r}, which cannot be read "
            f"({error!r}); it was altered, use a copy from before"
        ) from None
