"""Opening a study: making it whole or not at all, refusing what is not ours or not the same."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import optuna
import sqlalchemy
from optuna.storages import BaseStorage, InMemoryStorage, RDBStorage
from optuna.study import StudyDirection

from deltanas.errors import StudyError
from deltanas.study.description import Description
from deltanas.study.lease import Lease, release
from deltanas.study.place import Place
from deltanas.study.sqlite_file import check_is_study, check_writable, open_storage
from deltanas.study.storage_errors import in_words
from deltanas.study.values import METRIC_NAMES, Values

PAUSES_S = (0.5, 1.0, 2.0)
"""Seconds to wait while another process makes the tables of a database."""
DESCRIPTION = "deltanas"
"""Attribute of the Optuna study that holds the `Description`."""


def open_to_continue(
    place: Place, name: str, description: Description, values: Values
) -> tuple[BaseStorage, int, Lease | None]:
    """Open a study, or make it if there is none; the lock of a file must be held.

    Args:
        place: Where it is kept.
        name: Its name there: a database may hold several studies.
        description: What it is to be continued with, or made with.
        values: What a new study's trials are worth to Optuna.

    Returns:
        The storage, Optuna's identifier of the study in it, and the lease on it in a database.

    Raises:
        StudyError: It cannot be opened or made.
        StudyMismatchError: It is there, and was made with something else.
        StudyLockedError: Another process works on it.
    """
    path = place.path
    if path is not None:
        if not path.exists() or not path.stat().st_size:
            _make_file(path, name, description, values)
        check_is_study(path, "rw")
    with in_words(place.shown, "opening"), _released_on_error(_connect(place, "rw")) as storage:
        if path is None and name not in _names(storage):
            with contextlib.suppress(optuna.exceptions.DuplicatedStudyError):
                _create(storage, name, values)
        study = _find(storage, name, place)
        stored = storage.get_study_user_attrs(study).get(DESCRIPTION)
        if stored is not None:  # refused before it is waited for
            description.check_continues(_description(stored, name, place), place.shown)
        lease = None if place.url is None else Lease(storage, study, place.shown)
        stored = storage.get_study_user_attrs(study).get(DESCRIPTION)
        if stored is None and not storage.get_n_trials(study):
            # Made a moment ago, by us or by a process that died before this line.
            _check_empty(storage.get_study_directions(study), values, name, place)
            storage.set_study_system_attr(study, METRIC_NAMES, values.names)
            stored = description.to_record()
            storage.set_study_user_attr(study, DESCRIPTION, stored)
        description.check_continues(_description(stored, name, place), place.shown)
    return storage, study, lease


def open_to_read(place: Place, name: str) -> tuple[BaseStorage, int, Description]:
    """Open a study that is there, and add nothing to it.

    Returns:
        The storage, Optuna's identifier of the study in it, and what it was made with.

    Raises:
        StudyError: It is not there or cannot be opened.
    """
    if place.path is None and place.url is None:
        raise StudyError("a study in memory cannot be opened again; give a file or a URL")
    mode = "ro"
    if place.path is not None:
        with contextlib.suppress(StudyError):
            check_writable(place.path)
            mode = "rw"  # so that SQLite may undo what a killed process left half written
        check_is_study(place.path, mode)
    with in_words(place.shown, "opening"), _released_on_error(_connect(place, mode)) as storage:
        study = _find(storage, name, place)
        stored = storage.get_study_user_attrs(study).get(DESCRIPTION)
        return storage, study, _description(stored, name, place)


@contextlib.contextmanager
def _released_on_error(storage: BaseStorage) -> Iterator[BaseStorage]:
    try:
        yield storage
    except BaseException:
        release(storage)
        raise


def _make_file(path: Path, name: str, description: Description, values: Values) -> None:
    """Make a study under another file name first, so that it is either whole or not there."""
    fresh = path.with_name(f"{path.name}.new")
    with in_words(str(path), "making"):
        for leftover in (fresh.name, f"{fresh.name}-journal", f"{path.name}-journal"):
            path.with_name(leftover).unlink(missing_ok=True)
        storage = open_storage(fresh, "rwc")
        study = _create(storage, name, values)
        storage.set_study_user_attr(study, DESCRIPTION, description.to_record())
        fresh.replace(path)


def _connect(place: Place, mode: str) -> BaseStorage:
    if place.path is not None:
        return open_storage(place.path, mode)
    if place.url is not None:
        return _connect_url(place.url)
    return InMemoryStorage()


def _connect_url(url: str) -> BaseStorage:
    """Optuna's storage on a database; tables that two processes make at once are made by one."""
    for pause in PAUSES_S:
        try:
            return _storage(url)
        except (sqlalchemy.exc.IntegrityError, sqlalchemy.exc.ProgrammingError):
            time.sleep(pause)
    return _storage(url)


def _storage(url: str) -> RDBStorage:
    settings: dict[str, object] = {"pool_pre_ping": True}
    if sqlalchemy.make_url(url).get_backend_name() == "postgresql":
        # Else a database that was made as SQL_ASCII answers with bytes instead of text.
        settings["connect_args"] = {"client_encoding": "utf8"}
    return RDBStorage(url, engine_kwargs=settings)


def _names(storage: BaseStorage) -> list[str]:
    return [each.study_name for each in storage.get_all_studies()]


def _find(storage: BaseStorage, name: str, place: Place) -> int:
    names = _names(storage)
    if name not in names:
        others = ", ".join(map(repr, names)) or "none"
        raise StudyError(
            f"there is no study {name!r} in {place.shown}, its studies are: {others}; "
            f"give the name of one, or another file"
        )
    return storage.get_study_id_from_name(name)


def _create(storage: BaseStorage, name: str, values: Values) -> int:
    """Make an Optuna study with a direction for each objective, without Optuna announcing it."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        study = storage.create_new_study(values.directions, name)
    finally:
        optuna.logging.set_verbosity(verbosity)
    storage.set_study_system_attr(study, METRIC_NAMES, values.names)
    return study


def _check_empty(directions: list[StudyDirection], values: Values, name: str, place: Place) -> None:
    """Refuse an empty study whose trials would have other values than ours.

    Raises:
        StudyError: Another number of objectives, or others that should be high.
    """
    is_one = len(directions) == len(values.directions) == 1
    if not is_one and directions != values.directions:
        raise StudyError(
            f"the study {name!r} in {place.shown} has no trials, and was begun for "
            f"{_shown(directions)}, got {', '.join(values.names)} ({_shown(values.directions)}); "
            f"name another study, or delete that one with optuna.delete_study"
        )


def _shown(directions: list[StudyDirection]) -> str:
    return ", ".join(each.name.lower() for each in directions)


def _description(stored: object, name: str, place: Place) -> Description:
    if not isinstance(stored, Mapping):
        raise StudyError(
            f"the study {name!r} in {place.shown} was not made by deltanas; "
            f"name another file for a new study"
        )
    return Description.from_record(stored, place.shown)
