"""What the architectures of trials cost: as measured, as metrics say, or as trainings told."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from deltanas.limits import Metrics
from deltanas.records import Trial
from deltanas.spaces import codes_of


def costs_of_trials(
    trials: Sequence[Trial], names: Sequence[str], metrics: Metrics | None
) -> Float[np.ndarray, "trials costs"]:
    """Costs of each trial, a column for each name; NaN where nobody knows.

    What was measured before a training comes first. Else a metric that is known of all
    architectures is asked for; any other one is what the training told.

    Args:
        trials: Of one space.
        names: Full names of the costs.
        metrics: What knows costs of all architectures; None where nobody does any more.
    """
    if not trials or not names:
        return np.zeros((len(trials), len(names)))
    codes = codes_of([trial.architecture for trial in trials])
    columns = []
    for name in names:
        measured = [trial.proposal.measured.get(name) for trial in trials]
        if metrics is not None and name in metrics.metric_names and None in measured:
            told = metrics.measure(name, codes)
        else:
            told = np.array([_told(trial, name) for trial in trials])
        columns.append([told[row] if m is None else m for row, m in enumerate(measured)])
    return np.array(columns, dtype=float).T


def _told(trial: Trial, name: str) -> float:
    """A metric as the training told it; NaN if it did not."""
    return np.nan if trial.evaluation is None else trial.evaluation.metrics.get(name, np.nan)
