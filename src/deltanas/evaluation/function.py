"""Evaluation by a function of the user's: architecture in, accuracy out."""

import inspect
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import final

from deltanas.errors import DeltaNasError, TrainingTimeError
from deltanas.evaluation.context import checked_fraction
from deltanas.evaluation.outcome import evaluation_of, failed, failure_of
from deltanas.evaluation.sequential import SequentialEvaluator
from deltanas.evaluation.workplace import Workplace
from deltanas.records import Evaluation, Proposal, Status


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
        try:
            returned = self._call(proposal)
        except DeltaNasError as error:
            found = failed(number, str(error), time.perf_counter() - start)
            late = isinstance(error, TrainingTimeError)
            return replace(found, status=Status.TIMED_OUT) if late else found
        except (Exception, SystemExit) as error:  # noqa: BLE001  any failure is a value
            return failure_of(number, error, self._file, time.perf_counter() - start)
        found = evaluation_of(number, returned, time.perf_counter() - start)
        if self._workplace is None or found.accuracy is None:
            return found
        try:
            checked_fraction(found.accuracy, "a training")
        except DeltaNasError as error:
            return failed(number, str(error), found.seconds, found.metrics)
        return found

    def _call(self, proposal: Proposal) -> object:
        if self._with_context and self._workplace is not None:
            heard = None
            if self.on_report is not None:
                heard = partial(self.on_report, proposal.number)
            context = self._workplace.context(proposal, heard)
            return self._function(proposal.architecture, context)
        return self._function(proposal.architecture)


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
