"""Paths that processes of other machines are given.

Ray ships the folder in which a search was started. A file in it goes by its path from there; one
outside by its whole path, so that it is found on a disk that all machines see.
"""

import os
import socket
from pathlib import Path

from deltanas.errors import ProjectError


def travelling(path: str) -> str:
    """A path of this machine, as another one is to be told of it."""
    whole, here = Path(os.path.abspath(Path(path).expanduser())), Path.cwd()  # noqa: PTH100 - links stay
    return str(whole.relative_to(here)) if whole.is_relative_to(here) else str(whole)


def arrived(path: str) -> str:
    """The path, where it is there.

    Raises:
        ProjectError: It is not on this machine.
    """
    if Path(path).exists():
        return path
    advice = "keep it on a disk that all machines see, or start the search in a folder that has it"
    if not Path(path).is_absolute():
        advice = "what git ignores, and runs/, is not shipped; name another place"
    raise ProjectError(
        f"expected {path} on {socket.gethostname()}, where a training starts; {advice}"
    )
