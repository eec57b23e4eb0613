"""Where benchmarks' files are: in a package that is never imported, or in a folder of tables."""

import importlib.util
import os
from pathlib import Path
from typing import Final

from deltanas.errors import MissingDataError

FOLDER: Final = "DELTANAS_DATA"
"""Environment variable with the folder of benchmark tables that no package brings."""


def package_is_there(package: str) -> bool:
    """Whether a package is installed; it is not imported."""
    return importlib.util.find_spec(package) is not None


def package_folder(package: str, *, need: str, install: str) -> Path:
    """Folder of an installed package, which is not imported.

    Args:
        package: Name to import it by.
        need: Which benchmark needs it, for the message.
        install: Command that installs it, which ends in the name it is installed by.

    Raises:
        MissingDataError: It is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingDataError(
            f"{need} from the package {install.rsplit(maxsplit=1)[-1]}, which is not installed; "
            f"run `{install}`"
        )
    return Path(next(iter(spec.submodule_search_locations)))


def table_path(file: str) -> Path | None:
    """Path of a table in the folder of benchmark tables; None if it is not there."""
    folder = os.environ.get(FOLDER)
    path = Path(folder, file) if folder else None
    return path if path is not None and path.is_file() else None
