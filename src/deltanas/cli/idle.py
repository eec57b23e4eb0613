"""Options that would do nothing are refused: who typed them believes that they do something."""

from collections.abc import Sequence

from deltanas.cli.order import DEFAULT_DEVICE, Order
from deltanas.errors import BudgetError, ProjectError
from deltanas.study.halving import Halving

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
    asked = order.training
    typed = {
        "--scores": asked.scores,
        "--epochs": asked.epochs,
        "--device": "" if asked.device == DEFAULT_DEVICE else asked.device,
        "--cost": asked.cost,
        "--input-shape": asked.input_shape,
    }
    for option in options:
        if typed[option]:
            raise ProjectError(
                f"expected --data and networks for {option} {typed[option]}, got {what}; leave "
                f"{option} out"
            )


def check_halving(order: Order, epochs: int | None) -> None:
    """Refuse to stop trainings early where there is nothing to stop, or nothing is.

    Args:
        order: What was typed.
        epochs: Of each training, where that is known.

    Raises:
        BudgetError: A reduction without epochs, or as many epochs as a training has.
    """
    if order.min_epochs is None and order.reduction != Halving().reduction:
        raise BudgetError(
            f"--reduction {order.reduction} is for trainings that are stopped early, got no "
            f"--min-epochs; give for example --min-epochs 2, or leave it out"
        )
    if order.min_epochs is not None and epochs is not None and order.min_epochs >= epochs:
        raise BudgetError(
            f"--min-epochs {order.min_epochs} stops nothing, got trainings of {epochs} epochs; "
            f"give fewer, or more --epochs"
        )
