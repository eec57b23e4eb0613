"""Evaluation by a function of the user's: architecture in, accuracy out."""

import inspect
import time
from collections.abc import Callable
from typing import final

from deltanas.evaluation.outcome import evaluation_of, failure_of
from deltanas.evaluation.sequential import SequentialEvaluator
from deltanas.records import Evaluation, Proposal
from deltanas.spaces import Architecture


@final
class FunctionEvaluator(SequentialEvaluator):
    """Calls a function in this process, one architecture at a time.

    The function gets an `Architecture` and returns its accuracy, or a mapping with
    `"accuracy"` and other measurements. Any finite number is an accuracy, because users
    may maximise other scores. What it raises, `sys.exit` included, becomes a failed
    evaluation with its reason; only `KeyboardInterrupt` passes through.
    """

    def __init__(self, function: Callable[[Architecture], object]) -> None:
        """Keep the function."""
        super().__init__()
        self._function = function
        self._file = _file_of(function)

    def evaluate(self, proposal: Proposal) -> Evaluation:
        """Call the function and judge what it returned; the seconds are measured."""
        start = time.perf_counter()
        try:
            returned = self._function(proposal.architecture)
        except (Exception, SystemExit) as error:  # noqa: BLE001  any failure is a value
            return failure_of(proposal.number, error, self._file, time.perf_counter() - start)
        return evaluation_of(proposal.number, returned, time.perf_counter() - start)


def _file_of(function: Callable[..., object]) -> str | None:
    """File of a function's code, as tracebacks name it; None for builtins and the like."""
    function = inspect.unwrap(function)
    while hasattr(function, "func"):  # functools.partial
        function = function.func
    if not hasattr(function, "__code__") and not inspect.ismethod(function):
        function = type(function).__call__
    code = getattr(function, "__code__", None)
    return None if code is None else str(code.co_filename)
