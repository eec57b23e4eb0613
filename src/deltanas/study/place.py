"""Where a study is kept: in memory, in an SQLite file, or in a database with a URL."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final
from urllib.parse import quote_plus

import sqlalchemy

from deltanas.errors import StudyError

HIDDEN: Final = "***"
_SECRET: Final = re.compile(r"pass|pwd|secret|token|key|cert", re.IGNORECASE)
"""Names of settings behind the question mark of a URL that are shown without their values."""


@final
@dataclass(frozen=True, slots=True)
class Place:
    """A place for a study; at most one of the two is there, neither means memory."""

    path: Path | None = None
    """An SQLite file."""
    url: str | None = None
    """A database, as SQLAlchemy writes it; it may hold a password and is never shown."""

    @classmethod
    def of(cls, storage: object) -> "Place":
        """The place that a user means.

        Raises:
            StudyError: It is neither a path nor a database URL.
        """
        if storage is None:
            return cls()
        if isinstance(storage, str) and "://" in storage:
            return cls._of_url(storage)
        if not isinstance(storage, str | os.PathLike) or not os.fspath(storage):
            raise StudyError(
                f"a study is kept in a file or a database, got {storage!r}; give a path such as "
                f"'runs/demo.db', a URL such as 'postgresql://host/name', or None for memory"
            )
        return cls(path=_real(Path(storage).expanduser()))

    @classmethod
    def _of_url(cls, text: str) -> "Place":
        try:
            url = sqlalchemy.make_url(text)
        except (sqlalchemy.exc.ArgumentError, ValueError):
            # The text itself is not repeated, it may hold a password.
            raise StudyError(
                f"{text.partition('://')[0]}://... is no database URL; write it like "
                f"'postgresql://user:password@host:5432/name' or 'sqlite:///file.db'"
            ) from None
        if url.get_backend_name() != "sqlite":
            return cls(url=text)
        if not url.database or url.database == ":memory:":
            return cls()
        return cls(path=_real(Path(url.database)))

    @property
    def trials(self) -> Path | None:
        """Folder where the trainings of the study keep their files; None for a temporary one."""
        return self.beside("trials")

    def beside(self, what: str) -> Path | None:
        """A path named after the study's file: `s-trials` for `s.db`; None without a file.

        Only a plain `.db` is left out, so that files of different names have different ones: those
        of `s` are called `s_trials`.
        """
        if self.path is None:
            return None
        name = self.path.name
        stem, dot, suffix = name.partition(".")
        if not dot:
            return self.path.with_name(f"{name}_{what}")
        return self.path.with_name(f"{stem if suffix == 'db' else name}-{what}")

    @property
    def shown(self) -> str:
        """How messages name it, without a password."""
        if self.path is not None:
            return str(self.path)
        if self.url is not None:
            url = sqlalchemy.make_url(self.url)
            hidden = {name: HIDDEN for name in url.query if _SECRET.search(name)}
            # The stars are safe in a URL, where `render_as_string` would write them as %2A.
            shown = url.update_query_dict(hidden).render_as_string(hide_password=True)
            return shown.replace(quote_plus(HIDDEN), HIDDEN)
        return "in memory"


def _real(path: Path) -> Path:
    """The file itself: one that is reached by two names has one lock."""
    return Path(os.path.realpath(path))
