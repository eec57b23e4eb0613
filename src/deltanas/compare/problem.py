"""A benchmark as a comparison asks it: what a query tells, and how far from the best it is."""

from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.compare.identity import RawSpace
from deltanas.compare.protocol import ComparisonError, Identity, Protocol, Signal
from deltanas.seeds import generator
from deltanas.spaces import Architecture, Codes, SearchSpace

TOP = {"optimum": 0.0, "top 0.1 %": 0.001, "top 1 %": 0.01}
"""Levels that queries are counted to, by the share of the table at or above them."""


@final
@dataclass(frozen=True)
class Table:
    """All recorded architectures of a benchmark and their accuracies, row by row."""

    name: str
    """Name of the benchmark, e.g. `nasbench201:cifar10`."""
    space: SearchSpace
    """Space of the architectures."""
    codes: Codes
    """Their codes, shape `(architectures, decisions)`."""
    runs: Float[np.ndarray, "architectures runs"]
    """Validation accuracy of each training, a fraction; NaN where there were fewer."""
    test: Float[np.ndarray, " architectures"] | None = None
    """Mean test accuracy, a fraction; None where the benchmark records none."""

    def __post_init__(self) -> None:
        """Refuse arrays that do not belong together, or rows without a value."""
        if len(self.runs) != len(self.codes) or not len(self.codes):
            raise ComparisonError(
                f"a table has one row of runs per architecture, got {len(self.codes)} "
                f"architectures and {len(self.runs)} rows in {self.name!r}"
            )
        if np.isnan(self.runs).all(axis=1).any():
            raise ComparisonError(
                f"every architecture needs at least one accuracy, row "
                f"{int(np.argmax(np.isnan(self.runs).all(axis=1)))} of {self.name!r} has none"
            )


@final
class Problem:
    """A table under the rules of a comparison."""

    def __init__(self, table: Table, protocol: Protocol) -> None:
        """Work out every architecture's value and the levels that count.

        Args:
            table: What was recorded.
            protocol: `identity` and `signal` matter here.
        """
        self.name = table.name
        self.protocol = protocol
        self._table = table
        raw = protocol.identity is Identity.RAW
        self.space: SearchSpace = RawSpace(table.space) if raw else table.space
        """The space as methods see it: its keys say which architectures are the same."""
        means: Float[np.ndarray, " architectures"] = np.nanmean(table.runs, axis=1)
        test = table.test
        self._twins: dict[int, list[int]] = {}
        if not raw:
            labels = np.unique(table.space.keys(table.codes), return_inverse=True)[1]
            means, test = _pooled(means, labels), None if test is None else _pooled(test, labels)
            order = np.argsort(labels, kind="stable")
            groups = np.split(order, np.cumsum(np.bincount(labels))[:-1])
            self._twins = {int(row): group.tolist() for group in groups for row in group}
        self._means, self._test = means, test
        self._row = {tuple(code): row for row, code in enumerate(table.codes.tolist())}

    @cached_property
    def levels(self) -> dict[str, float]:
        """Mean value that an architecture must reach, by the name of the level.

        Shares are of architectures that count as different.
        """
        first = {min(twins) for twins in self._twins.values()}
        values = np.sort(self._means[sorted(first)] if first else self._means)[::-1]
        return {
            name: float(values[max(int(np.floor(share * len(values))) - 1, 0)])
            for name, share in TOP.items()
        }

    @property
    def optimum(self) -> float:
        """The best mean value there is."""
        return self.levels["optimum"]

    def write(self, architecture: Architecture) -> str:
        """The architecture in the field's notation."""
        return self._table.space.write(architecture)

    def observed(self, architecture: Architecture, seed: int) -> float:
        """What a query of this architecture tells in the runs of this seed, a fraction."""
        row = self._find(architecture)
        if self.protocol.signal is Signal.MEAN:
            return float(self._means[row])
        twins = self._twins.get(row, [row])
        runs = self._table.runs[twins].ravel()
        runs = runs[~np.isnan(runs)]
        return float(generator(seed, "training", *map(int, twins)).choice(runs))

    def mean(self, architecture: Architecture) -> float:
        """Its mean validation accuracy over all trainings, a fraction."""
        return float(self._means[self._find(architecture)])

    def test(self, architecture: Architecture) -> float | None:
        """Its mean test accuracy, a fraction; None where the benchmark has none."""
        return None if self._test is None else float(self._test[self._find(architecture)])

    def _find(self, architecture: Architecture) -> int:
        row = self._row.get(architecture.code)
        if row is None:
            raise ComparisonError(
                f"benchmark {self.name!r} records no architecture {self.write(architecture)!r}; "
                f"a method proposed something outside the table"
            )
        return row


def _pooled(
    values: Float[np.ndarray, " architectures"], labels: np.ndarray
) -> Float[np.ndarray, " architectures"]:
    """Each value replaced by the mean of its class."""
    sums: Float[np.ndarray, " classes"] = np.bincount(labels, values)
    pooled: Float[np.ndarray, " architectures"] = (sums / np.bincount(labels))[labels]
    return pooled
