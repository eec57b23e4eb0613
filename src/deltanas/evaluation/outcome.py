"""From what a training returned or raised to an `Evaluation`.

Users' functions return all sorts of things. This file decides, for all evaluators alike,
what counts as an accuracy and how a failure is told in one line.
"""

import math
import traceback
from collections.abc import Mapping
from numbers import Real
from pathlib import Path

from deltanas.records import Evaluation, Status

LONGEST = 500
"""Most characters of a reason: stores and screens show one line."""


def evaluation_of(number: int, returned: object, seconds: float | None = None) -> Evaluation:
    """What a returned value says about proposal `number`.

    Args:
        number: Number of the proposal.
        returned: The accuracy (any finite number; numpy's and torch's of one element too), or a
            mapping with it under `"accuracy"` and other numbers under names of their own.
        seconds: How long it took.

    Returns:
        A finished evaluation, or a failed one that says what came instead. Other entries of
        a mapping that are no finite numbers, such as a model, are left out of the metrics.
    """
    value, metrics = returned, dict[str, float]()
    if isinstance(returned, Mapping):
        if "accuracy" not in returned:
            names = ", ".join(map(repr, returned)) or "nothing"
            return failed(number, f"expected an entry 'accuracy', got {names}", seconds)
        value = returned["accuracy"]
        metrics = {
            str(name): number_of(entry)
            for name, entry in returned.items()
            if name != "accuracy" and math.isfinite(number_of(entry))
        }
    accuracy = number_of(value)
    if math.isfinite(accuracy):
        return Evaluation(number, Status.FINISHED, accuracy, seconds, metrics=metrics)
    reason = f"expected a finite number as accuracy, got {_shown(value)}"
    if value is None:
        reason += "; does the function end in `return`?"
    return failed(number, reason, seconds, metrics)


def failure_of(
    number: int, error: BaseException, file: str | None, seconds: float | None = None
) -> Evaluation:
    """The failed evaluation that an exception stands for.

    Args:
        number: Number of the proposal.
        error: What was raised.
        file: The user's file: the reason names the last line of it that led to the error, or
            the very last line if none did.
        seconds: How long it took until then.
    """
    words = "".join(traceback.format_exception_only(error))
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if file is not None and frame.filename == file]
    for frame in (own or frames)[-1:]:
        words += f" ({Path(frame.filename).name}, line {frame.lineno}: {frame.line or '...'})"
    return failed(number, words, seconds)


def failed(
    number: int, reason: str, seconds: float | None, metrics: Mapping[str, float] | None = None
) -> Evaluation:
    """A failed evaluation with its reason brought into one printable line."""
    return Evaluation(number, Status.FAILED, None, seconds, printable(reason), metrics or {})


def printable(reason: str) -> str:
    """A reason as one line that steers no terminal."""
    line = "".join(each if each.isprintable() else "?" for each in " ".join(reason.split()))
    if len(line) > LONGEST:
        # The end of a long reason names the line of code; the middle can go.
        line = f"{line[: LONGEST * 2 // 3]} ... {line[-LONGEST // 3 :]}"
    return line


def number_of(value: object) -> float:
    """The value as a float, an array's of one element too; NaN if it is no number.

    Truth values and texts are none.
    """
    shape, item = getattr(value, "shape", None), getattr(value, "item", None)
    if not isinstance(value, Real) and isinstance(shape, tuple) and math.prod(shape) == 1:
        value = item() if callable(item) else value
    if isinstance(value, bool) or not isinstance(value, Real):
        return math.nan
    try:
        return float(value)
    except (OverflowError, ValueError):
        return math.nan


def _shown(value: object) -> str:
    """The value as an error shows it; an object's own `repr` may be broken or endless."""
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001  any repr of any class
        text = f"an object whose repr raises {type(error).__name__}"
    return f"{text[:80]} ({type(value).__name__})" if value is not None else "None"
