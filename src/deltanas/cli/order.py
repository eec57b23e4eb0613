"""What a user asked to be searched, and the command that asks for it again."""

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, final

from deltanas.cli.crew import Hands

DEFAULT_METHOD: Final = "delta-evolution"
DEFAULT_SIGNAL: Final = "mean"
DEFAULT_DEVICE: Final = "auto"
FINALISTS: Final = 5
"""Networks that the command for the final model trains again."""


@final
@dataclass(frozen=True, slots=True)
class Training:
    """How networks are really trained: by the user's function, or by the built-in loop."""

    train: str = ""
    """Training function of the user's: `my_project.py:train`."""
    device: str = DEFAULT_DEVICE
    """What to train on."""
    data: str = ""
    """Data for the built-in training: a name, a .npz file or a folder of images."""
    epochs: int | None = None
    """Epochs of the built-in training; None for those of its recipe."""
    build: str = ""
    """Builder of the user's networks, to train or to measure them: `my_project.py:build`."""
    heir_epochs: int | None = None
    """Epochs of trainings that begin with the weights of others; None for half of them."""
    cost: str = ""
    """Function of the user's from a network to its costs: `my_project.py:cost`."""
    input_shape: str = ""
    """Sizes of one input of the networks with commas, where no data tells them: `3,32,32`."""
    scores: str = ""
    """Scores of untrained networks that are features of the space, with commas."""

    @property
    def typed(self) -> dict[str, str]:
        """The options that are not as they are when nothing is typed, with their values."""
        options = {
            "--train": self.train,
            "--data": self.data,
            "--build": self.build,
            "--cost": self.cost,
            "--input-shape": self.input_shape,
            "--scores": self.scores,
            "--epochs": self.epochs,
            "--inherit-epochs": self.heir_epochs,
            "--device": "" if self.device == DEFAULT_DEVICE else self.device,
        }
        return {name: str(value) for name, value in options.items() if value}

    @property
    def words(self) -> list[str]:
        """The options to type."""
        return [word for option in self.typed.items() for word in option]


@final
@dataclass(frozen=True, slots=True)
class Order:
    """One `deltanas search`."""

    benchmark: str
    """Name of the benchmark; or a space, `my_project.py:space` or the name of a built-in one."""
    budget: int
    """Evaluations in all."""
    seed: int
    """Seed of the study."""
    study: str
    """File or URL of the study."""
    method: str = DEFAULT_METHOD
    """Name of the method."""
    signal: str = DEFAULT_SIGNAL
    """Which of several recorded trainings a query tells."""
    out: str = ""
    """Folder of the report; empty for the one beside the study."""
    plain: bool = False
    """One line per evaluation instead of the live screen."""
    limits: tuple[str, ...] = ()
    """What every proposal keeps to, as typed."""
    objectives: str = ""
    """Names with commas, where there are several."""
    training: Training = Training()
    """How networks are really trained, where no table answers."""
    hands: Hands = field(default_factory=Hands)
    """Who trains, and with what."""
    callback: str = ""
    """Function of the user's that hears what happens: `my_project.py:tell`."""
    min_epochs: int | None = None
    """Epochs after which poor trainings are stopped; None if they are not."""
    reduction: int = 3
    """One in so many goes on."""
    inherit: bool = False
    """Whether trainings begin with the weights of a finished network one edit away."""
    tensorboard: bool = False
    """Whether to write event files for TensorBoard."""

    def with_budget(self, budget: int) -> "Order":
        """The same with another budget."""
        return replace(self, budget=budget)

    @property
    def command(self) -> str:
        """What to type; a password in the URL of a database is not repeated."""
        words = ["deltanas", "search", self.benchmark, "--budget", str(self.budget)]
        words += ["--seed", str(self.seed), "--study", self._place]
        if self.method != DEFAULT_METHOD:
            words += ["--method", self.method]
        if self.signal != DEFAULT_SIGNAL:
            words += ["--signal", self.signal]
        words += self.training.words
        words += self._running
        for limit in self.limits:
            words += ["--limit", limit]
        if self.objectives:
            words += ["--objectives", self.objectives]
        if self.out:
            words += ["--out", self.out]
        return shlex.join(words + ["--plain"] * self.plain)

    @property
    def export(self) -> str:
        """What to type for the final model; empty if nothing was trained or several are best."""
        asked = self.training
        if not (asked.data or asked.train) or self.objectives:
            return ""
        words = ["deltanas", "export", self._place, "--finalists", f"{FINALISTS}"]
        given = {"--train": asked.train} if asked.train else {"--build": asked.build}
        if asked.train and self.benchmark.rpartition(":")[0] != asked.train.rpartition(":")[0]:
            given["--space"] = self.benchmark
        given["--device"] = "" if asked.device == DEFAULT_DEVICE else asked.device
        return shlex.join([*words, *(word for each in given.items() if each[1] for word in each)])

    @property
    def _place(self) -> str:
        """The study, without the password in the URL of a database."""
        if "://" not in self.study:
            return self.study
        from deltanas.errors import StudyError
        from deltanas.study.place import HIDDEN, Place

        try:
            return Place.of(self.study).shown
        except StudyError:  # no URL; whoever opens it says so
            return f"{self.study.partition('://')[0]}://{HIDDEN}"

    @property
    def _running(self) -> list[str]:
        """The words on how trainings run, and on who hears of them."""
        words = list(self.hands.words)
        if self.min_epochs is not None:
            words += ["--min-epochs", str(self.min_epochs), "--reduction", str(self.reduction)]
        words += ["--inherit"] * self.inherit
        if self.callback:
            words += ["--callback", self.callback]
        return words + ["--tensorboard"] * self.tensorboard


def default_study(
    benchmark: str,
    method: str,
    signal: str,
    seed: int,
    bounds: Sequence[str] = (),
    *,
    data: str = "",
) -> str:
    """File of a study that was given no name: another search gets another one.

    Args:
        benchmark: Its name.
        method: Name of the method.
        signal: Which of several recorded trainings is told.
        seed: The study's seed.
        bounds: Limits and objectives, as typed.
        data: Data to train on, as typed.
    """
    more = [each.replace("<=", "-").replace(">=", "-from-") for each in sorted(bounds)]
    plain = os.path.normpath(benchmark).replace("\\", "/").replace("../", "")
    parts = [plain.replace(":", "-"), method, str(seed), *more]
    if data:
        parts.insert(1, data.replace("\\", "/").rstrip("/").rpartition("/")[2])
    if signal != DEFAULT_SIGNAL:
        parts.insert(2, signal)
    name = "".join(each if each.isalnum() or each in "-_." else "-" for each in "-".join(parts))
    return f"runs/{name}.db"
