"""What a database complains about, in words that say what to do."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

import optuna
import sqlalchemy

from deltanas.errors import DeltaNasError, StudyError

ADVICE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "full": "free some space on that disk and start again",
        "disk I/O": "free some space on that disk, or look whether it is whole, and start again",
        "readonly": "make the file and its folder writable, or work on a copy",
        "locked": "another program keeps writing to it; close that and start again",
        "not a database": "name another file for a new study",
        "malformed": "it was truncated or altered; put a copy from before back",
        "no such table": "it was replaced or altered meanwhile; put it back and start again",
        "no longer compatible": "run `optuna storage upgrade` on it, or install that version",
        "unable to open": "check that it exists and that you may read it",
        "DB access module": "install its driver, for example `pip install deltanas[postgresql]`",
    }
)
"""What to do, by a part of the complaint."""


@contextmanager
def in_words(place: str, doing: str) -> Iterator[None]:
    """Turn what a database raises inside into a `StudyError`.

    Args:
        place: The study, as messages show it.
        doing: What is tried, e.g. `"saving trial 3 to"`.

    Raises:
        StudyError: The block raised an error of SQLite, SQLAlchemy or Optuna.
    """
    try:
        yield
    except DeltaNasError:
        raise
    except (
        optuna.exceptions.OptunaError,
        sqlalchemy.exc.SQLAlchemyError,
        sqlite3.Error,
        OSError,
        ImportError,
        KeyError,
        RuntimeError,
        ValueError,  # among them what is no JSON and no UTF-8
    ) as error:
        cause = cause_of(error)
        advice = next(
            (each for part, each in ADVICE.items() if part.lower() in cause.lower()),
            "check the database and start again",
        )
        raise StudyError(
            f"{doing} the study {place} failed: {cause}. What was stored before is untouched; "
            f"{advice}"
        ) from None


def cause_of(error: BaseException) -> str:
    """What the database itself says, on one line."""
    return " ".join(str(_root(error)).split())


def _root(error: BaseException) -> BaseException:
    """The database driver's own error; Optuna and SQLAlchemy wrap it."""
    while True:
        inner = getattr(error, "orig", None) or error.__cause__
        if not isinstance(inner, BaseException):
            return error
        error = inner
