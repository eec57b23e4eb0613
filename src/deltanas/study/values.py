"""The values of a trial for Optuna: one for each objective of the study, accuracy first.

Where limits are on what only trainings tell, a trial also has Optuna's constraints: what is
beyond a limit has its values there, but is never among the best.

Our attributes are the truth; values repeat it, so that Optuna's own best trials, plots and
dashboard are about the same front as ours.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final, final

import numpy as np
from optuna.study import StudyDirection

from deltanas.limits import Limit
from deltanas.records import Evaluation, Trial
from deltanas.search import ParetoEvolution, Searcher
from deltanas.study.objectives import complete

CONSTRAINTS: Final = "constraints"
"""Where Optuna and its dashboard look for constraints of a trial."""
METRIC_NAMES: Final = "study:metric_names"
"""Where Optuna looks for names of values; `set_metric_names` warns that it is experimental."""


@final
class Values:
    """What a searcher's objectives are to Optuna, and what a trial is worth in them."""

    def __init__(self, searcher: Searcher | None = None, limits: Sequence[Limit] = ()) -> None:
        """Take a searcher's objectives, accuracy alone if it has no others, and told limits."""
        self._limits = limits
        self._searcher = searcher if isinstance(searcher, ParetoEvolution) else None
        self._costs = () if self._searcher is None else self._searcher.costs

    @property
    def names(self) -> list[str]:
        """What each value is, with its unit."""
        return ["accuracy", *(each.metric for each in self._costs)]

    @property
    def directions(self) -> list[StudyDirection]:
        """Which side of each value is better."""
        high, low = StudyDirection.MAXIMIZE, StudyDirection.MINIMIZE
        return [high, *(high if each.is_high else low for each in self._costs)]

    def of(self, trial: Trial, count: int) -> list[float] | None:
        """The values of a trial; None where it has no accuracy, or a cost is not known.

        Args:
            trial: One that has ended.
            count: How many values a trial of the study has. A study of several objectives that
                an earlier deltanas made has one, the accuracy, and keeps to it.
        """
        accuracy = trial.trained_accuracy
        if accuracy is None:
            return None
        if count == 1 or self._searcher is None:
            return [accuracy]
        signs = [each.sign for each in self._costs]
        costs = self._searcher.costs_of([trial])[0] * signs
        return None if np.isnan(costs).any() else [accuracy, *costs.tolist()]

    def completed(self, evaluation: Evaluation) -> Evaluation:
        """What came of a training, held to the objectives and to limits on what it tells."""
        return complete(evaluation, self._searcher, self._limits)

    def constraints_of(self, trial: Trial) -> list[float]:
        """How far a trial is beyond each limit on what its training told; 0 or less within."""
        metrics = {} if trial.evaluation is None else trial.evaluation.metrics
        sides = [(each.metric, each.bound, 1.0 if each.at_most else -1.0) for each in self._limits]
        return [side * (metrics[name] - bound) for name, bound, side in sides if name in metrics]


def told_in(values: Sequence[float], names: object) -> Mapping[str, float]:
    """The costs among the values that another program ended a trial with, by name."""
    known = names if isinstance(names, list) else []
    told = dict(zip(map(str, known), values, strict=False))
    return {
        name: float(each)
        for name, each in told.items()
        if name != "accuracy" and math.isfinite(each)
    }
