"""What a training gets besides the architecture: a folder, a device, a seed, a place to report."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from deltanas.errors import TrainingError
from deltanas.evaluation.outcome import number_of

EPOCHS: Final = "epochs.jsonl"
"""File in a trial's folder with one line per reported epoch."""


@final
@dataclass(frozen=True, slots=True)
class Context:
    """The second argument of a training function, made anew for each trial.

    A trial that a killed process left under way is trained again with an equal context, so what
    it saved in `folder` is there to go on from.
    """

    number: int
    """Number of the trial."""
    folder: Path
    """Folder of this trial alone; it exists. Checkpoints and models go here."""
    device: str
    """What to train on, as torch names it: `cpu` or `cuda`."""
    seed: int
    """Seed of this training: equal for equal studies and networks."""
    watch: Callable[[int, float], None] | None = None
    """Called with every report; screens use it."""

    def report(self, epoch: int, accuracy: object) -> None:
        """Tell how good the network is after an epoch; kept in `epochs.jsonl` of the folder.

        Args:
            epoch: Which one, counted from 1.
            accuracy: Validation accuracy, a fraction.

        Raises:
            TrainingError: That is no fraction. Uncaught, it ends the training as failed.
        """
        value = checked_fraction(accuracy, f"context.report({epoch}, ...)")
        line = json.dumps({"epoch": epoch, "accuracy": value})
        with (self.folder / EPOCHS).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
        if self.watch is not None:
            self.watch(epoch, value)

    @property
    def reported(self) -> dict[int, float]:
        """Accuracy of each epoch that was reported, earlier runs of this trial included."""
        file = self.folder / EPOCHS
        if not file.exists():
            return {}
        found = {}
        for line in file.read_text("utf-8").splitlines():
            try:
                entry = json.loads(line)
                found[int(entry["epoch"])] = float(entry["accuracy"])
            except (ValueError, KeyError, TypeError):
                continue  # cut off in the middle when the process died
        return found


def checked_fraction(accuracy: object, what: str) -> float:
    """The accuracy as a float, if it can be a fraction or another score of at most 1.

    Args:
        accuracy: What the user gave.
        what: Where it came from, for the message.

    Raises:
        TrainingError: It is no finite number, or more than 1.
    """
    value = number_of(accuracy)
    if not math.isfinite(value):
        raise TrainingError(
            f"{what} expects an accuracy as a fraction between 0 and 1, got {accuracy!r}; "
            f"if the loss became nan, a smaller learning rate or clipped gradients may help"
        )
    if value > 1:
        raise TrainingError(
            f"{what} expects an accuracy as a fraction between 0 and 1, got {accuracy!r}; "
            f"divide per cent by 100, for example {value / 100:g}"
        )
    return value
