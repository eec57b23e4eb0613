"""Options that would do nothing are refused: who typed them believes that they do something."""

from collections.abc import Sequence

from deltanas.cli.order import DEFAULT_SIGNAL, Order
from deltanas.errors import BudgetError, ProjectError

RECORDED = ("--scores", "--epochs", "--device", "--cost", "--input-shape")
"""Options of trainings that have no meaning where accuracies are recorded."""
OWN = ("--scores", "--epochs")
"""Options of the built-in training that have none for a function of the user's."""


def check_idle(order: Order, options: Sequence[str], what: str) -> None:
    """Refuse options that have no meaning for what is searched.

    Args:
        order: What was typed.
        options: Which options have none.
        what: What is searched, for the message: `nasbench201:cifar10, whose accuracies ...`.

    Raises:
        ProjectError: One of them was typed.
    """
    typed = order.training.typed
    for option in options:
        if option in typed:
            raise ProjectError(
                f"expected --data and networks for {option} {typed[option]}, got {what}; leave "
                f"{option} out"
            )


def check_signal(order: Order) -> None:
    """Refuse to choose among recorded trainings where networks are trained.

    Raises:
        ProjectError: A signal was typed.
    """
    if order.signal != DEFAULT_SIGNAL:
        raise ProjectError(
            f"expected a benchmark with recorded trainings for --signal {order.signal}, got "
            f"{order.benchmark}, whose networks are trained; leave --signal out"
        )


def check_rungs(order: Order, epochs: int) -> None:
    """Refuse to stop trainings early where none has epochs left to stop.

    Args:
        order: What was typed.
        epochs: Of each training.

    Raises:
        BudgetError: Trainings may be stopped when they end, or later.
    """
    if order.min_epochs is not None and order.min_epochs >= epochs:
        raise BudgetError(
            f"--min-epochs {order.min_epochs} stops nothing, got trainings of {epochs} epochs; "
            f"give fewer, or more --epochs"
        )
