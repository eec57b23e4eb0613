"""A benchmark that is no table: a model says the accuracy, and the space cannot be listed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, final

import numpy as np
from jaxtyping import Float

from deltanas.errors import ArchitectureError, DataError
from deltanas.evaluation import Recorded, Signal, TableEvaluator
from deltanas.seeds import generator
from deltanas.spaces import Architecture, Codes, SearchSpace

SAMPLE: Final = 20_000
"""Random architectures that an accuracy is ranked among, as the table is not there."""

Values = Float[np.ndarray, " architectures"]
Model = Callable[[Codes], Values]
"""From valid codes to one number each; equal codes give equal numbers."""


@final
@dataclass(frozen=True, eq=False)
class Surrogate:
    """A space whose accuracies a published model computes; nobody trained all of it.

    It answers where a `Benchmark` looks up. Nothing is known of the best there is: in its
    place stands the best that anybody found so far, `best_known`, and architectures are
    ranked among `SAMPLE` random ones. Each answer is the same one always, so the signals
    `mean` and `one-run` are one.

    Raises:
        DataError: The best known accuracy is no finite number.
    """

    name: str
    """Name that it is loaded by: `nasbench301`."""
    space: SearchSpace
    """Space of the architectures."""
    citation: str
    """Who made the model, where it was published."""
    licence: str
    """Licence of the data, and the package they come with."""
    model: Model
    """Accuracy of each code, higher is better; a fraction, or another score below 1."""
    error: str
    """How far the model is from trainings, in one line with numbers."""
    best_known: float
    """Highest accuracy that anybody found, on the same scale."""
    best_known_by: str
    """How it was found, in one line."""
    metrics: Mapping[str, Model] = field(default_factory=dict)
    """What else is computed, by name with its unit (`a100_latency_ms`)."""
    answers: tuple[str, ...] = ()
    """Metrics that say what the accuracy says: only an evaluation tells them, as it does."""
    split: str = "validation"
    """What the accuracies stand for, where they are not validation accuracies."""

    def __post_init__(self) -> None:
        """Refuse a best known accuracy that is none."""
        if not np.isfinite(self.best_known):
            raise DataError(
                f"benchmark {self.name!r} needs the best accuracy known so far, got "
                f"{self.best_known}; search its model and store what was found"
            )

    def accuracies_of(self, codes: Codes) -> Values:
        """Accuracy of each valid code of the space."""
        values: Values = np.asarray(self.model(codes), dtype=float)
        return values

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Names of what is known before an evaluation: what limits may be on."""
        return tuple(name for name in self.metrics if name not in self.answers)

    def measure(self, metric: str, codes: Codes) -> Values:
        """A metric of each valid code."""
        return self.metrics[metric](codes)

    def record(self, architecture: Architecture) -> Recorded:
        """Everything that the models say of an architecture.

        Raises:
            ArchitectureError: It is not of this space.
        """
        if architecture not in self.space:
            raise ArchitectureError(
                f"benchmark {self.name!r} answers for architectures of space "
                f"{self.space.name!r}, got {architecture!r}"
            )
        code = np.array([architecture.code], dtype=np.int32)
        metrics = {name: float(model(code)[0]) for name, model in self.metrics.items()}
        return Recorded((float(self.accuracies_of(code)[0]),), None, metrics)

    def evaluate(
        self, architecture: Architecture, *, signal: Signal | str = Signal.MEAN, seed: int = 0
    ) -> float:
        """Accuracy of an architecture; signal and seed make no difference.

        Raises:
            ArchitectureError: It is not of this space.
            UnknownNameError: There is no such signal.
        """
        return self.record(architecture).observed(Signal(signal), seed, architecture.key)

    def test_accuracy(self, architecture: Architecture) -> float | None:
        """None: the models say nothing of a test set.

        Raises:
            ArchitectureError: It is not of this space.
        """
        self.record(architecture)
        return None

    def evaluator(self, *, signal: Signal | str = Signal.MEAN, seed: int = 0) -> TableEvaluator:
        """An evaluator that answers from the model; see `evaluate`."""
        return TableEvaluator(self.record, signal=signal, seed=seed)

    @cached_property
    def sampled(self) -> Float[np.ndarray, " sample"]:
        """Accuracies of the random architectures that others are ranked among, ascending."""
        codes = self.space.sample_codes(SAMPLE, generator(0, "surrogate sample"))
        return np.sort(self.accuracies_of(codes))
