"""What the user's training function has to take for what a study is asked to do with it."""

from collections.abc import Callable

from deltanas.errors import ProjectError
from deltanas.evaluation import Evaluator, takes_context


def check_has_context(train: Callable[..., object] | Evaluator | None, what: str, why: str) -> None:
    """Refuse a training function of one argument; an evaluator, or none, knows by itself.

    Args:
        train: The function.
        what: What it is asked for.
        why: What the context is for there.

    Raises:
        ProjectError: It takes no context.
    """
    if train is None or isinstance(train, Evaluator):
        return
    if not takes_context(train):
        raise ProjectError(
            f"expected a training function of two arguments for {what}, "
            f"{getattr(train, '__name__', repr(train))} takes one; {why}, so define "
            f"`def train(architecture, context)`"
        )
