"""What searchers learn from: trainings that ended, and those that were stopped early."""

import numpy as np
from jaxtyping import Float

from deltanas.records import History, Status, Trial
from deltanas.spaces import Codes, codes_of


def judged(history: History) -> tuple[tuple[Trial, ...], Codes, Float[np.ndarray, " trials"]]:
    """Trials by number, their codes, and their accuracies, measured or estimated.

    What turned out beyond a limit when it was trained has the accuracy that it then had. A
    training that was stopped after a few epochs is taken for as good as it was then, plus
    what finished trainings gained from there to their end, in the median. There must be one
    trained to its end.

    Source: ours.
    """
    stopped = [
        trial
        for trial in history.trials
        if trial.evaluation is not None
        and trial.evaluation.status is Status.PRUNED
        and trial.evaluation.rungs
    ]
    known = {trial.number: (trial, trial.trained_accuracy or 0.0) for trial in history.trained}
    gained: dict[int, float] = {}
    for trial in stopped:
        rungs = {} if trial.evaluation is None else trial.evaluation.rungs
        epoch = max(rungs)
        if epoch not in gained:
            gained[epoch] = _gained(epoch, history)
        known[trial.number] = (trial, rungs[epoch] + gained[epoch])
    ordered = [known[number] for number in sorted(known)]
    trials = tuple(trial for trial, _ in ordered)
    accuracies = np.array([accuracy for _, accuracy in ordered], dtype=float)
    return trials, codes_of([trial.architecture for trial in trials]), accuracies


def _gained(epoch: int, history: History) -> float:
    """What finished trainings gained after an epoch, in the median; 0 if none tells."""
    gains = [
        (trial.trained_accuracy or 0.0) - trial.evaluation.rungs[epoch]
        for trial in history.trained
        if trial.evaluation is not None and epoch in trial.evaluation.rungs
    ]
    return float(np.median(gains)) if gains else 0.0
