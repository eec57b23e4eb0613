"""What a benchmark is: a space whose architectures were all trained by somebody, and looked up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import final

import numpy as np
from jaxtyping import Float, Int

from deltanas.benchmarks.base_checks import refuse_bad_accuracies, refuse_unequal_records
from deltanas.errors import ArchitectureError, DataError
from deltanas.evaluation import Recorded, Signal, TableEvaluator
from deltanas.spaces import Architecture, Codes, SearchSpace

Values = Float[np.ndarray, " architectures"]


@final
@dataclass(frozen=True, eq=False)
class Benchmark:
    """A table of recorded trainings, one row for each code of its space.

    All arrays are aligned to `codes`, that is, to `space.all_codes()`; an architecture is
    looked up by its code. Where several rows stand for one network and share their record,
    `networks` says which do. A table with one row for each network brings the `table` of
    its codes instead, and an architecture is looked up by its key in `row_of`.

    Raises:
        DataError: The parts differ in length or do not belong together; a row has no
            training, or an accuracy that is no fraction; rows of one network differ.
    """

    name: str
    """Name that it is loaded by: `nasbench201:cifar10`."""
    space: SearchSpace
    """Space of the architectures."""
    citation: str
    """Who trained them, where it was published."""
    licence: str
    """Licence of the data, and the package they come with."""
    runs: Sequence[tuple[float, ...]]
    """Accuracy of each training on `split`, a fraction, row by row; at least one."""
    seconds: Values | None = None
    """Seconds of one training; None where the table at hand does not tell for all rows."""
    metrics: Mapping[str, Values] = field(default_factory=dict)
    """What else was recorded, by name with its unit (`latency_ms`)."""
    split: str = "validation"
    """What the accuracies are measured on, where they are not validation accuracies."""
    test_accuracies: Values | None = None
    """Mean test accuracy, a fraction; None where the table at hand has none."""
    networks: Int[np.ndarray, " architectures"] | None = None
    """Number of the network of each row, where rows share records; None: each has its own."""
    table: Codes | None = None
    """Code of each row, where the rows are networks and not `space.all_codes()`."""
    row_of: Mapping[str, int] | None = None
    """Row of each canonical key; given exactly if `table` is."""

    def __post_init__(self) -> None:
        """Refuse parts that do not belong together."""
        if (self.table is None) != (self.row_of is None):
            raise DataError(
                f"benchmark {self.name!r} needs the table of its codes and the row of each key "
                f"together, got one of them; give both, or neither"
            )
        lengths = {"runs": len(self.runs)}
        lengths |= {metric: len(values) for metric, values in self.metrics.items()}
        for part, values in (
            ("seconds", self.seconds),
            ("test_accuracies", self.test_accuracies),
            ("networks", self.networks),
        ):
            lengths |= {} if values is None else {part: len(values)}
        for part, length in lengths.items():
            if length != len(self.codes):
                raise DataError(
                    f"benchmark {self.name!r} needs a row for each of the {len(self.codes)} codes "
                    f"of its table, got {length} in {part!r}; give the parts one order"
                )
        refuse_bad_accuracies(self.name, self.runs, self.test_accuracies, self._words)
        if self.networks is not None:
            refuse_unequal_records(self.name, self.runs, self.networks, self._words)

    def _words(self, row: int) -> str:
        """The architecture of a row as its space writes it."""
        return self.space.write(self.space.from_codes(self.codes[row : row + 1])[0])

    @cached_property
    def codes(self) -> Codes:
        """Codes of the rows."""
        return self.space.all_codes() if self.table is None else self.table

    @cached_property
    def accuracies(self) -> Values:
        """Mean accuracy over all recorded trainings, a fraction."""
        # Summed as `Recorded.mean` does, so that a looked-up accuracy equals its entry here.
        return np.array([sum(row) / len(row) for row in self.runs])

    @cached_property
    def classes(self) -> Int[np.ndarray, " architectures"]:
        """Number of the network of each row: rows with one canonical key have one number."""
        if self.table is not None:
            return np.arange(len(self.table))
        return np.unique(self.space.keys(self.codes), return_inverse=True)[1]

    @cached_property
    def padded_runs(self) -> Float[np.ndarray, "architectures runs"]:
        """All trainings as a rectangle; NaN where a row has fewer than others."""
        padded = np.full((len(self.runs), max(map(len, self.runs))), np.nan)
        for row, values in enumerate(self.runs):
            padded[row, : len(values)] = values
        return padded

    @property
    def size(self) -> int:
        """How many records there are to find: rows, or networks where rows share records."""
        return len(self._ranked)

    @property
    def optimum(self) -> float:
        """The highest mean accuracy in the table."""
        return float(self._ranked[-1])

    @property
    def best(self) -> Architecture:
        """The architecture with that accuracy, the first of equals."""
        row = int(np.argmax(self.accuracies))
        return self.space.from_codes(self.codes[row : row + 1])[0]

    def rank(self, accuracy: float) -> int:
        """Place that a mean accuracy has in the table; 1 is the best, ties share."""
        return self.size - int(np.searchsorted(self._ranked, accuracy, side="right")) + 1

    def row(self, architecture: Architecture) -> int:
        """Row that records an architecture.

        Raises:
            ArchitectureError: It is not in the table.
        """
        row = None
        if architecture.decisions == self.space.decisions:
            if self.row_of is None:
                row = self._rows.get(architecture.code)
            else:
                row = self.row_of.get(self._key(architecture))
        if row is None:
            raise ArchitectureError(
                f"benchmark {self.name!r} records the architectures of space "
                f"{self.space.name!r}, got {architecture!r}"
            )
        return row

    def record(self, architecture: Architecture) -> Recorded:
        """Everything that was recorded of an architecture.

        Raises:
            ArchitectureError: It is not in the table.
        """
        row = self.row(architecture)
        metrics = {metric: float(values[row]) for metric, values in self.metrics.items()}
        seconds = None if self.seconds is None else float(self.seconds[row])
        return Recorded(self.runs[row], seconds, metrics)

    def evaluate(
        self, architecture: Architecture, *, signal: Signal | str = Signal.MEAN, seed: int = 0
    ) -> float:
        """Accuracy of an architecture on `split`, a fraction.

        Args:
            architecture: What to look up.
            signal: `"mean"` over the recorded trainings, or `"one-run"`: one of them.
            seed: Chooses the training if it is one.

        Raises:
            ArchitectureError: It is not in the table.
            UnknownNameError: There is no such signal.
        """
        return self.record(architecture).observed(Signal(signal), seed, architecture.key)

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Names of what was recorded besides accuracies: what limits may be on."""
        return tuple(self.metrics)

    def measure(self, metric: str, codes: Codes) -> Values:
        """A metric of each valid code; NaN for a code that is not in the table."""
        if self.row_of is None:
            rows = [self._rows.get(tuple(code), -1) for code in codes.tolist()]
        else:
            rows = [self.row_of.get(key, -1) for key in self.space.keys(codes)]
        values: Values = np.append(self.metrics[metric], np.nan)[rows]
        return values

    def test_accuracy(self, architecture: Architecture) -> float | None:
        """Mean test accuracy of an architecture, a fraction; None where none is recorded.

        Raises:
            ArchitectureError: It is not in the table.
        """
        row = self.row(architecture)
        return None if self.test_accuracies is None else float(self.test_accuracies[row])

    def evaluator(self, *, signal: Signal | str = Signal.MEAN, seed: int = 0) -> TableEvaluator:
        """An evaluator that answers from this table; see `evaluate`."""
        return TableEvaluator(self.record, signal=signal, seed=seed)

    @cached_property
    def _ranked(self) -> Float[np.ndarray, " records"]:
        """Mean accuracy of each record, ascending."""
        values = self.accuracies
        if self.networks is not None:
            values = values[np.unique(self.networks, return_index=True)[1]]
        return np.sort(values)

    @cached_property
    def _rows(self) -> Mapping[tuple[int, ...], int]:
        return {tuple(code): row for row, code in enumerate(self.codes.tolist())}

    def _key(self, architecture: Architecture) -> str:
        # The key that another space object gave it may be another one: ask ours.
        code = np.array([architecture.code], dtype=np.int32)
        return self.space.keys(code)[0]
