"""What a study is made of: its searcher and its evaluator, from what a user gives."""

from collections.abc import Callable, Sequence

from deltanas.errors import StudyError, StudyMismatchError
from deltanas.evaluation import (
    Crew,
    Evaluator,
    Workplace,
    takes_context,
    trained_by,
)
from deltanas.limits import Limit, LimitedSpace
from deltanas.search import METHODS, Searcher, make
from deltanas.spaces import SearchSpace


def searcher_of(method: object, space: SearchSpace, seed: int | None) -> Searcher:
    """The searcher itself, or the one of that name; seed 0 if none is given.

    Raises:
        StudyError: It is neither a name nor a searcher.
        StudyMismatchError: It was made for another space, seed or limits.
        UnknownNameError: There is no such method.
    """
    if isinstance(method, str):
        return make(method, space, seed=0 if seed is None else seed)
    if not isinstance(method, Searcher):
        raise StudyError(
            f"method is the name of a searcher or a Searcher, got {method!r}; "
            f"names are {', '.join(METHODS)}"
        )
    if method.space.fingerprint() != space.fingerprint():
        raise StudyMismatchError(
            f"the searcher was made for {method.space!r}, the study is of {space!r}; "
            f"make it for the same space"
        )
    asked, kept = _limits(space), _limits(method.space)
    if asked and asked != kept:
        raise StudyMismatchError(
            f"the searcher was made for {_shown(kept)}, the study got {_shown(asked)}; "
            f"make it for deltanas.limits.limited(space, limits), or give "
            f"the method's name"
        )
    if seed is not None and seed != method.seed:
        raise StudyMismatchError(
            f"the searcher has seed {method.seed}, the study got seed {seed}; leave one out"
        )
    return method


def _limits(space: SearchSpace) -> tuple[Limit, ...]:
    return space.limits if isinstance(space, LimitedSpace) else ()


def _shown(limits: Sequence[Limit]) -> str:
    return " and ".join(each.shown for each in limits) or "no limits"


def check_space(space: object) -> None:
    """Refuse what is no space.

    Raises:
        StudyError: It is something else.
    """
    if not isinstance(space, SearchSpace):
        raise StudyError(
            f"space is a search space, got {space!r:.80}; make one of named choices with "
            f"BlockSpace({{'depth': [2, 4, 8]}})"
        )


def check_trainer(train: object) -> None:
    """Refuse what cannot train.

    Raises:
        StudyError: It is neither a function nor an evaluator.
    """
    if not (train is None or isinstance(train, Evaluator) or callable(train)):
        raise StudyError(
            f"train is a function from an architecture to its accuracy, or an Evaluator, got "
            f"{train!r}; give for example `lambda architecture: 0.9`"
        )


def evaluator_of(
    train: Callable[..., object] | Evaluator | None,
    work: Workplace,
    crew: Crew,
) -> Evaluator | None:
    """The evaluator itself, or one of that function; None where there is nothing to train with.

    Raises:
        StudyError: Workers or a time limit are given for an evaluator.
        TrainingError: There are no such workers or limits.
    """
    if train is None or isinstance(train, Evaluator):
        if not crew.is_this_process:
            raise StudyError(
                f"workers and time limits are for a training function, got {train!r}; give them "
                f"to the evaluator itself, for example ProcessEvaluator(make, workers=4)"
            )
        return train
    place = work if takes_context(train) else None
    return trained_by(train, place, crew)
