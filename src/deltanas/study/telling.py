"""What a user tells of a trial: whatever a training function may return, and how long it took."""

import math
from collections.abc import Mapping
from dataclasses import replace

from deltanas.errors import ProtocolError
from deltanas.evaluation.outcome import evaluation_of, number_of, printable
from deltanas.records import Evaluation, Status


def told(
    number: int,
    accuracy: object,
    *,
    reason: object = None,
    seconds: object = None,
    metrics: Mapping[str, object] | None = None,
) -> Evaluation:
    """The evaluation that was told.

    Args:
        number: Number of the trial.
        accuracy: As a training function returns it: a number, or a mapping with `accuracy` and
            metrics. Anything else means that the training failed.
        reason: Why it failed; a reason is made where none is given.
        seconds: How long it took.
        metrics: Further metrics by name.

    Raises:
        ProtocolError: `seconds` is no finite number of at least 0.
    """
    took = None if seconds is None else number_of(seconds)
    if took is not None and not (math.isfinite(took) and took >= 0.0):
        raise ProtocolError(
            f"seconds is a finite number of at least 0, got {seconds!r}; leave it out if it is "
            f"not known"
        )
    returned = accuracy if isinstance(accuracy, Mapping) else {"accuracy": accuracy}
    outcome = evaluation_of(number, {**(metrics or {}), **returned}, took)
    if outcome.status is Status.FINISHED:
        return outcome
    if reason is None:
        reason = "told without an accuracy" if accuracy is None else outcome.reason
    return replace(outcome, reason=printable(str(reason)))
