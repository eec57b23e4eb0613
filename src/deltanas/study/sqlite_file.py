"""SQLite files: opening one without harming it, and keeping others from writing to it."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import final
from urllib.parse import quote

import filelock
from optuna.storages import RDBStorage
from sqlalchemy.pool import NullPool

from deltanas.errors import StudyError, StudyLockedError
from deltanas.evaluation.shipping import UNGUARDED, is_worker
from deltanas.study.storage_errors import in_words

PATIENCE_S = 60
"""Seconds to wait for another program, such as a dashboard, that uses the file right now."""


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection; `mode` is `ro`, `rw` (the file must exist) or `rwc` (create it)."""
    uri = f"file:{quote(str(path))}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=PATIENCE_S)
    # A file may come from anybody: what stands in its schema may call no function with effects.
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def open_storage(path: Path, mode: str) -> RDBStorage:
    """Optuna's storage on a file.

    Each transaction opens the file anew: it costs little, no connection outlives a fork of
    the user's training, and a file that vanished is noticed instead of created.
    """
    return RDBStorage(
        "sqlite:///study.db",  # `creator` says which file; Optuna wants a URL all the same
        engine_kwargs={"creator": lambda: connect(path, mode), "poolclass": NullPool},
    )


def make_folder(path: Path) -> None:
    """Make the folder of a study's file, if it is missing.

    Raises:
        StudyError: It cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudyError(
            f"the study {path} needs the folder {path.parent}, which cannot be made: "
            f"{error.strerror or error}; name a file in another folder"
        ) from None


def check_writable(path: Path) -> None:
    """Refuse a path at which no study can be kept.

    Raises:
        StudyError: The folder cannot be written, or the file is no file or read-only.
    """
    folder = path.parent
    if path.is_dir():
        raise StudyError(f"the study {path} should be a file, got a folder; name a file in it")
    if path.exists() and not path.is_file():
        raise StudyError(
            f"the study {path} should be a file, got a device or a pipe; name a file of its own"
        )
    if not _may(folder, os.W_OK | os.X_OK):
        raise StudyError(
            f"the study {path} cannot be written, because its folder is read-only; choose "
            f"another folder or change its permissions"
        )
    if path.exists() and not _may(path, os.R_OK | os.W_OK):
        raise StudyError(
            f"the study {path} is read-only, and a search writes to it; make it writable with "
            f"`chmod u+rw`, or work on a copy"
        )


def check_is_study(path: Path, mode: str) -> None:
    """Refuse a file that is no whole Optuna database, and change nothing about it.

    Raises:
        StudyError: It is no SQLite file, a damaged one, or one of another program.
    """
    with in_words(str(path), "opening"):
        if not path.is_file():
            raise StudyError(f"there is no study {path}; check the path")
        with closing(connect(path, mode)) as connection:
            rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = sorted(name for (name,) in rows)
            complaint = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if complaint != "ok":
            raise sqlite3.DatabaseError(f"the file is malformed: {complaint}")
    if "studies" not in tables or "trials" not in tables:
        holds = f"has the tables {', '.join(tables[:5])}" if tables else "is empty"
        raise StudyError(
            f"the file {path} holds no study: it {holds}; name another file for a new study"
        )


def change_counter(path: Path) -> bytes:
    """A value that differs after every change of the file: bytes 24 to 27 of its header."""
    with in_words(str(path), "reading"), path.open("rb") as file:
        return file.read(28)[24:]


def identity(path: Path) -> tuple[int, int]:
    """What tells a file from any other that is put in its place."""
    with in_words(str(path), "reading"):
        found = path.stat()
    return found.st_dev, found.st_ino


@final
class StudyLock:
    """Keeps a study file to one process at a time; the kernel frees it when a process dies.

    It may be taken several times and is free when it was given back as often. Studies in
    memory need no lock, those in a database with a URL have a `Lease`.
    """

    def __init__(self, path: Path | None) -> None:
        """Prepare the lock of the study at `path`: a file beside it."""
        self._path = path
        self._lock = filelock.FileLock(f"{path}.lock", timeout=0, thread_local=False)

    def take(self) -> None:
        """Take the lock, or add to how often it is held.

        Raises:
            StudyLockedError: Somebody else holds it.
            StudyError: The study, or its lock file, cannot be written.
        """
        if self._path is None:
            return
        make_folder(self._path)
        check_writable(self._path)
        try:
            self._lock.acquire()
        except filelock.Timeout:
            other = "another process, or by another Study of this one; wait until it ends"
            if is_worker():
                other = f"another process, perhaps the search that started this one; {UNGUARDED}"
            raise StudyLockedError(
                f"the study {self._path} is being worked on by {other}, or use another file"
            ) from None
        except OSError as error:
            raise StudyError(
                f"the study {self._path} cannot be locked, because {self._path.name}.lock cannot "
                f"be written ({error.strerror}); choose a folder that is writable"
            ) from None

    def give_back(self) -> None:
        """Undo one `take`."""
        if self._path is not None:
            self._lock.release()

    def is_taken(self) -> bool:
        """Whether somebody else holds it; it is free afterwards if not.

        Raises:
            StudyError: The study, or its lock file, cannot be written.
        """
        try:
            with self.held():
                return False
        except StudyLockedError:
            return True

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it inside a block."""
        self.take()
        try:
            yield
        finally:
            self.give_back()


def _may(path: Path, what: int) -> bool:
    """Whether the user that this process acts as may do that."""
    return os.access(path, what, effective_ids=os.access in os.supports_effective_ids)
