"""Cheap first, dear later: poor trainings are stopped after few epochs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

from deltanas.errors import BudgetError, LimitError, ObjectiveError
from deltanas.evaluation import Evaluator
from deltanas.limits import Limit
from deltanas.records import History, Rung
from deltanas.study.training_function import check_has_context

MOST_EPOCHS = 100_000
"""Rungs are not looked for beyond; trainings may be longer."""


@final
@dataclass(frozen=True, slots=True)
class Halving:
    """Successive halving over epochs, in the order of the search.

    A training is stopped after `min_epochs`, `min_epochs * reduction`, ... epochs unless it is
    among the best one in `reduction` of those that got so far before it. What it needs is
    decided when it is proposed, from what is known then, and stored with the trial. So a search
    that was interrupted stops the same trainings; with several workers, a training is not
    compared with those that run at the same time.

    Works with every training that reports its epochs. The last epoch is no rung: as long as no
    training is known to have gone on beyond a rung, none is stopped there.

    Source: the stopping variant of ASHA (Li et al. 2020, MLSys); that what is needed is fixed
    with the proposal is ours.
    """

    min_epochs: int = 1
    """Epochs after which a training may be stopped first."""
    reduction: int = 3
    """One in so many goes on."""

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            BudgetError: Not one epoch, or a reduction of less than two.
        """
        for name, least in (("min_epochs", 1), ("reduction", 2)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise BudgetError(
                    f"successive halving needs {name} of {least} or more, got {value!r}; give for "
                    f"example min_epochs=2, reduction=3"
                )

    @property
    def words(self) -> str:
        """What stores compare."""
        return f"min_epochs {self.min_epochs}, reduction {self.reduction}"

    def rungs(self, history: History) -> tuple[Rung, ...]:
        """What the next training needs to go on, after which epochs."""
        ended = [each.evaluation for each in history.trials if each.evaluation is not None]
        longest = max(
            (max(each.evaluation.rungs, default=0) for each in history.finished if each.evaluation),
            default=0,
        )
        found = []
        epoch = self.min_epochs
        while epoch <= MOST_EPOCHS:
            known = sorted(each.rungs[epoch] for each in ended if epoch in each.rungs)
            needed = None
            if epoch < longest and len(known) >= self.reduction:
                # With itself, one more: it must be as good as the best `place` of them.
                place = (len(known) + 1) // self.reduction
                needed = known[-place]
            found.append(Rung(epoch, needed))
            epoch *= self.reduction
        return tuple(found)


def checked_halving(
    halving: Halving | None,
    objectives: Sequence[str],
    told: Sequence[Limit],
    train: Callable[..., object] | Evaluator | None,
) -> str | None:
    """The words of the settings, if there are any.

    Raises:
        ObjectiveError: There are several objectives: what is poor in one may be good in another.
        LimitError: A limit is on what only trainings tell: those within it may be the poor ones,
            and those that are stopped do not tell.
        ProjectError: The function that trains has nothing to report its epochs to.
    """
    if halving is not None and objectives:
        raise ObjectiveError(
            f"successive halving stops what is less accurate, got the objectives "
            f"{', '.join(objectives)} too; leave one of the two out"
        )
    if halving is not None and told:
        raise LimitError(
            f"successive halving stops what is less accurate before it tells of {told[0].metric}, "
            f"got the limit {told[0].words!r} too; leave one of the two out"
        )
    if halving is not None:
        check_tells_epochs(train)
    return None if halving is None else halving.words


def check_tells_epochs(train: Callable[..., object] | Evaluator | None) -> None:
    """Refuse a training function that cannot report its epochs.

    Raises:
        ProjectError: It takes no context.
    """
    check_has_context(train, "successive halving", "epochs are told to `context.report`")
