"""What the architectures of trials cost: as measured before training, or as metrics say."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from deltanas.limits import Metrics
from deltanas.records import Trial
from deltanas.spaces import codes_of


def costs_of_trials(
    trials: Sequence[Trial], names: Sequence[str], metrics: Metrics | None
) -> Float[np.ndarray, "trials costs"]:
    """Costs of each trial, a column for each name.

    Args:
        trials: Of one space.
        names: Full names of the costs.
        metrics: What is asked where nothing was measured; None where nobody knows any more,
            which gives NaN.
    """
    if not trials or not names:
        return np.zeros((len(trials), len(names)))
    codes = codes_of([trial.architecture for trial in trials])
    columns = []
    for name in names:
        measured = [trial.proposal.measured.get(name) for trial in trials]
        told = np.full(len(trials), np.nan)
        if metrics is not None and name in metrics.metric_names and None in measured:
            told = metrics.measure(name, codes)
        columns.append([told[row] if m is None else m for row, m in enumerate(measured)])
    return np.array(columns, dtype=float).T
