"""Who works on a study in a database: a lease, renewed for as long as its process lives.

Files have locks that the kernel frees; a database has none that every server knows. So the
process that works on a study writes its name into the study, with a number that it raises
every few seconds. Who finds a name there watches the number: if it moves, the study is
refused; if it stands still for long enough, that process is dead and the study is taken over.
No clock of another machine is believed.

Optuna's storages cannot compare and set. A taker therefore writes its name, waits until an
equal taker must have written its own, and reads which of them stayed. If a database is slower
than that, the loser finds out with its next write: every write looks whose the study is.
"""

import logging
import os
import socket
import threading
import time
import uuid
import weakref
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, final

from optuna.exceptions import OptunaError
from optuna.storages import BaseStorage, RDBStorage
from sqlalchemy.exc import SQLAlchemyError

from deltanas.errors import StudyLockedError
from deltanas.evaluation.shipping import UNGUARDED, is_worker

BEAT_S: Final = 3.0
"""Seconds between two renewals."""
SILENCE_S: Final = 30.0
"""Seconds without a renewal after which a process counts as dead."""
SETTLE_S: Final = 1.0
"""Seconds in which two processes that take a free study at once have both written."""
LEASE: Final = "deltanas:lease"
"""System attribute of the Optuna study; dashboards do not show those."""
STOP: Final = "deltanas:stop"
"""System attribute with the last note to a holder; see `stopping`."""
LOG: Final = logging.getLogger("deltanas")


@final
@dataclass(frozen=True, slots=True)
class Holder:
    """A process that works on a study, as the study has it."""

    who: str
    """Process and machine, in words."""
    token: str
    """What tells it from every other one."""
    beat: int
    """Number of its last renewal."""
    seen: str
    """Time of that by its own clock: for people, never compared."""

    @classmethod
    def myself(cls) -> "Holder":
        """This process, as a holder unlike all before."""
        who = f"process {os.getpid()} on {socket.gethostname()}"
        return cls(who, uuid.uuid4().hex, 0, _now())

    @classmethod
    def from_record(cls, record: object) -> "Holder | None":
        """What `asdict` made; None where nobody holds the study."""
        if not isinstance(record, Mapping) or not record.get("token"):
            return None
        who, token, beat, seen = (record.get(name) for name in ("who", "token", "beat", "seen"))
        return cls(str(who), str(token), beat if isinstance(beat, int) else 0, str(seen))

    def renewed(self) -> "Holder":
        """The same, a moment later."""
        return replace(self, beat=self.beat + 1, seen=_now())

    @property
    def age_s(self) -> float | None:
        """Seconds since it was seen, if the clocks agree; for people only."""
        try:
            age = datetime.now(UTC) - datetime.fromisoformat(self.seen)
        except (ValueError, TypeError):
            return None
        return max(0.0, age.total_seconds())


@final
class Lease:
    """One study of a database, for this object alone; freed when closed, or at exit."""

    def __init__(self, storage: BaseStorage, study: int, shown: str) -> None:
        """Take it, which lasts a second; half a minute where a dead process held it.

        Args:
            storage: Where the study is.
            study: Optuna's identifier of it.
            shown: How messages name it.

        Raises:
            StudyLockedError: Another process works on it.
        """
        self._shown = shown
        self._pulse = _Pulse(storage, study)
        self._wait_until_free()
        self._pulse.write()
        time.sleep(SETTLE_S)
        self.check()
        self._close = weakref.finalize(self, self._pulse.stop, os.getpid())
        self._pulse.start()

    @property
    def token(self) -> str:
        """What tells this holder from every other one."""
        return self._pulse.token

    @property
    def note(self) -> object:
        """The last note to a holder of the study, as far as it was read with the lease."""
        return self._pulse.note

    def check(self) -> None:
        """Make sure that the study is still ours.

        Raises:
            StudyLockedError: Another process has taken it over.
        """
        holder = self._pulse.read()
        if holder is None or holder.token != self._pulse.token:
            raise _refusal(self._shown, holder, "was taken over by")

    def close(self) -> None:
        """Free it, if it is still ours, and the connections of the storage."""
        self._close()

    def _wait_until_free(self) -> None:
        first = self._pulse.read()
        if first is None:
            return
        LOG.warning(
            "The study %s was last worked on by %s, seen at %s; looking for up to %.0f s whether "
            "that lives.",
            *(self._shown, first.who, first.seen, SILENCE_S),
        )
        end = time.monotonic() + SILENCE_S
        while time.monotonic() < end:
            time.sleep(BEAT_S / 3)
            holder = self._pulse.read()
            if holder is None:
                return
            if holder != first:
                raise _refusal(self._shown, holder, "is being worked on by")
        LOG.warning("It does not; this process goes on with the study.")


@final
class _Pulse:
    """The thread that renews, which must not keep the `Lease` itself alive."""

    def __init__(self, storage: BaseStorage, study: int) -> None:
        self._storage, self._study = storage, study
        self._me = Holder.myself()
        self.note: object = None
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="deltanas-lease", daemon=True)

    @property
    def token(self) -> str:
        return self._me.token

    def read(self) -> Holder | None:
        found = self._storage.get_study_system_attrs(self._study)
        self.note = found.get(STOP)
        return Holder.from_record(found.get(LEASE))

    def write(self) -> None:
        self._set(asdict(self._me))

    def start(self) -> None:
        self._thread.start()

    def stop(self, owner: int) -> None:
        """Renew no more and free the study; not in a fork, which owns nothing."""
        if os.getpid() != owner:
            return
        self._is_over.set()
        self._thread.join()
        try:
            if self._is_mine():
                self._set({})
        except (OptunaError, SQLAlchemyError, KeyError):
            LOG.debug("could not free the study, others find out by waiting", exc_info=True)
        finally:
            release(self._storage)

    def _renew(self) -> None:
        while not self._is_over.wait(BEAT_S):
            try:
                if not self._is_mine():
                    return  # the next write of the search says so
                self._me = self._me.renewed()
                self.write()
            except (OptunaError, SQLAlchemyError, KeyError):
                # The search finds out, too, and tells its user.
                LOG.debug("could not renew the lease", exc_info=True)
            finally:
                self._storage.remove_session()

    def _is_mine(self) -> bool:
        holder = self.read()
        return holder is not None and holder.token == self.token

    def _set(self, record: dict[str, Any]) -> None:
        self._storage.set_study_system_attr(self._study, LEASE, record)


def holder_of(storage: BaseStorage, study: int) -> Holder | None:
    """Who holds a study, dead or alive."""
    return Holder.from_record(storage.get_study_system_attrs(study).get(LEASE))


def release(storage: BaseStorage) -> None:
    """Free the connections of a storage."""
    storage.remove_session()
    if isinstance(storage, RDBStorage):
        storage.engine.dispose()


def _refusal(shown: str, holder: Holder | None, how: str) -> StudyLockedError:
    who = "another process" if holder is None else f"{holder.who}, last seen at {holder.seen}"
    advice = "wait until it ends, or stop it and try again"
    if is_worker():
        advice = f"if that is the search that started this process, {UNGUARDED}; else {advice}"
    return StudyLockedError(f"the study {shown} {how} {who}; {advice}")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
