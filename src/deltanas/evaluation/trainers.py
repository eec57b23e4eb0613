"""Evaluators of training functions, to be made in other processes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import final

from deltanas.evaluation.base import Evaluator
from deltanas.evaluation.crew import Crew, Log
from deltanas.evaluation.function import FunctionEvaluator, takes_context
from deltanas.evaluation.processes import ProcessEvaluator
from deltanas.evaluation.ray_evaluator import RayEvaluator
from deltanas.evaluation.shipping import Make
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
    crew: Crew,
    get: Callable[[], Function] | None = None,
) -> Evaluator:
    """An evaluator of a training function: in this process, or in others.

    Args:
        function: Takes an architecture, or an architecture and a context.
        workplace: Where trainings keep their files; None for functions that keep none.
        crew: How many trainings run at the same time, where, and with what.
        get: Gives the function in another process, where it cannot travel itself.

    Raises:
        TrainingError: There are no such settings.
    """
    if crew.is_this_process:
        return FunctionEvaluator(function, workplace)
    log = None if workplace is None else partial(_log, workplace)
    return evaluated_by(crew, Trainer(get or Itself(function), workplace), log)


def evaluated_by(crew: Crew, make: Make, log: Log | None = None) -> Evaluator:
    """An evaluator in other processes, of this machine or of a Ray cluster."""
    if crew.ray is not None:
        return RayEvaluator(make, crew, log=log)
    return ProcessEvaluator(make, crew, log=log)


def _log(workplace: Workplace, slot: int) -> Path:
    return workplace.folder / f"worker-{slot}.txt"
