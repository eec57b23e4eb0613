"""A benchmark that answers in other processes: each of them reads the table for itself."""

from dataclasses import dataclass
from typing import final

from deltanas.benchmarks.limited import under_limits
from deltanas.benchmarks.registry import load
from deltanas.evaluation import Signal, TableEvaluator


@final
@dataclass(frozen=True, slots=True)
class Answers:
    """Makes the evaluator of a benchmark; travels to other processes as a name."""

    name: str
    """Name of the benchmark."""
    limits: tuple[str, ...]
    """What its architectures keep to."""
    signal: Signal
    """Which of several recorded trainings is told."""
    seed: int
    """Chooses the training if one is told."""

    def __call__(self) -> TableEvaluator:
        """Read the benchmark and make its evaluator."""
        benchmark = under_limits(load(self.name), self.limits)
        return benchmark.evaluator(signal=self.signal, seed=self.seed)
