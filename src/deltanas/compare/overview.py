"""Table 1: all methods and all benchmarks at a glance, as Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Float

from deltanas.compare.metrics import estimate, queries_to
from deltanas.compare.summary import Comparison, tested
from deltanas.compare.tables import table

BUDGETS: Final = (50, 100)
"""Queries at which regrets are shown."""
LEVEL: Final = 0.05
"""Probability below which a difference counts."""
ABSENT: Final = "-"
WORSE: Final = "▼"
BETTER: Final = "▲"

Figures = Mapping[tuple[str, str], Float[np.ndarray, " runs"]]
"""One number per run, by benchmark and method, in the order of the seeds."""


def overview(found: Sequence[Comparison], ours: str) -> str:
    """One section per protocol with methods as rows and benchmarks as columns.

    Args:
        found: Joined comparisons, one per protocol.
        ours: The method that comes first and that all others are tested against.
    """
    explained = (
        f"Means over runs with 95 % bootstrap intervals; the best mean of a column is bold. "
        f"`{WORSE}` worse and `{BETTER}` better than {ours} at 5 %: Wilcoxon tests paired by seed, "
        f"corrected after Holm over the methods of a column. No mark: undecided. `{ABSENT}`: not "
        f"run."
    )
    parts = ["# Table 1", explained]
    for each in found:
        parts += _section(each, ours)
    return "\n\n".join(parts) + "\n"


@final
@dataclass(frozen=True, slots=True)
class _Sheet:
    """One table: a number per run of each method on each benchmark, less is better."""

    comparison: Comparison
    figures: Figures
    ours: str
    form: str
    """How a number is written, for `format`."""
    missed: Mapping[tuple[str, str], int]
    """Runs that did not get there, where that says something."""

    def markdown(self, order: Sequence[str]) -> str:
        """The table, methods in this order."""
        benchmarks = self.comparison.benchmarks
        columns = [self._column(benchmark, order) for benchmark in benchmarks]
        rows = zip(order, *columns, strict=True)
        return table(["method", *benchmarks], [list(row) for row in rows])

    def _column(self, benchmark: str, order: Sequence[str]) -> list[str]:
        marks = self._marks(benchmark)
        ran = [method for method in order if (benchmark, method) in self.figures]
        least = min(self.figures[benchmark, method].mean() for method in ran)
        cells = []
        for method in order:
            if method not in ran:
                cells.append(ABSENT)
                continue
            found = estimate(self.figures[benchmark, method])
            mean, low, high = (
                format(each, self.form) for each in (found.mean, found.low, found.high)
            )
            mean = f"**{mean}**" if found.mean <= least else mean
            missed = self.missed.get((benchmark, method), 0)
            tail = f" ({missed})" if missed else ""
            cells.append(f"{mean} [{low}, {high}]{tail}{marks.get(method, '')}")
        return cells

    def _marks(self, benchmark: str) -> dict[str, str]:
        """What the tests say of each method, where they say something."""
        found = self.comparison
        if (benchmark, self.ours) not in found.curves:
            return {}
        figures = {
            method: self.figures[benchmark, method]
            for method in found.methods
            if (benchmark, method) in found.curves and found.paired(benchmark, self.ours, method)[0]
        }
        return {
            method: f" {WORSE if difference > 0 else BETTER}"
            for method, (difference, chance) in tested(found, benchmark, self.ours, figures).items()
            if chance < LEVEL and difference
        }


def _section(found: Comparison, ours: str) -> list[str]:
    runs = sorted({len(curves.seeds) for curves in found.curves.values()})
    counts = f"{runs[0]}" if len(runs) == 1 else f"{runs[0]} to {runs[-1]}"
    queries = {
        (benchmark, method): queries_to(curves.mean, found.levels[benchmark]["optimum"])
        for (benchmark, method), curves in found.curves.items()
    }
    reached = {key: first.astype(float) for key, (first, _) in queries.items()}
    missed = {key: int(censored.sum()) for key, (_, censored) in queries.items()}
    order = _order(found.methods, reached, ours)
    parts = [
        f"## {found.rules}, budget {found.budget}",
        f"### Queries to the optimum, {counts} runs",
        f"In brackets behind: runs that did not find it, counted as {found.budget}.",
        _Sheet(found, reached, ours, ".1f", missed).markdown(order),
    ]
    for budget in BUDGETS:
        if found.starts < budget <= found.budget:
            regret = {
                key: 100 * curves.regret[:, budget - 1] for key, curves in found.curves.items()
            }
            parts += [
                f"### Regret after {budget} queries, percentage points",
                _Sheet(found, regret, ours, ".3f", {}).markdown(order),
            ]
    return parts


def _order(methods: Sequence[str], reached: Figures, ours: str) -> list[str]:
    """Ours first, then those that ran on most benchmarks, of these fewest queries first."""
    ran = {
        method: [values.mean() for (_, name), values in reached.items() if name == method]
        for method in methods
    }
    return sorted(
        methods, key=lambda method: (method != ours, -len(ran[method]), np.mean(ran[method]))
    )
