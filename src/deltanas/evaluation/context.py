"""What a training gets besides the architecture: a folder, a device, a seed, a place to report."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from deltanas.errors import StoppedEarlyError, TrainingError
from deltanas.evaluation.outcome import number_of
from deltanas.records import Rung

EPOCHS: Final = "epochs.jsonl"
"""File in a trial's folder with one line per reported epoch."""

Heard = Callable[[int, float, Mapping[str, float]], None]
"""Called with an epoch, the accuracy after it, and what else was measured."""


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
    watch: Heard | None = None
    """Called with every report; screens use it."""
    rungs: tuple[Rung, ...] = ()
    """Where the training may be stopped early."""
    donor: Path | None = None
    """Folder of the finished trial whose weights this training may begin with: what that one
    saved in its `folder`. None to begin with random weights."""

    def report(self, epoch: int, accuracy: object, **measured: object) -> None:
        """Tell how good the network is after an epoch; kept in `epochs.jsonl` of the folder.

        Args:
            epoch: Which one, counted from 1.
            accuracy: Validation accuracy, a fraction.
            measured: Whatever else is worth watching, such as `loss=0.4`; what is no finite
                number is left out.

        Raises:
            TrainingError: That is no fraction, or the file cannot be written. Uncaught, it
                ends the training as failed.
            StoppedEarlyError: It is not good enough to go on; meant to end the training.
        """
        value = checked_fraction(accuracy, f"context.report({epoch}, ...)")
        numbers = {name: number_of(each) for name, each in measured.items()}
        metrics = {name: each for name, each in numbers.items() if math.isfinite(each)}
        line = json.dumps({"epoch": epoch, "accuracy": value, **metrics})
        try:
            with (self.folder / EPOCHS).open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")
        except OSError as error:
            raise TrainingError(
                f"the report of epoch {epoch} cannot be written to {self.folder} "
                f"({error.strerror or error}); free some space or keep the study elsewhere"
            ) from None
        if self.watch is not None:
            self.watch(epoch, value, metrics)
        self.check_rungs()

    def check_rungs(self) -> None:
        """Stop a training that has reported less than it needs to go on.

        Raises:
            StoppedEarlyError: It is not good enough.
        """
        if not self.rungs:
            return
        reached = at_rungs(self.reported, self.rungs)
        for rung in self.rungs:
            accuracy = reached.get(rung.epoch)
            if accuracy is not None and rung.needed is not None and accuracy < rung.needed:
                raise StoppedEarlyError(
                    f"stopped after epoch {rung.epoch}: {accuracy:.4g} is less than the "
                    f"{rung.needed:.4g} that it needed to go on"
                )

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


def at_rungs(reported: Mapping[int, float], rungs: Sequence[Rung]) -> dict[int, float]:
    """Accuracy at each rung that was reached: the first one reported then or later."""
    epochs = sorted(reported)
    first = {rung.epoch: next((e for e in epochs if e >= rung.epoch), None) for rung in rungs}
    return {rung: reported[epoch] for rung, epoch in first.items() if epoch is not None}


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
