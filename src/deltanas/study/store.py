"""A study on disk: each trial is an Optuna trial, so Optuna and its dashboard can read it.

A proposal is written in one step before its evaluation begins, an evaluation after it
ended. Whenever the process dies, the store holds a valid history.
"""

import contextlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, final

import optuna
from filelock import FileLock, Timeout
from optuna.distributions import CategoricalDistribution
from optuna.storages import BaseStorage, InMemoryStorage, RDBStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from deltanas.errors import DeltaNasError, StudyError, StudyLockedError, StudyMismatchError
from deltanas.records import Evaluation, Proposal, Status, Trial
from deltanas.spaces import ABSENT, Edit, EditKind, SearchSpace

STUDY = "deltanas"
"""Name of the study in its storage."""
FORMAT = 1
"""Version of what is stored; raised when an older reader would misread it."""
SQLITE = b"SQLite format 3\x00"
"""First bytes of every SQLite file."""


@final
class Store:
    """Reads and writes the trials of one study."""

    def __init__(self, place: str | Path | None, *, read_only: bool = False) -> None:
        """Open a storage, or make it.

        Args:
            place: A file (SQLite), a database URL, or None to keep all in memory.
            read_only: Take no lock and make nothing; the study must exist.

        Raises:
            StudyError: It is no database, cannot be written, or holds no study of ours.
            StudyLockedError: Another process works on it.
        """
        logging.getLogger("optuna").setLevel(logging.WARNING)
        self.place = None if place is None else str(place)
        self._lock: FileLock | None = None
        if self.place is not None and "://" not in self.place:
            path = Path(self.place)
            _check_file(path, read_only=read_only)
            if not read_only:
                self._lock = _locked(path)
        with self._in_words():
            self._storage = _storage(self.place)
            names = [study.study_name for study in self._storage.get_all_studies()]
            self.is_new = STUDY not in names
            if self.is_new and read_only:
                raise StudyError(
                    f"{self._shown} holds no deltanas study; was it made by another tool?"
                )
            if self.is_new:
                self._id = self._storage.create_new_study([StudyDirection.MAXIMIZE], STUDY)
            else:
                self._id = self._storage.get_study_id_from_name(STUDY)
        self._ids: dict[int, int] = {}

    @property
    def _shown(self) -> str:
        """The place without secrets: a database URL may hold a password."""
        if self.place is None:
            return "memory"
        return self.place.rpartition("@")[2] if "://" in self.place else self.place

    def attributes(self) -> dict[str, Any]:
        """What the study was made with."""
        with self._in_words():
            found = self._storage.get_study_user_attrs(self._id)
        if found.get("format", FORMAT) != FORMAT:
            raise StudyError(
                f"{self._shown} has format {found['format']}, this deltanas reads {FORMAT}; "
                f"use the version that wrote it: {found.get('version')}"
            )
        return dict(found)

    def agree(self, attributes: Mapping[str, Any]) -> None:
        """Keep what a new study is made with; compare it with what an old one was made with.

        Raises:
            StudyMismatchError: They differ; the message names the first difference.
        """
        stored = self.attributes()
        for name, value in attributes.items():
            if "format" not in stored:
                with self._in_words():
                    self._storage.set_study_user_attr(self._id, name, value)
            elif name not in ("version", "format") and stored.get(name) != value:
                raise StudyMismatchError(
                    f"{self._shown} was made with {name} {stored.get(name)!r}, now {value!r} is "
                    f"asked for; use the same {name}, or another study file"
                )
        if "format" not in stored:
            with self._in_words():
                self._storage.set_study_user_attr(self._id, "format", FORMAT)

    def trials(self, space: SearchSpace) -> list[Trial]:
        """All stored trials, by number.

        Raises:
            StudyError: A trial is not one of ours.
        """
        with self._in_words():
            frozen = self._storage.get_all_trials(self._id, deepcopy=False)
        self._ids = {trial.number: trial._trial_id for trial in frozen}  # noqa: SLF001 - its key
        try:
            return [_trial(space, each) for each in sorted(frozen, key=lambda each: each.number)]
        except (KeyError, TypeError, ValueError) as error:
            raise StudyError(
                f"{self._shown} holds a trial that deltanas did not write ({error}); "
                f"use another study file"
            ) from None

    def add(self, space: SearchSpace, proposal: Proposal) -> None:
        """Write a proposal in one step; its evaluation may begin afterwards."""
        with self._in_words():
            frozen = _frozen(space, proposal)
            self._ids[proposal.number] = self._storage.create_new_trial(self._id, frozen)

    def finish(self, evaluation: Evaluation) -> None:
        """Write what came of a proposal."""
        details = {
            "status": evaluation.status.value,
            "seconds": evaluation.seconds,
            "reason": evaluation.reason,
            "metrics": dict(evaluation.metrics),
        }
        trial = self._ids[evaluation.number]
        with self._in_words():
            self._storage.set_trial_user_attr(trial, "evaluation", details)
            if evaluation.accuracy is None:
                self._storage.set_trial_state_values(trial, TrialState.FAIL)
            else:
                values = [evaluation.accuracy]
                self._storage.set_trial_state_values(trial, TrialState.COMPLETE, values)

    def close(self) -> None:
        """Let others work on the study."""
        if self._lock is not None:
            self._lock.release()

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        """Errors of the database in our words."""
        try:
            yield
        except DeltaNasError:
            raise
        except (optuna.exceptions.OptunaError, SQLAlchemyError, OSError, RuntimeError) as error:
            cause = error.__cause__ or error
            first = str(getattr(cause, "orig", None) or cause).splitlines()[0]
            raise StudyError(
                f"the study in {self._shown} cannot be read or written: {first}. What was saved "
                f"before is kept; check disk space, permissions and the path, then run again"
            ) from error


