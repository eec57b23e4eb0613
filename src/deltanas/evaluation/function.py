"""Evaluation by a function of the user's: architecture in, accuracy out."""

import inspect
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import final

from deltanas.errors import DeltaNasError, StoppedEarlyError, TrainingTimeError
from deltanas.evaluation.context import Context, at_rungs, checked_fraction
from deltanas.evaluation.outcome import evaluation_of, failed, failure_of
from deltanas.evaluation.sequential import SequentialEvaluator
from deltanas.evaluation.workplace import Workplace
from deltanas.records import Evaluation, Proposal, Status

_STATUS: dict[type[DeltaNasError], Status] = {
    TrainingTimeError: Status.TIMED_OUT,
    StoppedEarlyError: Status.PRUNED,
}
"""How a training ended that raised one of our errors; any other is a failure."""


@final
class FunctionEvaluator(SequentialEvaluator):
    """Calls a function in this process, one architecture at a time.

    The function gets an `Architecture`, and a `Context` if it takes a second argument. It
    returns the accuracy, or a mapping with `"accuracy"` and other measurements. What it raises,
    `sys.exit` included, becomes a failed evaluation with its reason; only `KeyboardInterrupt`
    passes through.

    Without a workplace any finite number is an accuracy, because users may maximise other
    scores. With one, a number above 1 is taken for per cent and refused: reports and the
    predictor's priors count in fractions.
    """

    def __init__(self, function: Callable[..., object], workplace: Workplace | None = None) -> None:
        """Keep the function.

        Args:
            function: Takes an architecture, or an architecture and a context.
            workplace: Where trainings keep their files; a function that takes a context gets a
                temporary one if none is given.
        """
        super().__init__()
        self._function = function
        self._file = _file_of(function)
        self._with_context = takes_context(function)
        if workplace is None and self._with_context:
            workplace = Workplace()
        self._workplace = workplace

    def evaluate(self, proposal: Proposal) -> Evaluation:
        """Call the function and judge what it returned; the seconds are measured."""
        start = time.perf_counter()
        number = proposal.number
        context = None
        try:
            context = self._context(proposal)
            returned = self._call(proposal, context)
        except DeltaNasError as error:
            found = failed(number, str(error), time.perf_counter() - start)
            found = replace(found, status=_STATUS.get(type(error), Status.FAILED))
        except (Exception, SystemExit) as error:  # noqa: BLE001  any failure is a value
            found = failure_of(number, error, self._file, time.perf_counter() - start)
        else:
            found = self._judged(evaluation_of(number, returned, time.perf_counter() - start))
        return found if context is None else _with_rungs(found, proposal, context)

    def _call(self, proposal: Proposal, context: Context | None) -> object:
        if context is None:
            return self._function(proposal.architecture)
        # What an earlier run of this trial reported may have been too little.
        context.check_rungs()
        return self._function(proposal.architecture, context)

    def _context(self, proposal: Proposal) -> Context | None:
        """What the function gets as its second argument, if it takes one."""
        if self._workplace is None or not self._with_context:
            return None
        heard = None if self.on_report is None else partial(self.on_report, proposal.number)
        return self._workplace.context(proposal, heard)

    def _judged(self, found: Evaluation) -> Evaluation:
        """The evaluation, failed if a workplace asks for a fraction and it has none."""
        if self._workplace is None or found.accuracy is None:
            return found
        try:
            checked_fraction(found.accuracy, "a training")
        except DeltaNasError as error:
            return failed(found.number, str(error), found.seconds, found.metrics)
        return found


def _with_rungs(found: Evaluation, proposal: Proposal, context: Context) -> Evaluation:
    """The evaluation with what was reported at the rungs, and at last; as it is without rungs."""
    if not proposal.rungs:
        return found
    reported = context.reported
    reached = at_rungs(reported, proposal.rungs)
    if reported and found.accuracy is not None:
        reached[max(reported)] = reported[max(reported)]
    return replace(found, rungs=dict(sorted(reached.items())))


def takes_context(function: Callable[..., object]) -> bool:
    """Whether a training function wants a context as its second argument.

    A second parameter with a default, such as `seed=0`, is the user's own unless it is named
    `context`.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return False  # builtins do not tell
    positional = [
        each
        for each in parameters
        if each.kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    ]
    if len(positional) < 2:  # noqa: PLR2004 - architecture and context
        return False
    second = positional[1]
    return second.default is inspect.Parameter.empty or second.name == "context"


def _file_of(function: Callable[..., object]) -> str | None:
    """File of a function's code, as tracebacks name it; None for builtins and the like."""
    function = inspect.unwrap(function)
    while hasattr(function, "func"):  # functools.partial
        function = function.func
    if not hasattr(function, "__code__") and not inspect.ismethod(function):
        function = type(function).__call__
    code = getattr(function, "__code__", None)
    return None if code is None else str(code.co_filename)
