"""Evaluators of training functions, to be made in other processes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import final

from deltanas.evaluation.base import Evaluator
from deltanas.evaluation.function import FunctionEvaluator, takes_context
from deltanas.evaluation.processes import ProcessEvaluator
from deltanas.evaluation.workplace import Workplace

Function = Callable[..., object]


@final
@dataclass(frozen=True, slots=True)
class Trainer:
    """Makes the evaluator of a training function; travels to other processes."""

    get: Callable[[], Function]
    """Gives the function, where it is called."""
    workplace: Workplace | None = None
    """Where its trainings keep their files."""

    def __call__(self) -> FunctionEvaluator:
        """Make the evaluator.

        Raises:
            TrainingError: There is no such device.
        """
        function = self.get()
        if self.workplace is not None and takes_context(function):
            # Finding the device imports torch: before the first training's time begins.
            _ = self.workplace.device
        return FunctionEvaluator(function, self.workplace)

    def __reduce__(self) -> tuple[object, ...]:
        """Travel with a folder that has been decided: all processes share it."""
        return Trainer, (self.get, self.workplace and self.workplace.settled())


@final
@dataclass(frozen=True, slots=True)
class Itself:
    """Gives a function that is at hand."""

    function: Function
    """The function."""

    def __call__(self) -> Function:
        """The function."""
        return self.function


def trained_by(
    function: Function,
    workplace: Workplace | None,
    *,
    workers: int = 1,
    time_limit_s: float | None = None,
    get: Callable[[], Function] | None = None,
) -> Evaluator:
    """An evaluator of a training function: in this process, or in others.

    Args:
        function: Takes an architecture, or an architecture and a context.
        workplace: Where trainings keep their files; None for functions that keep none.
        workers: How many trainings run at the same time. One without a time limit runs here.
        time_limit_s: Seconds after which a training is ended.
        get: Gives the function in another process, where it cannot travel itself.

    Raises:
        TrainingError: There are no such settings.
    """
    if workers == 1 and time_limit_s is None:
        return FunctionEvaluator(function, workplace)
    make = Trainer(get or Itself(function), workplace)
    logs = None if workplace is None else partial(_folder, workplace)
    return ProcessEvaluator(make, workers, time_limit_s=time_limit_s, logs=logs)


def _folder(workplace: Workplace) -> Path:
    return workplace.folder