def _check_file(path: Path, *, read_only: bool) -> None:
    if path.is_dir():
        raise StudyError(f"a study is a file, but {path} is a folder; give {path}/study.db")
    if not path.exists():
        if read_only:
            raise StudyError(f"there is no study file {path}; make one with: deltanas search")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StudyError(f"cannot make the folder of {path}: {error.strerror}") from None
    elif path.stat().st_size and not path.read_bytes()[:16].startswith(SQLITE):
        raise StudyError(
            f"{path} is not a database (its first bytes are not SQLite's); it was left as it is. "
            f"Give another file for the study"
        )
    place = path if path.exists() else path.parent
    if not read_only and not os.access(place, os.W_OK):
        raise StudyError(f"{place} is read-only; make it writable, or use another study file")


def _locked(path: Path) -> FileLock:
    """The lock of a study file; the system frees it when its process dies."""
    lock = FileLock(f"{path}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StudyLockedError(
            f"another process works on {path}; wait for it, stop it, or use another study file"
        ) from None
    except OSError as error:
        raise StudyError(f"cannot lock {path}: {error.strerror or error}") from None
    return lock


def _storage(place: str | None) -> BaseStorage:
    if place is None:
        return InMemoryStorage()
    return RDBStorage(place if "://" in place else f"sqlite:///{place}")


def _frozen(space: SearchSpace, proposal: Proposal) -> FrozenTrial:
    """A proposal as a running Optuna trial; its parameters are the labels of its choices."""
    code = zip(space.decisions, proposal.architecture.code, strict=True)
    chosen = [(each, position) for each, position in code if position != ABSENT]
    edits = [[e.decision, e.before, e.after, e.kind.value] for e in proposal.edits]
    return optuna.trial.create_trial(
        state=TrialState.RUNNING,
        params={each.name: each.labels[position] for each, position in chosen},
        distributions={each.name: CategoricalDistribution(each.labels) for each, _ in chosen},
        user_attrs={
            "architecture": proposal.architecture.to_json(),
            "key": proposal.architecture.key,
            "parent": proposal.parent,
            "edits": edits,
            "words": "; ".join(edit.words for edit in proposal.edits),
            "predicted_delta": proposal.predicted_delta,
            "spread": proposal.spread,
        },
    )


def _trial(space: SearchSpace, frozen: FrozenTrial) -> Trial:
    stored: Callable[[str], Any] = frozen.user_attrs.__getitem__
    edits = tuple(Edit(d, old, new, EditKind(kind)) for d, old, new, kind in stored("edits"))
    proposal = Proposal(
        frozen.number,
        space.from_json(stored("architecture")),
        stored("parent"),
        edits,
        stored("predicted_delta"),
        stored("spread"),
    )
    if not frozen.state.is_finished():
        return Trial(proposal)
    details = stored("evaluation")
    status = Status(details["status"])
    accuracy = frozen.value if status is Status.FINISHED else None
    return Trial(
        proposal,
        Evaluation(
            frozen.number,
            status,
            accuracy,
            details["seconds"],
            details["reason"],
            details["metrics"],
        ),
    )
