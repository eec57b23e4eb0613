"""Opening a study: making it whole or not at all, refusing what is not ours or not the same."""

import contextlib
from collections.abc import Mapping
from pathlib import Path

import optuna
from optuna.storages import BaseStorage, InMemoryStorage, RDBStorage
from optuna.study import StudyDirection

from deltanas.errors import StudyError
from deltanas.study.description import Description
from deltanas.study.place import Place
from deltanas.study.sqlite_file import check_is_study, check_writable, open_storage
from deltanas.study.storage_errors import in_words

DESCRIPTION = "deltanas"
"""Attribute of the Optuna study that holds the `Description`."""


def open_to_continue(place: Place, name: str, description: Description) -> tuple[BaseStorage, int]:
    """Open a study, or make it if there is none; its lock must be held.

    Args:
        place: Where it is kept.
        name: Its name there: a database may hold several studies.
        description: What it is to be continued with, or made with.

    Returns:
        The storage, and Optuna's identifier of the study in it.

    Raises:
        StudyError: It cannot be opened or made.
        StudyMismatchError: It is there, and was made with something else.
    """
    path = place.path
    if path is not None:
        if not path.exists() or not path.stat().st_size:
            _make_file(path, name, description)
        check_is_study(path, "rw")
    with in_words(place.shown, "opening"):
        storage = _connect(place, "rw")
        if path is None and name not in _names(storage):
            _create(storage, name)
        study = _find(storage, name, place)
        stored = storage.get_study_user_attrs(study).get(DESCRIPTION)
        if stored is None and not storage.get_n_trials(study):
            # Made a moment ago, by us or by a process that died before this line.
            stored = description.to_record()
            storage.set_study_user_attr(study, DESCRIPTION, stored)
    description.check_continues(_description(stored, name, place), place.shown)
    return storage, study


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
    with in_words(place.shown, "opening"):
        storage = _connect(place, mode)
        study = _find(storage, name, place)
        stored = storage.get_study_user_attrs(study).get(DESCRIPTION)
    return storage, study, _description(stored, name, place)


def _make_file(path: Path, name: str, description: Description) -> None:
    """Make a study under another file name first, so that it is either whole or not there."""
    fresh = path.with_name(f"{path.name}.new")
    with in_words(str(path), "making"):
        for leftover in (fresh.name, f"{fresh.name}-journal", f"{path.name}-journal"):
            path.with_name(leftover).unlink(missing_ok=True)
        storage = open_storage(fresh, "rwc")
        study = _create(storage, name)
        storage.set_study_user_attr(study, DESCRIPTION, description.to_record())
        fresh.replace(path)


def _connect(place: Place, mode: str) -> BaseStorage:
    if place.path is not None:
        return open_storage(place.path, mode)
    if place.url is not None:
        return RDBStorage(place.url, engine_kwargs={"pool_pre_ping": True})
    return InMemoryStorage()


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


def _create(storage: BaseStorage, name: str) -> int:
    """Make an Optuna study that maximises, without Optuna announcing it."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return storage.create_new_study([StudyDirection.MAXIMIZE], name)
    finally:
        optuna.logging.set_verbosity(verbosity)


def _description(stored: object, name: str, place: Place) -> Description:
    if not isinstance(stored, Mapping):
        raise StudyError(
            f"the study {name!r} in {place.shown} was not made by deltanas; "
            f"name another file for a new study"
        )
    return Description.from_record(stored, place.shown)
