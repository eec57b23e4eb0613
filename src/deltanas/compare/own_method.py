"""Methods of the user's own in a comparison: what a Python file makes, `mine.py:Mine`."""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from deltanas.compare.own import file_edition
from deltanas.compare.protocol import ComparisonError
from deltanas.errors import MissingDataError
from deltanas.training import Project
from deltanas.training.project import line_in

FILE: Final = ".py"


def split(method: str) -> tuple[str, list[str]]:
    """Name and settings of a method: `gp:best=3`, `mine.py:Mine:best=3`."""
    file, inside, rest = method.partition(f"{FILE}:")
    name, _, settings = (rest if inside else method).partition(":")
    return f"{file}{inside}{name}" if inside else name, settings.split(":") if settings else []


def is_own_method(method: str) -> bool:
    """Whether a method stands in a Python file."""
    return f"{FILE}:" in method or method.endswith(FILE)


def made_by(name: str) -> Callable[..., object]:
    """What makes a method, a name without settings.

    Raises:
        ProjectError: The file or the name is not there, the file raises, or it is no function.
    """
    return Project().function(
        name,
        "a method",
        "define a deltanas.search.Searcher, a deltanas.compare.Contestant, or a function of the "
        "space, seed= and starts= that returns one",
    )


def check_call(method: str, make: Callable[..., object], settings: Mapping[str, object]) -> None:
    """Refuse what cannot be made as methods are: with the space, seed=, starts= and settings.

    Raises:
        ComparisonError: It takes other arguments, or is a class that lacks a method.
    """
    name, _ = split(method)
    lacking: frozenset[str] = getattr(make, "__abstractmethods__", frozenset())
    if lacking:
        raise ComparisonError(
            f"{name} lacks {', '.join(sorted(lacking))}; define what the class "
            f"that it is made from leaves open"
        )
    try:
        inspect.signature(make).bind(None, seed=0, starts=1, **settings)
    except TypeError as error:
        raise ComparisonError(
            f"{name} cannot be made as methods are, {error}; it should take the space first, seed= "
            f"and starts= by name, and whatever else has a default is a setting"
        ) from None


def edition_of_method(method: str) -> str:
    """What tells a file of the user's from what it was before; empty for other methods."""
    if not is_own_method(method):
        return ""
    try:
        return file_edition(str(_file(method)))
    except MissingDataError:
        return "none"


def line_of(error: BaseException, method: str) -> str:
    """Where in the user's file an error arose, ` (mine.py, line 12)`; empty if it did not."""
    if not is_own_method(method):
        return ""
    file = _file(method)
    line = line_in(file, error)
    return f" ({file.name}, {line})" if line else ""


def _file(method: str) -> Path:
    name, _ = split(method)
    return Path(name.rpartition(":")[0] or name).expanduser().absolute()
