"""A benchmark as a comparison asks it: what a query tells, and how far from the best it is."""

from functools import cached_property
from types import MappingProxyType
from typing import Final, final

import numpy as np
from jaxtyping import Float, Int

from deltanas.benchmarks import Benchmark, Surrogate
from deltanas.compare.identity import RawSpace
from deltanas.compare.protocol import ComparisonError, Identity, Protocol
from deltanas.evaluation import Recorded
from deltanas.spaces import Architecture, SearchSpace

TOP: Final = MappingProxyType({"optimum": 0.0, "top 0.1 %": 0.001, "top 1 %": 0.01})
"""Levels that queries are counted to, by the share of the table at or above them.

Without a table, the optimum is the best known, and shares are of random architectures.
"""

Values = Float[np.ndarray, " architectures"]


@final
class Problem:
    """A benchmark under the rules of a comparison."""

    def __init__(self, benchmark: Benchmark | Surrogate, protocol: Protocol) -> None:
        """Pool what counts as one architecture.

        Args:
            benchmark: What was recorded, or the model that answers.
            protocol: `identity` and `signal` matter here.

        Raises:
            ComparisonError: Runs shall end at an optimum that nobody knows.
        """
        self.name = benchmark.name
        self.protocol = protocol
        self._benchmark = benchmark
        self._answers: _Table | _Model
        self.reference: str | None = None
        """What stands for the optimum where there is no table, in words."""
        if isinstance(benchmark, Surrogate):
            if protocol.until_optimum:
                raise ComparisonError(
                    f"until_optimum needs a known optimum, and {benchmark.name!r} has none, only "
                    f"the best that was found so far; leave it out"
                )
            self._answers = _Model(benchmark)
            self.reference = f"best known ({benchmark.best_known_by})"
        else:
            self._answers = _Table(benchmark, protocol.identity)
        self.space: SearchSpace = self._answers.space
        """The space as methods see it: its keys say which architectures are the same."""

    @cached_property
    def levels(self) -> dict[str, float]:
        """Mean accuracy that an architecture must have, by the name of the level.

        Shares are of the architectures that count as different; the optimum is one of them.
        """
        values, best = self._answers.ranked, self._answers.best
        return {
            name: float(values[max(int(np.floor(share * len(values))) - 1, 0)]) if share else best
            for name, share in TOP.items()
        }

    @property
    def optimum(self) -> float:
        """The best mean accuracy there is, or the best known where there is no table."""
        return self.levels["optimum"]

    def write(self, architecture: Architecture) -> str:
        """The architecture in the field's notation."""
        return self._benchmark.space.write(architecture)

    def observed(self, architecture: Architecture, seed: int) -> float:
        """What a query of this architecture tells in the runs of this seed, a fraction.

        Raises:
            ArchitectureError: It is not in the table.
        """
        # The key of a code of another space object may be another one: ask ours.
        code = np.array([architecture.code], dtype=np.int32)
        record = self._answers.record(architecture)
        return record.observed(self.protocol.signal, seed, self.space.keys(code)[0])

    def mean(self, architecture: Architecture) -> float:
        """Its mean validation accuracy over all trainings, a fraction."""
        return self._answers.mean(architecture)

    def test(self, architecture: Architecture) -> float | None:
        """Its mean test accuracy, a fraction; None where the benchmark has none."""
        return self._benchmark.test_accuracy(architecture)


@final
class _Model:
    """Answers of a surrogate: equal keys are one architecture, in either identity."""

    def __init__(self, benchmark: Surrogate) -> None:
        self._benchmark = benchmark
        self.space = benchmark.space
        self.best = benchmark.best_known

    @property
    def ranked(self) -> Values:
        """Accuracies of random architectures, the best first."""
        return self._benchmark.sampled[::-1]

    def record(self, architecture: Architecture) -> Recorded:
        return self._benchmark.record(architecture)

    def mean(self, architecture: Architecture) -> float:
        return self._benchmark.evaluate(architecture)


@final
class _Table:
    """Answers of a table, what counts as one architecture pooled."""

    def __init__(self, benchmark: Benchmark, identity: Identity) -> None:
        self._benchmark = benchmark
        # A table with one row for each network has no other reading.
        raw = identity is Identity.RAW and benchmark.table is None
        self.space: SearchSpace = RawSpace(benchmark.space) if raw else benchmark.space
        self._class = np.arange(len(benchmark.runs)) if raw else benchmark.classes
        # Rows that share a record (`networks`) are counted once in any reading.
        shared = benchmark.networks if raw and benchmark.networks is not None else self._class
        self._counted: Int[np.ndarray, " classes"] = np.unique(shared, return_index=True)[1]
        pools = not raw and benchmark.table is None
        self._records = self._pooled_records() if pools else {}
        self._means = self._pooled_means() if pools else benchmark.accuracies

    @cached_property
    def ranked(self) -> Values:
        """Mean accuracies of all that count as different, the best first."""
        return np.sort(self._means[self._counted])[::-1]

    @property
    def best(self) -> float:
        return float(self.ranked[0])

    def record(self, architecture: Architecture) -> Recorded:
        if self._records:
            return self._records[int(self._class[self._benchmark.row(architecture)])]
        return self._benchmark.record(architecture)

    def mean(self, architecture: Architecture) -> float:
        return float(self._means[self._benchmark.row(architecture)])

    def _pooled_records(self) -> dict[int, Recorded]:
        """All trainings of each class."""
        runs: dict[int, list[float]] = {}
        for number, row in zip(self._class.tolist(), self._benchmark.runs, strict=True):
            runs.setdefault(number, []).extend(row)
        return {number: Recorded(tuple(row)) for number, row in runs.items()}

    def _pooled_means(self) -> Values:
        return np.array([self._records[number].mean for number in self._class.tolist()])
