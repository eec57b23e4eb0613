"""One objective beside accuracy, read from text such as `params` or `robustness:max`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

from deltanas.errors import LimitError, ObjectiveError
from deltanas.limits.limit import is_among, metric_named

HIGH: Final = ":max"
"""How the text of a metric ends that should be high."""
LOW: Final = ":min"
"""How it ends where the metric should be low; costs that are known need not say it."""


@final
@dataclass(frozen=True, slots=True)
class Objective:
    """A metric that a search makes low, or high."""

    metric: str
    """Full name of the metric: `parameters_m`."""
    is_high: bool = False
    """Whether high is better; otherwise low is."""

    @classmethod
    def of(cls, words: str) -> "Objective":
        """Read what `words` gave, without asking which metrics there are."""
        return cls(words.removesuffix(HIGH).removesuffix(LOW), words.endswith(HIGH))

    @classmethod
    def read(cls, text: str, known: Sequence[str]) -> "Objective":
        """Read an objective as a person writes it.

        Args:
            text: A metric that is known before training, as a limit names it, or with a
                direction: `params`, `robustness:max`. With a direction it may also be one that
                only a training tells, by the name that the training gives it.
            known: Full names of the metrics that are known before training.

        Raises:
            LimitError: It has no direction and is not known, or it may mean several metrics.
        """
        objective = cls.of(text)
        is_known = is_among(objective.metric, known)
        if not is_known and objective.metric and text.endswith((HIGH, LOW)):
            return objective
        try:
            metric = metric_named(objective.metric, f"objective {text!r}", known)
        except LimitError as error:
            if is_known:
                raise
            raise LimitError(
                f"{error}. If your training returns it, say which side is better: "
                f"{text + LOW!r} or {text + HIGH!r}"
            ) from None
        return cls(metric, objective.is_high)

    @property
    def sign(self) -> float:
        """Factor that makes low values the better ones."""
        return -1.0 if self.is_high else 1.0

    @property
    def words(self) -> str:
        """The objective as text that `of` reads back."""
        return f"{self.metric}{HIGH}" if self.is_high else self.metric


def objectives_of(texts: Sequence[str], known: Sequence[str]) -> tuple[Objective, ...]:
    """All objectives beside accuracy, each read as `Objective.read` does.

    Raises:
        LimitError: One is not known and has no direction, or may mean several metrics.
        ObjectiveError: Two are on one metric.
    """
    objectives = tuple(Objective.read(text, known) for text in texts)
    metrics = [each.metric for each in objectives]
    for place, metric in enumerate(metrics):
        if metric in metrics[:place]:
            raise ObjectiveError(
                f"each objective is on a metric of its own, got {', '.join(texts)}, two of them on "
                f"{metric!r}; leave one out"
            )
    return objectives
