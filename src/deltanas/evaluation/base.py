"""What an evaluator is: it takes proposals, works on them, and gives back what came of them."""

import os
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

from deltanas.records import Evaluation, Proposal

OnReport = Callable[[int, int, float, Mapping[str, float]], None]
"""Called with number of the proposal, epoch, accuracy after it, and what else was measured."""
OnLoss = Callable[[int, str], None]
"""Called with number of the proposal, and how its training was lost, in words."""


class Evaluator(ABC):
    """Evaluates proposals: in this process, in others, or on other machines.

    What every evaluator promises; `deltanas.testing.EvaluatorContract` checks it:

    - Each submitted proposal that is not cancelled is collected exactly once, under its number.
    - A failure is a value: whatever the evaluated code does, `collect` returns an
      `Evaluation` with a status and a reason in one line, and the next proposal is none the
      worse for it. Only `KeyboardInterrupt` passes through.
    - Evaluations may come in any order; `capacity` never lies.
    - `on_report` is called with what trainings report, while `collect` waits, as far as the
      evaluator hears of it; nothing depends on it.
    """

    on_report: OnReport | None = None
    """Who hears of epochs; set by whoever submits."""
    on_change: Callable[[], None] | None = None
    """Called while `collect` waits, when `processes` have changed; set by whoever submits."""
    on_loss: OnLoss | None = None
    """Called while `collect` waits, when a training was lost and is begun again; as above."""

    @property
    @abstractmethod
    def capacity(self) -> int:
        """How many proposals may be submitted right now without waiting, 0 or more."""

    @abstractmethod
    def submit(self, proposal: Proposal) -> None:
        """Take a proposal to work on; returns at once.

        Raises:
            ProtocolError: There is no free capacity.
        """

    @abstractmethod
    def collect(self) -> list[Evaluation]:
        """Wait until something is done, and return all that is: at least one evaluation.

        Raises:
            ProtocolError: Nothing was submitted that could get done.
        """

    @abstractmethod
    def cancel(self, number: int) -> None:
        """Forget a submitted proposal: its evaluation will not be collected.

        A number that is not under way, or no longer, is no error.
        """

    @property
    def processes(self) -> dict[str, tuple[int, ...]]:
        """Processes that train, by the name of their machine; by default this one.

        As far as they are known: those that are about to start may be missing.
        """
        return {socket.gethostname(): (os.getpid(),)}

    def close(self) -> None:  # noqa: B027 - most have nothing to end
        """End what was started to train with; called once, by whoever made the evaluator."""
