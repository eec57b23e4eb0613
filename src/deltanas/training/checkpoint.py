"""What a training needs to go on after its process died, saved after each epoch."""

import errno
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, final

import torch

from deltanas.errors import TrainingError

FILE = "checkpoint.pt"
CUT_OFF: Final = ("file write", "unexpected pos")
"""Words of torch's error where a file ended before all was written: the disk is full."""


@final
@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a training between two epochs."""

    task: str
    """What is trained, on what and how: a checkpoint of another task is not gone on from."""
    is_done: bool
    """Whether the training has ended: `network` then holds what it ended with."""
    seconds: float
    """Seconds that the epochs took."""
    accuracies: list[float]
    """Validation accuracy after each epoch that is done."""
    network: dict[str, Any]
    """Weights."""
    best: dict[str, Any]
    """Weights of the best epoch, where the recipe may stop early; else empty."""
    optimizer: dict[str, Any]
    """State of the optimizer; empty once the training has ended."""
    scaler: dict[str, Any]
    """State of the loss scaling of mixed precision; empty without."""

    def save(self, folder: Path) -> None:
        """Write it in one step: a process that dies meanwhile leaves the one before.

        Raises:
            TrainingError: The disk is full, or the folder cannot be written.
        """
        fresh = folder / f"{FILE}.new"
        try:
            torch.save({field.name: getattr(self, field.name) for field in fields(self)}, fresh)
            fresh.replace(folder / FILE)
        except (OSError, RuntimeError) as error:  # torch turns a full disk into a RuntimeError
            fresh.unlink(missing_ok=True)
            is_cut_off = any(words in str(error) for words in CUT_OFF)
            full = is_cut_off or getattr(error, "errno", None) == errno.ENOSPC
            first = (str(error).splitlines() or [type(error).__name__])[0]
            what = "the disk is full" if full else first
            raise TrainingError(
                f"the checkpoint of epoch {len(self.accuracies)} cannot be written to {folder}: "
                f"{what}; free some space or keep the study elsewhere"
            ) from None

    @classmethod
    def load(cls, folder: Path, device: str) -> "Checkpoint | None":
        """The checkpoint in a folder; None if there is none or it cannot be read.

        Nothing in the file is executed.
        """
        try:
            found = torch.load(folder / FILE, map_location=device, weights_only=True)
            return cls(**{field.name: found[field.name] for field in fields(cls)})
        except Exception:  # noqa: BLE001  torch documents no limit to what a broken file raises
            return None

    @classmethod
    def of_task(cls, folder: Path, task: str, device: str) -> "Checkpoint | None":
        """The checkpoint in a folder, if it is of this very task."""
        found = cls.load(folder, device)
        return found if found is not None and found.task == task else None
