"""The winner of a study with a training function of the user's: what that training saved."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from deltanas.errors import ExportError
from deltanas.export.card import own_card
from deltanas.export.finals import TIMES, Finalist, Finals
from deltanas.export.folder import ARCHITECTURE, CARD, LEFT, clear
from deltanas.export.own_code import own_space
from deltanas.export.retraining import KEPT, Retraining
from deltanas.records import Trial
from deltanas.spaces import BlockSpace, SearchSpace
from deltanas.study import Study, StudyRecord
from deltanas.training import Project
from deltanas.training.description import base_name, own_training_name


def _is_inside(file: Path, folder: Path) -> bool:
    """Whether a file really lies in a folder: a link may lead to any file of this machine."""
    return file.is_file() and file.resolve().is_relative_to(folder.resolve())


Function = str | Callable[..., object]
"""A training function of the user's, or `my_project.py:train`."""


def check_function(
    record: StudyRecord, finals: Finals | None, given: Function, *, is_built_in: bool
) -> None:
    """Refuse a training function that is not asked for or another one, and none where it is.

    Args:
        record: The study.
        finals: What is trained again; None for nothing.
        given: The function; empty for none.
        is_built_in: Whether the study was made with the built-in training.

    Raises:
        ExportError: One of that.
    """
    stored = record.description.benchmark or ""
    if record.description.is_recorded or is_built_in:
        if given:
            raise ExportError(
                f"expected no training function, as the study {record.place} was not made with "
                f"one, got {_name_of(given)}; leave it out"
            )
        if finals is not None and record.description.is_recorded:
            raise ExportError(
                f"the study {record.place} asked {stored}, which others trained, so there is "
                f"nothing to train again; leave --finalists and --retrain out"
            )
        return
    name = own_training_name(stored)
    if finals is None and given:
        raise ExportError(
            f"expected no training function, as nothing is trained again, got {_name_of(given)}; "
            f"leave it out, or add --retrain {TIMES}"
        )
    if finals is not None and not given:
        raise ExportError(
            f"to train networks of the study {record.place} again, add --train "
            f"{name or 'my_project.py:train'}; code is not run because a study names it"
        )
    if given and name and _name_of(given) not in (name, name.rpartition(":")[2]):
        raise ExportError(
            f"expected the training function that the study {record.place} was made with, {name}, "
            f"got {_name_of(given)}; give that one"
        )


def _name_of(function: Function) -> str:
    if isinstance(function, str):
        return base_name(function)
    return str(getattr(function, "__name__", type(function).__name__))


def with_space(
    study: str, record: StudyRecord, project: Project, given: Function, space: SearchSpace | str
) -> StudyRecord:
    """The record with the options themselves, of which a store knows the names only.

    Args:
        study: File or URL of the study.
        record: What it holds.
        project: Runs files, once each.
        given: The training function.
        space: The space, or `my_project.py:space`; empty to look beside the function.

    Raises:
        ExportError: The space is needed and is not there.
        StudyMismatchError: It is another one.
    """
    if space != "":
        return Study.open(study, project.space(space) if isinstance(space, str) else space)
    description = record.description
    if isinstance(given, str):
        found = own_space(project, given, description.space, record.space.name)
        if found is not None:
            return Study.open(study, found.space)
    names = [
        each.name
        for each in record.space.decisions
        for text in each.labels
        if isinstance(text, str)
    ]
    if names and isinstance(record.space, BlockSpace):
        raise ExportError(
            f"options such as those of {names[0]!r} may be more than their names, which is all "
            f"that the study {record.place} knows; give the space too, --space my_project.py:space"
        )
    return record


def export_own(
    record: StudyRecord,
    trial: Trial,
    saved: Path,
    folder: Path,
    finalists: Sequence[Finalist] = (),
    again: Retraining | None = None,
) -> tuple[str, ...]:
    """Write architecture and card, and copy everything that a training left in its folder.

    Args:
        record: The study.
        trial: Whose architecture it is.
        saved: Folder of the training.
        folder: Where to write.
        finalists: What was trained again, this network first.
        again: The training that left the files; None for that of the search.

    Returns:
        Names of the files.

    Raises:
        ExportError: Something cannot be written.
    """
    names = [ARCHITECTURE, CARD]
    text = json.dumps(json.loads(trial.architecture.to_json()), indent=2)
    files = sorted(
        each for each in saved.rglob("*") if _is_inside(each, saved) and each.name != KEPT
    )
    try:
        clear(folder)
        (folder / ARCHITECTURE).write_text(f"{text}\n", encoding="utf-8")
        for file in files:
            target = folder / LEFT / file.relative_to(saved)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            names.append(target.relative_to(folder).as_posix())
        words = own_card(record, trial, names[2:], finalists, again)
        (folder / CARD).write_text(words, encoding="utf-8")
    except OSError as error:
        raise ExportError(
            f"the model cannot be written to {folder} ({error}); free some space or name another "
            f"folder with --out"
        ) from None
    return tuple(names)
