"""Evaluation by looking up what a tabular benchmark recorded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import final

from deltanas.errors import DeltaNasError, UnknownNameError
from deltanas.evaluation.outcome import evaluation_of, failed
from deltanas.evaluation.sequential import SequentialEvaluator
from deltanas.records import Evaluation, Proposal
from deltanas.seeds import checked_seed, generator
from deltanas.spaces import Architecture


class Signal(StrEnum):
    """Which of several recorded trainings a query tells."""

    MEAN = "mean"
    """The mean over all recorded trainings."""
    ONE_RUN = "one-run"
    """One of them at random, always the same one for a network and a seed: what users have."""

    @classmethod
    def _missing_(cls, value: object) -> "Signal":
        raise UnknownNameError(
            f"there is no signal {value!r}; signals are {', '.join(each.value for each in cls)}"
        )


@final
@dataclass(frozen=True, slots=True)
class Recorded:
    """What a table recorded of one architecture.

    Raises:
        DeltaNasError: There is no accuracy in it.
    """

    accuracies: tuple[float, ...]
    """Validation accuracy of each training, a fraction; at least one."""
    seconds: float | None = None
    """Seconds of one training, if recorded."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Whatever else was recorded, by name with its unit (`latency_ms`)."""

    def __post_init__(self) -> None:
        """Refuse a record of nothing."""
        if not self.accuracies:
            raise DeltaNasError("a record holds at least one accuracy, got none; check its table")

    @property
    def mean(self) -> float:
        """Mean accuracy over the trainings."""
        return sum(self.accuracies) / len(self.accuracies)

    def observed(self, signal: Signal, seed: int, key: str) -> float:
        """The accuracy that a query tells.

        Args:
            signal: Mean, or one training at random.
            seed: Chooses the training, together with `key`.
            key: Key of the network.
        """
        if signal is Signal.MEAN:
            return self.mean
        chosen = generator(seed, "run", key).integers(len(self.accuracies))
        return self.accuracies[int(chosen)]


@final
class TableEvaluator(SequentialEvaluator):
    """Answers from a table instead of training.

    The seconds of an evaluation are those that the recorded training took.
    """

    def __init__(
        self,
        lookup: Callable[[Architecture], Recorded],
        *,
        signal: Signal | str = Signal.MEAN,
        seed: int = 0,
    ) -> None:
        """Keep the table.

        Args:
            lookup: What was recorded of an architecture; raises a `DeltaNasError` for one
                that is not in the table, which becomes a failed evaluation.
            signal: Which of several recorded trainings is told.
            seed: Chooses the training if one is told.

        Raises:
            UnknownNameError: There is no such signal.
            SeedError: The seed is negative or not a whole number.
        """
        super().__init__()
        self._lookup = lookup
        self._signal = Signal(signal)
        self._seed = checked_seed(seed)

    def evaluate(self, proposal: Proposal) -> Evaluation:
        """Look the architecture up."""
        try:
            record = self._lookup(proposal.architecture)
        except DeltaNasError as error:
            return failed(proposal.number, str(error), None)
        accuracy = record.observed(self._signal, self._seed, proposal.architecture.key)
        return evaluation_of(
            proposal.number, {**record.metrics, "accuracy": accuracy}, record.seconds
        )
