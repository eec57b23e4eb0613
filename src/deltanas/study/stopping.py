"""Asking a search in another process to stop: by a file beside its study, or in its database."""

import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import final

from deltanas.errors import StudyError
from deltanas.study.lease import BEAT_S, STOP, Holder, Lease, holder_of, release
from deltanas.study.opening import open_to_read
from deltanas.study.place import Place
from deltanas.study.sqlite_file import StudyLock
from deltanas.study.storage_errors import in_words

BEATS = 4
"""Renewals of its lease that a search is given to show that it lives."""


class Wish(StrEnum):
    """How a search is to stop."""

    FINISH = "finish"
    """Begin nothing new; what runs is finished."""
    NOW = "now"
    """At once, as with Ctrl-C; what runs is begun again when the study goes on."""


class StopRequest(ABC):
    """What other processes ask a search to do; the search looks at it again and again.

    What both kinds promise: a wish stays until `clear`, and looking never fails.
    """

    @property
    @abstractmethod
    def wish(self) -> Wish | None:
        """What is asked for, if anything."""

    @abstractmethod
    def clear(self) -> None:
        """Forget what was asked for; done when a run ends, and when it was followed."""


@final
class StopFile(StopRequest):
    """A file beside the file of a study; a study in memory has none and is asked nothing."""

    def __init__(self, place: Place) -> None:
        """Keep where it is."""
        path = place.path
        self._path = None if path is None else path.with_name(f"{path.name}.stop")

    @property
    def wish(self) -> Wish | None:
        """What is asked for, if anything."""
        if self._path is None:
            return None
        try:
            return _wish_of(self._path.read_text("utf-8").strip())
        except OSError:
            return None

    def clear(self) -> None:
        """Remove the file; also done when a study is opened, as a killed search leaves one."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def write(self, wish: Wish) -> None:
        """Make the file, in one step.

        Raises:
            StudyError: It cannot be written, or the study is in memory.
        """
        if self._path is None:
            raise StudyError(
                "a search is asked to stop through the file or database of its study, got one in "
                "memory; press Ctrl-C where the search runs"
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


@final
class StopNote(StopRequest):
    """A note in the database of a study, to the process that holds it.

    It is read with the lease: when that is renewed, and before each write. A note to a process
    that is no more stops nobody else.
    """

    def __init__(self, lease: Lease) -> None:
        """Follow notes to the holder of this lease."""
        self._lease = lease
        self._followed: object = None

    @property
    def wish(self) -> Wish | None:
        """What is asked for, if anything."""
        note = self._lease.note
        if isinstance(note, Mapping) and note.get("id") == self._followed:
            return None
        return _wish_in(note, self._lease.token)

    def clear(self) -> None:
        """Follow the note that is there no more."""
        note = self._lease.note
        if isinstance(note, Mapping):
            self._followed = note.get("id")


def stop_request(place: Place, lease: Lease | None) -> StopRequest:
    """Where the search that holds a study is asked to stop."""
    return StopFile(place) if lease is None else StopNote(lease)


def asked_of(place: Place, holder: Holder | None, note: object) -> Wish | None:
    """What the search that works on a study was asked for, as others see it.

    Args:
        place: Where the study is.
        holder: Who holds it, if it is in a database.
        note: The last note to a holder there.
    """
    if place.url is None:
        return StopFile(place).wish
    return None if holder is None else _wish_in(note, holder.token)


def ask_to_stop(place: Place, name: str, wish: Wish) -> None:
    """Ask the search that works on a study.

    Args:
        place: Where the study is.
        name: Name of the study in its database.
        wish: How it is to stop.

    Raises:
        StudyError: There is no study, no search works on it, or the wish cannot be written.
    """
    if place.url is not None:
        _leave_note(place, name, wish)
        return
    if place.path is not None:
        if not place.path.exists():
            raise StudyError(f"there is no study {place.path}; check the path")
        if not is_worked_on(place):
            raise _nobody(place)
    StopFile(place).write(wish)


def is_worked_on(place: Place) -> bool:
    """Whether a process works on a study file right now.

    The lock is taken for a moment to find out; where there was never one, nothing is written.

    Raises:
        StudyError: The study cannot be written, so nobody works on it here.
    """
    if place.path is None or not _lock_file(place.path).exists():
        return False
    return StudyLock(place.path).is_taken()


def _leave_note(place: Place, name: str, wish: Wish) -> None:
    """Write to the holder of a study in a database, and wait for a sign that it lives."""
    storage, study, _ = open_to_read(place, name)
    try:
        with in_words(place.shown, "writing to"):
            first = holder_of(storage, study)
            if first is None:
                raise _nobody(place)
            note = {"to": first.token, "wish": wish.value, "id": uuid.uuid4().hex}
            storage.set_study_system_attr(study, STOP, note)
            end = time.monotonic() + BEATS * BEAT_S
            while holder_of(storage, study) == first:
                if time.monotonic() > end:
                    raise StudyError(
                        f"the search that worked on {place.shown}, {first.who}, was asked to stop "
                        f"and gives no sign of life since {first.seen}; if it is dead, the same "
                        f"command goes on with the study"
                    )
                time.sleep(BEAT_S / 10)
    finally:
        release(storage)


def _wish_in(note: object, token: str) -> Wish | None:
    """What a note asks of the holder with this token; None if it is to nobody, or to another."""
    if not isinstance(note, Mapping) or note.get("to") != token:
        return None
    return _wish_of(note.get("wish"))


def _wish_of(text: object) -> Wish:
    """What is asked for; whatever cannot be read asks for the gentler one."""
    return Wish.NOW if text == Wish.NOW.value else Wish.FINISH


def _nobody(place: Place) -> StudyError:
    return StudyError(
        f"expected a search that works on {place.shown}, there is none; nothing is to be stopped"
    )


def _lock_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")
