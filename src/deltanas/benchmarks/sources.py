"""Where benchmarks' files are: in a package that is never imported, or in a folder of tables."""

import importlib.util
import os
from pathlib import Path
from typing import Final

import platformdirs

from deltanas.errors import MissingDataError

FOLDER: Final = "DELTANAS_DATA"
"""Environment variable with the folder of benchmark tables that no package brings."""


def package_is_there(package: str) -> bool:
    """Whether a package is installed; it is not imported."""
    return importlib.util.find_spec(package) is not None


def package_path(package: str) -> Path | None:
    """Folder of a package, which is not imported; None if it is not installed."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def package_folder(package: str, *, need: str, install: str) -> Path:
    """Folder of an installed package, which is not imported.

    Args:
        package: Name to import it by.
        need: Which benchmark needs it, for the message.
        install: Command that installs it, which ends in the name it is installed by.

    Raises:
        MissingDataError: It is not installed.
    """
    found = package_path(package)
    if found is None:
        raise MissingDataError(
            f"{need} from the package {install.rsplit(maxsplit=1)[-1]}, which is not installed; "
            f"run `{install}`"
        )
    return found


def data_folder() -> Path:
    """Folder of benchmark tables: the one DELTANAS_DATA names, else the user's data folder."""
    named = os.environ.get(FOLDER)
    return Path(named) if named else Path(platformdirs.user_data_dir("deltanas", appauthor=False))


def absence(file: str) -> str:
    """In words, that a table is not in the folder of benchmark tables."""
    named = os.environ.get(FOLDER)
    if named:
        return f"{FOLDER}={named!r} does not hold it"
    return f"{FOLDER} is not set and {data_folder()} does not hold {file}"


def table_path(file: str) -> Path | None:
    """Path of a table in the folder of benchmark tables; None if it is not there."""
    path = data_folder() / file
    return path if path.is_file() else None
