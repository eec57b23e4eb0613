"""What a tabular benchmark is: every architecture of a space, trained and recorded."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.errors import DataError
from deltanas.seeds import generator
from deltanas.spaces import Architecture, Codes, SearchSpace


class Signal(StrEnum):
    """What one query of a table answers."""

    MEAN = "mean"
    """The mean validation accuracy over all recorded trainings."""
    ONE_RUN = "one-run"
    """One recorded training, drawn by seed and network: what a real training would tell."""


@final
@dataclass(frozen=True)
class Benchmark:
    """A table of trained architectures.

    Raises:
        DataError: The arrays do not belong together, or a value is no accuracy.
    """

    name: str
    """What the command line calls it, e.g. `nasbench201:cifar10`."""
    space: SearchSpace
    """Space of the architectures."""
    codes: Codes
    """Code of each recorded architecture, one row each."""
    runs: Float[np.ndarray, "architectures runs"]
    """Validation accuracy of each training, a fraction; NaN where there were fewer."""
    seconds: Float[np.ndarray, " architectures"]
    """Mean seconds of one training."""
    citation: str
    """Whom to cite."""
    licence: str
    """Licence of the data."""

    def __post_init__(self) -> None:
        """Refuse a table that cannot be one."""
        if not len(self.codes) == len(self.runs) == len(self.seconds):
            raise DataError(
                f"{self.name} has {len(self.codes)} architectures, {len(self.runs)} rows of "
                f"runs and {len(self.seconds)} times; a table has one of each per architecture"
            )
        accuracies = self.runs[~np.isnan(self.runs)]
        if np.isnan(self.runs).all(axis=1).any() or accuracies.min() < 0 or accuracies.max() > 1:
            raise DataError(
                f"{self.name} has a row without an accuracy, or one outside [0, 1]; accuracies "
                f"are fractions: is this file altered, or in per cent?"
            )

    @cached_property
    def values(self) -> Float[np.ndarray, " architectures"]:
        """Mean validation accuracy of each architecture, a fraction."""
        mean: Float[np.ndarray, " architectures"] = np.nanmean(self.runs, axis=1)
        return mean

    @cached_property
    def optimum(self) -> float:
        """The best mean validation accuracy, a fraction."""
        return float(self.values.max())

    @cached_property
    def _row(self) -> dict[tuple[int, ...], int]:
        return {tuple(code): row for row, code in enumerate(self.codes.tolist())}

    def row(self, architecture: Architecture) -> int:
        """Row of an architecture.

        Raises:
            DataError: It is not recorded.
        """
        found = self._row.get(architecture.code)
        if architecture.space != self.space.name or found is None:
            raise DataError(f"{self.name} does not record {architecture!r}")
        return found

    def accuracy(
        self, architecture: Architecture, *, signal: Signal = Signal.MEAN, seed: int = 0
    ) -> float:
        """What a query of this architecture answers, a fraction.

        Args:
            architecture: One of the table.
            signal: The mean over trainings, or one of them.
            seed: Draws the training for `Signal.ONE_RUN`; the same for the same network.
        """
        row = self.row(architecture)
        if signal is Signal.MEAN:
            return float(self.values[row])
        runs = self.runs[row][~np.isnan(self.runs[row])]
        return float(generator(seed, "run", architecture.key).choice(runs))

    def training(self, *, signal: Signal = Signal.MEAN, seed: int = 0) -> "Training":
        """The table as a training function for a study."""
        return Training(self, signal, seed)

    def rank(self, architecture: Architecture) -> int:
        """Place of an architecture by mean validation accuracy; 1 is the best."""
        return int(np.sum(self.values > self.values[self.row(architecture)])) + 1


@final
@dataclass(frozen=True, slots=True)
class Training:
    """Looks up what a training would have given."""

    benchmark: Benchmark
    """The table."""
    signal: Signal
    """What a query answers."""
    seed: int
    """Seed that draws a run."""

    def __call__(self, architecture: Architecture) -> dict[str, float]:
        """Accuracy (a fraction) and the recorded seconds."""
        accuracy = self.benchmark.accuracy(architecture, signal=self.signal, seed=self.seed)
        row = self.benchmark.row(architecture)
        return {"accuracy": accuracy, "seconds": float(self.benchmark.seconds[row])}
