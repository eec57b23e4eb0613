"""The winner of a study with a training function of the user's: what that training saved."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from deltanas.errors import ExportError
from deltanas.export.again import Again
from deltanas.export.card import own_card
from deltanas.export.finals import Finalist, Finals
from deltanas.records import Trial
from deltanas.study import StudyRecord
from deltanas.training.description import read_training


def _is_inside(file: Path, folder: Path) -> bool:
    """Whether a file really lies in a folder: a link may lead to any file of this machine."""
    return file.is_file() and file.resolve().is_relative_to(folder.resolve())


def check_function(
    record: StudyRecord, finals: Finals | None, given: str | Callable[..., object]
) -> str | Callable[..., object]:
    """The training function of the user's to train again with; empty where none is needed.

    Raises:
        ExportError: It is needed and not given, or given and not what the study was made with.
    """
    stored = record.description.benchmark or ""
    is_recorded = record.description.is_recorded
    is_own = not is_recorded and read_training(stored) is None
    if given and (not is_own or finals is None):
        why = "the study is not one of a training function" if not is_own else "nothing is trained"
        raise ExportError(
            f"expected no training function, as {why}, got {_named(given)}; leave it out"
            + (", or add --finalists 5" if is_own else "")
        )
    if finals is None or not is_own:
        if finals is not None and is_recorded:
            raise ExportError(
                f"the study {record.place} asked {stored}, which others trained, so there is "
                f"nothing to train again; leave --finalists and --retrain out"
            )
        return ""
    name = stored.partition(" by ")[2]
    if not given:
        raise ExportError(
            f"the study {record.place} was not made with the built-in training, and code is not "
            f"run because a study names it; to train again with "
            f"{name or 'your function'}, add --train {name or 'my_project.py:train'}"
        )
    if name and isinstance(given, str) and given.replace("\\", "/").rpartition("/")[2] != name:
        raise ExportError(
            f"expected the training function that the study {record.place} was made with, {name}, "
            f"got --train {given}; give that one"
        )
    return given


def _named(function: str | Callable[..., object]) -> str:
    return function if isinstance(function, str) else getattr(function, "__name__", "a function")


def export_own(
    record: StudyRecord,
    trial: Trial,
    saved: Path,
    folder: Path,
    finalists: Sequence[Finalist] = (),
    again: Again | None = None,
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
    names = ["architecture.json", "README.md"]
    text = json.dumps(json.loads(trial.architecture.to_json()), indent=2)
    files = sorted(each for each in saved.rglob("*") if _is_inside(each, saved))
    try:
        (folder / "architecture.json").write_text(f"{text}\n", encoding="utf-8")
        for file in files:
            target = folder / "training" / file.relative_to(saved)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            names.append(target.relative_to(folder).as_posix())
        words = own_card(record, trial, names[2:], finalists, again)
        (folder / "README.md").write_text(words, encoding="utf-8")
    except OSError as error:
        raise ExportError(
            f"the model cannot be written to {folder} ({error}); free some space or name another "
            f"folder with --out"
        ) from None
    return tuple(names)
