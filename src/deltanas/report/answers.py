"""What a report asks of a benchmark: of one with a table, and of one where a model answers."""

from typing import Protocol, runtime_checkable

from jaxtyping import Float, Int
from numpy import ndarray

from deltanas.spaces import Architecture


class Answering(Protocol):
    """What both tell."""

    @property
    def name(self) -> str:
        """Name of the benchmark."""
        ...

    @property
    def citation(self) -> str:
        """Who recorded it, or made the model."""
        ...

    @property
    def split(self) -> str:
        """What the accuracies are measured on, or stand for: `validation`, for most."""
        ...

    def evaluate(self, architecture: Architecture, *, signal: str, seed: int) -> float:
        """What a query tells."""
        ...


@runtime_checkable
class Table(Answering, Protocol):
    """All accuracies of a space: what a study on a benchmark can be compared with."""

    @property
    def classes(self) -> Int[ndarray, " architectures"]:
        """Number of the network of each row."""
        ...

    @property
    def accuracies(self) -> Float[ndarray, " architectures"]:
        """Mean accuracy of each row, a fraction."""
        ...

    @property
    def size(self) -> int:
        """How many architectures are ranked."""
        ...

    @property
    def optimum(self) -> float:
        """The highest mean accuracy, a fraction."""
        ...

    def rank(self, accuracy: float) -> int:
        """Place of a mean accuracy, from 1."""
        ...

    def test_accuracy(self, architecture: Architecture) -> float | None:
        """Mean test accuracy, a fraction, where it is recorded."""
        ...


@runtime_checkable
class Model(Answering, Protocol):
    """Answers without a table: nobody knows all accuracies of the space, or the best one."""

    @property
    def error(self) -> str:
        """How far the model is from trainings."""
        ...

    @property
    def best_known(self) -> float:
        """Highest accuracy that anybody found."""
        ...

    @property
    def sampled(self) -> Float[ndarray, " sample"]:
        """Accuracies of random architectures, ascending."""
        ...
