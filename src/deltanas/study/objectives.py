"""Several objectives of one study: who searches, and which trials are the best compromises."""

from collections.abc import Sequence

import numpy as np

from deltanas.errors import ObjectiveError
from deltanas.limits import Metrics
from deltanas.records import History, Trial
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
        ObjectiveError: They are not accuracy and at least one cost, or another method is asked
            for.
        LimitError: A cost is not known.
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
        ObjectiveError: They are not accuracy and at least one cost.
    """
    names = [objectives] if isinstance(objectives, str) else list(objectives)
    costs = [name for name in names if name != "accuracy"]
    if not costs or len(names) != len(costs) + 1 or len(set(names)) < len(names):
        raise ObjectiveError(
            f"objectives are 'accuracy' and at least one cost, none twice, got {names!r}; give "
            f"for example ['accuracy', 'params']"
        )
    return costs


def front_of(history: History, searcher: Searcher) -> tuple[Trial, ...]:
    """Finished trials that no other one dominates in the searcher's objectives, best first."""
    finished = history.finished
    if not finished:
        return ()
    accuracies = evaluated(history)[1]
    costs = np.zeros((len(finished), 0))
    if isinstance(searcher, ParetoEvolution):
        costs = searcher.costs_of(finished)
    front = [trial for trial, on in zip(finished, on_front(accuracies, costs), strict=True) if on]
    return tuple(sorted(front, key=lambda trial: (-(trial.accuracy or 0.0), trial.number)))
