"""The winner of a study with a training function of the user's: what that training saved."""

import json
import shutil
from pathlib import Path

from deltanas.errors import ExportError
from deltanas.evaluation import Workplace
from deltanas.export.card import own_card
from deltanas.records import Trial
from deltanas.study import StudyRecord


def _is_inside(file: Path, folder: Path) -> bool:
    """Whether a file really lies in a folder: a link may lead to any file of this machine."""
    return file.is_file() and file.resolve().is_relative_to(folder.resolve())


def export_own(record: StudyRecord, trial: Trial, work: Workplace, folder: Path) -> tuple[str, ...]:
    """Write architecture and card, and copy everything that the training left in its folder.

    Returns:
        Names of the files.

    Raises:
        ExportError: Something cannot be written.
    """
    saved = work.folder_of(trial.proposal)
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
        (folder / "README.md").write_text(own_card(record, trial, names[2:]), encoding="utf-8")
    except OSError as error:
        raise ExportError(
            f"the model cannot be written to {folder} ({error}); free some space or name another "
            f"folder with --out"
        ) from None
    return tuple(names)
