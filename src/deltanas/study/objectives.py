"""Several objectives of one study: who searches, what a result needs, which trials are best."""

import math
from collections.abc import Sequence

import numpy as np

from deltanas.errors import ObjectiveError
from deltanas.evaluation import failed
from deltanas.limits import Metrics
from deltanas.records import Evaluation, History, Status, Trial
from deltanas.search import METHODS, ParetoEvolution, Searcher, evaluated, on_front
from deltanas.spaces import SearchSpace


def for_objectives(
    objectives: Sequence[str],
    metrics: Metrics | None,
    space: SearchSpace,
    seed: int | None,
    method: object,
) -> Searcher:
    """The searcher for several objectives.

    Raises:
        ObjectiveError: They are not accuracy and at least one other, two are on one metric, or
            another method is asked for.
        LimitError: A cost is not known, and has no direction.
    """
    costs = costs_in(objectives)
    default = next(iter(METHODS))
    if method != default:
        raise ObjectiveError(
            f"several objectives are searched with {default!r} only, got method={method!r}; "
            f"leave it out"
        )
    return ParetoEvolution(space, seed=0 if seed is None else seed, costs=costs, metrics=metrics)


def costs_in(objectives: Sequence[str]) -> list[str]:
    """The costs among some objectives, as the user names them.

    Raises:
        ObjectiveError: They are not accuracy, which is to be high, and at least one other.
    """
    names = [objectives] if isinstance(objectives, str) else list(objectives)
    costs = [name for name in names if name not in ("accuracy", "accuracy:max")]
    if (
        not costs
        or len(names) != len(costs) + 1
        or len(set(names)) < len(names)
        or "accuracy:min" in costs
    ):
        raise ObjectiveError(
            f"objectives are 'accuracy' and at least one cost, none twice, got "
            f"{names!r}; give for example ['accuracy', 'params']"
        )
    return costs


def complete(evaluation: Evaluation, searcher: Searcher) -> Evaluation:
    """The evaluation itself, or a failed one where it lacks an objective of the searcher."""
    told = searcher.told if isinstance(searcher, ParetoEvolution) else ()
    missing = [name for name in told if not math.isfinite(evaluation.metrics.get(name, np.nan))]
    if not missing or evaluation.status is not Status.FINISHED:
        return evaluation
    got = ", ".join(map(repr, ("accuracy", *evaluation.metrics)))
    reason = (
        f"the objective {missing[0]!r} is missing from the result, or is no finite number there; "
        f"the result has {got}"
    )
    return failed(evaluation.number, reason, evaluation.seconds, evaluation.metrics)


def front_of(history: History, searcher: Searcher) -> tuple[Trial, ...]:
    """Finished trials that no other one dominates in the searcher's objectives, best first."""
    finished = history.finished
    if not finished:
        return ()
    accuracies = evaluated(history)[1]
    costs = np.zeros((len(finished), 0))
    if isinstance(searcher, ParetoEvolution):
        costs = searcher.costs_of(finished)
    best = on_front(accuracies, costs) & ~np.isnan(costs).any(axis=1)
    front = [trial for trial, on in zip(finished, best, strict=True) if on]
    return tuple(sorted(front, key=lambda trial: (-(trial.accuracy or 0.0), trial.number)))
