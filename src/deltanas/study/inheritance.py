"""Weights handed on: which finished training the next one may begin with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from deltanas.errors import BudgetError
from deltanas.evaluation import Evaluator
from deltanas.records import Donor, History
from deltanas.spaces import Architecture, codes_of, edit_distance
from deltanas.study.halving import Halving
from deltanas.study.training_function import check_has_context


@final
@dataclass(frozen=True, slots=True)
class Inheritance:
    """Trainings begin with the weights of the nearest finished one.

    The donor is the finished trial that the fewest edits lead away from; of equally near ones
    the most accurate, and of those the oldest. It is decided when an architecture is proposed,
    from what is known then, and stored with the trial: a search that was interrupted hands on
    the same weights.

    What a training makes of them is its own affair; the built-in one is `training.inherit`.

    Source: weights that pass from parent to child in an evolution of architectures are as in
    Real et al. (2017, ICML), Elsken et al. (2019, ICLR) and Network Morphism (Wei et al. 2016,
    ICML). That the donor is the nearest of all finished ones, whoever was edited, is ours.
    """

    most_edits: int = 1
    """Most edits between the two architectures; where no finished one is so near, a training
    begins with random weights."""

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            BudgetError: Not one edit.
        """
        edits: object = self.most_edits
        if isinstance(edits, bool) or not isinstance(edits, int) or edits < 1:
            raise BudgetError(
                f"weights are inherited over 1 edit or more, got most_edits={edits!r}; give for "
                f"example Inheritance(most_edits=1)"
            )

    @property
    def words(self) -> str:
        """What stores compare."""
        return f"most_edits {self.most_edits}"

    def donor(self, architecture: Architecture, history: History) -> Donor | None:
        """Whose weights a training of this architecture may begin with, if anyone's."""
        finished = history.finished
        if not finished:
            return None
        codes = codes_of([architecture, *(trial.architecture for trial in finished)])
        edits = edit_distance(codes[1:], codes[0])
        near = [
            (int(distance), -(trial.accuracy or 0.0), trial.number, trial.architecture.key)
            for distance, trial in zip(edits, finished, strict=True)
            if distance <= self.most_edits
        ]
        return Donor(*min(near)[2:]) if near else None


def checked_inheritance(
    inheritance: Inheritance | None,
    halving: Halving | None,
    train: Callable[..., object] | Evaluator | None,
) -> str | None:
    """The words of the settings, if there are any.

    Raises:
        BudgetError: Poor trainings are stopped early too, and those that inherit are ahead.
        ProjectError: The function that trains would never hear of weights.
    """
    if inheritance is None:
        return None
    if halving is not None:
        raise BudgetError(
            "successive halving compares trainings after equally many epochs, and those that "
            "inherit weights are ahead; got both, leave one out"
        )
    check_hears_of_weights(train)
    return inheritance.words


def check_hears_of_weights(train: Callable[..., object] | Evaluator | None) -> None:
    """Refuse a training function that no weights can be handed to.

    Raises:
        ProjectError: It takes no context.
    """
    check_has_context(train, "inheritance", "weights are handed on in `context.donor`")
