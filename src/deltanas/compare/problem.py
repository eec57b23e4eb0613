"""A benchmark as a comparison asks it: what a query tells, and how far from the best it is."""

from functools import cached_property
from types import MappingProxyType
from typing import Final, final

import numpy as np
from jaxtyping import Float, Int

from deltanas.benchmarks import Benchmark
from deltanas.compare.identity import RawSpace
from deltanas.compare.protocol import Identity, Protocol
from deltanas.evaluation import Recorded
from deltanas.spaces import Architecture, SearchSpace

TOP: Final = MappingProxyType({"optimum": 0.0, "top 0.1 %": 0.001, "top 1 %": 0.01})
"""Levels that queries are counted to, by the share of the table at or above them."""

Values = Float[np.ndarray, " architectures"]


@final
class Problem:
    """A benchmark under the rules of a comparison."""

    def __init__(self, benchmark: Benchmark, protocol: Protocol) -> None:
        """Pool what counts as one architecture.

        Args:
            benchmark: What was recorded.
            protocol: `identity` and `signal` matter here.
        """
        self.name = benchmark.name
        self.protocol = protocol
        self._benchmark = benchmark
        # A table with one row for each network has no other reading.
        raw = protocol.identity is Identity.RAW and benchmark.table is None
        self.space: SearchSpace = RawSpace(benchmark.space) if raw else benchmark.space
        """The space as methods see it: its keys say which architectures are the same."""
        self._class = np.arange(len(benchmark.runs)) if raw else benchmark.classes
        # Rows that share a record (`networks`) are counted once in any reading.
        shared = benchmark.networks if raw and benchmark.networks is not None else self._class
        self._counted: Int[np.ndarray, " classes"] = np.unique(shared, return_index=True)[1]
        pools = not raw and benchmark.table is None
        self._records = self._pooled_records() if pools else {}
        self._means = self._pooled_means() if pools else benchmark.accuracies

    @cached_property
    def levels(self) -> dict[str, float]:
        """Mean accuracy that an architecture must have, by the name of the level.

        Shares are of the architectures that count as different; the optimum is one of them.
        """
        values = np.sort(self._means[self._counted])[::-1]
        return {
            name: float(values[max(int(np.floor(share * len(values))) - 1, 0)])
            for name, share in TOP.items()
        }

    @property
    def optimum(self) -> float:
        """The best mean accuracy there is."""
        return self.levels["optimum"]

    def write(self, architecture: Architecture) -> str:
        """The architecture in the field's notation."""
        return self._benchmark.space.write(architecture)

    def observed(self, architecture: Architecture, seed: int) -> float:
        """What a query of this architecture tells in the runs of this seed, a fraction.

        Raises:
            ArchitectureError: It is not in the table.
        """
        record = self._benchmark.record(architecture)
        if self._records:
            record = self._records[int(self._class[self._find(architecture)])]
        # The key of a code of another space object may be another one: ask ours.
        code = np.array([architecture.code], dtype=np.int32)
        return record.observed(self.protocol.signal, seed, self.space.keys(code)[0])

    def mean(self, architecture: Architecture) -> float:
        """Its mean validation accuracy over all trainings, a fraction."""
        return float(self._means[self._find(architecture)])

    def test(self, architecture: Architecture) -> float | None:
        """Its mean test accuracy, a fraction; None where the benchmark has none."""
        return self._benchmark.test_accuracy(architecture)

    def _find(self, architecture: Architecture) -> int:
        return self._benchmark.row(architecture)

    def _pooled_records(self) -> dict[int, Recorded]:
        """All trainings of each class."""
        runs: dict[int, list[float]] = {}
        for number, row in zip(self._class.tolist(), self._benchmark.runs, strict=True):
            runs.setdefault(number, []).extend(row)
        return {number: Recorded(tuple(row)) for number, row in runs.items()}

    def _pooled_means(self) -> Values:
        return np.array([self._records[number].mean for number in self._class.tolist()])
