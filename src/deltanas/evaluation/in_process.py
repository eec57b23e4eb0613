"""Evaluation here and now: a user's function, or a look-up in a table."""

import math
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, final

import numpy as np

from deltanas.errors import ProtocolError
from deltanas.evaluation.base import Evaluator
from deltanas.records import Evaluation, Proposal, Status
from deltanas.spaces import Architecture

Train = Callable[[Architecture], object]
"""A user's training: an accuracy, or a mapping with `accuracy` and other numbers."""

LONGEST_REASON = 300
"""Characters of a failure's reason that are kept."""


@final
class FunctionEvaluator(Evaluator):
    """Calls a function for each proposal, one at a time, when it is collected.

    The function gets the architecture and returns its accuracy (any finite number, higher is
    better), or a mapping with `accuracy` and whatever else was measured. If it raises or
    returns something else, that trial fails with the reason and the search goes on.
    """

    def __init__(self, train: Train) -> None:
        """Take the function.

        Raises:
            ProtocolError: It cannot be called.
        """
        if not callable(train):
            raise ProtocolError(
                f"train must be a function of an architecture, got {train!r}; "
                f"give for example train=lambda architecture: ..."
            )
        self._train = train
        self._waiting: list[Proposal] = []

    @property
    def capacity(self) -> int:
        """One at a time."""
        return 1 - len(self._waiting)

    def submit(self, proposal: Proposal) -> None:
        """Take the proposal; it is evaluated when it is collected."""
        if self._waiting:
            raise ProtocolError(
                f"proposal {proposal.number} came while {self._waiting[0].number} waits; "
                f"collect() first"
            )
        self._waiting.append(proposal)

    def collect(self) -> list[Evaluation]:
        """Evaluate what waits."""
        evaluations = [evaluate(self._train, proposal) for proposal in self._waiting]
        self._waiting = []
        return evaluations

    def cancel(self, number: int) -> None:
        """Forget the proposal if it waits."""
        self._waiting = [proposal for proposal in self._waiting if proposal.number != number]


def evaluate(train: Train, proposal: Proposal) -> Evaluation:
    """Call the function for one proposal and judge what comes back."""
    started = time.perf_counter()
    try:
        result = train(proposal.architecture)
    except Exception as error:  # noqa: BLE001 - whatever a user's code raises is a failed trial
        return _failed(proposal, time.perf_counter() - started, _words(error))
    seconds = time.perf_counter() - started
    metrics: dict[Any, Any] = dict(result) if isinstance(result, Mapping) else {"accuracy": result}
    if "accuracy" not in metrics:
        return _failed(
            proposal,
            seconds,
            f"expected a number, or a mapping with 'accuracy', got a mapping with "
            f"{', '.join(map(str, metrics)) or 'nothing'}; add 'accuracy' to it",
        )
    for name, value in metrics.items():
        if not _is_number(value):
            return _failed(
                proposal,
                seconds,
                f"expected a finite number for {name}, got {value!r}; "
                f"return it from the training function, e.g. 0.93",
            )
    accuracy = float(metrics.pop("accuracy"))
    seconds = float(metrics.pop("seconds", seconds))
    others = {str(name): float(value) for name, value in metrics.items()}
    return Evaluation(proposal.number, Status.FINISHED, accuracy, seconds, metrics=others)


def _is_number(value: object) -> bool:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return False
    return not isinstance(value, np.complexfloating) and math.isfinite(float(value))


def _failed(proposal: Proposal, seconds: float, reason: str) -> Evaluation:
    kept = " ".join(reason.split())[:LONGEST_REASON]
    return Evaluation(proposal.number, Status.FAILED, seconds=seconds, reason=kept)


def _words(error: Exception) -> str:
    """What was raised, and where in the user's code."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" (line {frames[-1].lineno} of {frames[-1].name})" if len(frames) > 1 else ""
    return f"{type(error).__name__}: {error}{where}"
