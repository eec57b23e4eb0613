"""The folder of a model: names of its files, and what an earlier export left there."""

import shutil
from pathlib import Path
from typing import Final

from deltanas.errors import ExportError

CARD: Final = "README.md"
"""The model card."""
TITLE: Final = "# A network found by deltanas"
"""First line of the card."""
ARCHITECTURE: Final = "architecture.json"
SOURCE: Final = "network.py"
WEIGHTS: Final = "weights.safetensors"
ONNX: Final = "model.onnx"
PROJECT: Final = "project.py"
"""File of a builder of the user's."""
LEFT: Final = "training"
"""Folder of what a training function of the user's left."""


def made_folder(path: Path) -> Path:
    """A folder to write to, made if it is not there.

    Raises:
        ExportError: It cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(
            f"expected a folder to write the model to, {path} cannot be made ({error}); name "
            f"another one with --out"
        ) from None
    return path


def clear(folder: Path) -> None:
    """Remove the files of an earlier export, so that no two models are mixed.

    Only a folder with our card is touched, and of it only what an export writes; files that a
    builder imports stay.

    Raises:
        OSError: Something cannot be removed.
    """
    card = folder / CARD
    if not card.is_file() or not card.read_text("utf-8", errors="replace").startswith(TITLE):
        return
    if (folder / LEFT).is_dir() and not (folder / LEFT).is_symlink():
        shutil.rmtree(folder / LEFT)
    for name in (CARD, ARCHITECTURE, SOURCE, WEIGHTS, ONNX, PROJECT):
        (folder / name).unlink(missing_ok=True)
