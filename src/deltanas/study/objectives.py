"""Several objectives of one study: who searches, what a result needs, which trials are best."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from deltanas.errors import ObjectiveError
from deltanas.evaluation import failed
from deltanas.limits import Limit, Metrics, Quantity
from deltanas.records import ACCURACY, Evaluation, History, Status, Trial
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


def complete(
    evaluation: Evaluation, searcher: Searcher | None, limits: Sequence[Limit]
) -> Evaluation:
    """The evaluation itself; a failed one where it lacks an objective or what a limit is on.

    One beyond a limit is infeasible; its metrics have the accuracy that it would have had.

    Args:
        evaluation: What came of a training.
        searcher: Its objectives that only a training tells have to be there.
        limits: Those on metrics that only a training tells.
    """
    if evaluation.status is not Status.FINISHED:
        return evaluation
    objectives = searcher.told if isinstance(searcher, ParetoEvolution) else ()
    asked = [("objective", name) for name in objectives]
    asked += [("metric of a limit", limit.metric) for limit in limits]
    metrics = evaluation.metrics
    for what, name in asked:
        if not math.isfinite(metrics.get(name, np.nan)):
            got = ", ".join(map(repr, ("accuracy", *metrics)))
            reason = (
                f"the {what} {name!r} is missing from the result, or is no finite number there; "
                f"the result has {got}"
            )
            return failed(evaluation.number, reason, evaluation.seconds, metrics)
    beyond = [limit for limit in limits if not limit.keeps(metrics[limit.metric])]
    if not beyond:
        return evaluation
    shown = Quantity.of(beyond[0].metric).shown(metrics[beyond[0].metric])
    reason = f"its training told {beyond[0].metric} {shown}, the limit is {beyond[0].shown}"
    return replace(
        evaluation,
        status=Status.INFEASIBLE,
        accuracy=None,
        reason=reason,
        metrics={**metrics, ACCURACY: evaluation.accuracy or 0.0},
    )


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
