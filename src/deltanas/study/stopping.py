"""Asking a search in another process to stop: a file beside its study."""

from enum import StrEnum
from pathlib import Path
from typing import final

from deltanas.errors import StudyError
from deltanas.study.place import Place
from deltanas.study.sqlite_file import StudyLock


class Wish(StrEnum):
    """How a search is to stop."""

    FINISH = "finish"
    """Begin nothing new; what runs is finished."""
    NOW = "now"
    """At once, as with Ctrl-C; what runs is begun again when the study goes on."""


@final
class StopRequest:
    """The file that asks; the search that it asks removes it when it begins its next run."""

    def __init__(self, place: Place) -> None:
        """Keep where it is; a study that is no file has none and is asked nothing."""
        path = place.path
        self._place = place
        self._path = None if path is None else path.with_name(f"{path.name}.stop")

    @property
    def wish(self) -> Wish | None:
        """What is asked for, if anything."""
        if self._path is None:
            return None
        try:
            text = self._path.read_text("utf-8").strip()
        except OSError:
            return None
        return Wish.NOW if text == Wish.NOW.value else Wish.FINISH

    def clear(self) -> None:
        """Forget an earlier wish."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def ask(self, wish: Wish) -> None:
        """Ask the search that works on the study.

        Raises:
            StudyError: No search does, or the file cannot be written.
        """
        if self._path is None or self._place.path is None:
            raise StudyError(
                f"a search is asked to stop through a file beside its study, {self._place.shown} "
                f"is none; press Ctrl-C where the search runs"
            )
        if not self._place.path.exists():
            raise StudyError(f"there is no study {self._place.path}; check the path")
        if not is_worked_on(self._place):
            raise StudyError(
                f"expected a search that works on {self._place.path}, there is none; nothing is "
                f"to be stopped"
            )
        fresh = self._path.with_name(f"{self._path.name}.new")
        try:
            fresh.write_text(wish.value, "utf-8")
            fresh.replace(self._path)
        except OSError as error:
            raise StudyError(
                f"the wish to stop cannot be written to {self._path} ({error.strerror}); press "
                f"Ctrl-C where the search runs"
            ) from None


def is_worked_on(place: Place) -> bool:
    """Whether a process works on a study file right now.

    The lock is taken for a moment to find out; where there was never one, nothing is written.

    Raises:
        StudyError: The study cannot be written, so nobody works on it here.
    """
    if place.path is None or not _lock_file(place.path).exists():
        return False
    return StudyLock(place.path).is_taken()


def _lock_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")
