"""From a results file to the numbers that tables and figures show."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, final

import numpy as np
from jaxtyping import Float

from deltanas.compare.curves import Curves
from deltanas.compare.metrics import Estimate, estimate, log_area, queries_to
from deltanas.compare.protocol import ComparisonError
from deltanas.compare.results import read
from deltanas.compare.significance import Ranks, holm, paired_p, ranks

BUDGETS: Final = (20, 50, 100, 150, 200)
"""Queries at which regrets are compared, as far as the budget goes."""
TASKS_FOR_RANKS: Final = 5
"""With fewer tasks, ranks are averaged over tasks and seeds instead of over tasks."""
FOUND: Final = "best found by these runs, better than the best known before"
"""What stands for the optimum where a run was better than everybody before."""


@final
@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a method on a benchmark."""

    benchmark: str
    """Name of the benchmark."""
    method: str
    """Name of the method."""
    runs: int
    """How many seeds."""
    queries: Mapping[str, Estimate]
    """Queries to each level; censored runs count with the whole budget."""
    censored: Mapping[str, int]
    """Runs that did not reach the level."""
    median_to_optimum: float
    """Median of the queries to the optimum, censored runs counted with the whole budget."""
    regret: Mapping[int, Estimate]
    """Regret at each budget, a fraction."""
    area: float
    """Mean decimal logarithm of regret over all queries."""
    test: Estimate | None
    """Test accuracy of the final incumbent, a fraction."""
    seconds: float
    """Median CPU seconds of a proposal."""


@final
@dataclass(frozen=True, slots=True)
class Comparison:
    """A results file, read."""

    curves: Mapping[tuple[str, str], Curves]
    """By benchmark and method."""
    levels: Mapping[str, Mapping[str, float]]
    """Accuracy of each level, by benchmark."""
    budget: int
    """Queries of each run."""
    starts: int
    """Of which random and equal for all."""
    head: Mapping[str, str]
    """The protocol and versions as recorded."""
    references: Mapping[str, str] = field(default_factory=dict)
    """What stands for the optimum, by benchmark, where there is no table and nobody knows it."""

    @property
    def rules(self) -> str:
        """What held for all runs, beside the budget, in words."""
        words = [f"{name} {self.head[name]}" for name in ("signal", "identity", "starts")]
        limits = self.head.get("limits", "")
        return ", ".join(words + ([f"limits {limits}"] if limits else []))

    @property
    def benchmarks(self) -> list[str]:
        """Their names, in order."""
        return list(dict.fromkeys(benchmark for benchmark, _ in self.curves))

    @property
    def methods(self) -> list[str]:
        """Their names, in order."""
        return list(dict.fromkeys(method for _, method in self.curves))

    @property
    def budgets(self) -> list[int]:
        """Budgets at which regrets are compared; the whole one is among them."""
        return [*(each for each in BUDGETS if self.starts < each < self.budget), self.budget]

    def counted_from_best(self, best: Mapping[str, float] | None = None) -> "Comparison":
        """The same runs with regrets counted from the best known, or a better one found here.

        Args:
            best: Accuracies that others found, for some benchmarks without a table.
        """
        raised: dict[str, float] = {}
        for benchmark in self.references:
            tops = [
                float(c.mean.max()) for (name, _), c in self.curves.items() if name == benchmark
            ]
            level, given = self.levels[benchmark]["optimum"], (best or {}).get(benchmark)
            top = max([level, *tops, *([] if given is None else [given])])
            raised |= {benchmark: top - level} if top > level else {}
        if not raised:
            return self
        curves = {
            key: replace(each, regret=each.regret + raised.get(key[0], 0.0))
            for key, each in self.curves.items()
        }
        levels = {
            name: {**level, "optimum": level["optimum"] + raised.get(name, 0.0)}
            for name, level in self.levels.items()
        }
        references = {**self.references, **dict.fromkeys(raised, FOUND)}
        return replace(self, curves=curves, levels=levels, references=references)

    def paired(self, benchmark: str, one: str, other: str) -> tuple[list[int], list[int]]:
        """Rows of the seeds that both methods ran."""
        a = self.curves[benchmark, one].seeds
        b = self.curves[benchmark, other].seeds
        common = sorted(set(a) & set(b))
        return [a.index(seed) for seed in common], [b.index(seed) for seed in common]


def comparison(path: Path) -> Comparison:
    """Read a results file.

    Raises:
        ComparisonError: It is none, or empty.
    """
    table, head = read(path)
    if not len(table):
        raise ComparisonError(f"{path} holds no runs; run the comparison first")
    budget = int(head["budget"])
    columns = {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}
    curves = {}
    labels = list(zip(columns["benchmark"], columns["method"], strict=True))
    for benchmark, method in dict.fromkeys(labels):
        own = (columns["benchmark"] == benchmark) & (columns["method"] == method)
        part = {name: values[own] for name, values in columns.items()}
        curves[benchmark, method] = _curves(part, budget, int(head["starts"]))
    levels, references = json.loads(head["levels"]), json.loads(head.get("references", "{}"))
    found = Comparison(curves, levels, budget, int(head["starts"]), head, references)
    return found.counted_from_best()


def _curves(part: Mapping[str, np.ndarray], budget: int, starts: int) -> Curves:
    seeds = tuple(int(seed) for seed in np.unique(part["seed"]))
    regret, mean, test = [], [], []
    for seed in seeds:
        rows = np.flatnonzero((part["seed"] == seed) & (part["query"] <= budget))
        rows = rows[np.argsort(part["query"][rows], kind="stable")]
        # A run that ended early stays where it was.
        filled = np.concatenate([rows, np.full(budget - len(rows), rows[-1])])
        regret.append(part["regret"][filled])
        mean.append(part["mean"][filled])
        test.append(part["test"][filled[-1]])
    tests = np.array(test, dtype=float)
    return Curves(
        seeds,
        np.array(regret),
        np.array(mean),
        None if np.isnan(tests).any() else tests,
        part["seconds"][part["query"] > starts],
        int(part["repeats"].sum()),
    )


def rows(found: Comparison) -> list[Row]:
    """The table, benchmark by benchmark, fewest queries to the optimum first."""
    lines = []
    for (benchmark, method), curves in found.curves.items():
        reached = {
            name: queries_to(curves.mean, level) for name, level in found.levels[benchmark].items()
        }
        lines.append(
            Row(
                benchmark,
                method,
                len(curves.seeds),
                {name: estimate(first.astype(float)) for name, (first, _) in reached.items()},
                {name: int(censored.sum()) for name, (_, censored) in reached.items()},
                float(np.median(reached["optimum"][0])),
                {budget: estimate(curves.regret[:, budget - 1]) for budget in found.budgets},
                float(log_area(curves.regret[:, found.starts :]).mean()),
                None if curves.test is None else estimate(curves.test),
                float(np.median(curves.seconds)) if len(curves.seconds) else 0.0,
            )
        )
    place = {name: order for order, name in enumerate(found.benchmarks)}
    return sorted(lines, key=lambda row: (place[row.benchmark], row.queries["optimum"].mean))


@final
@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a peer's regret differs from the chosen method's at a budget."""

    benchmark: str
    """Name of the benchmark."""
    peer: str
    """Name of the other method."""
    budget: int
    """Queries after which they are compared."""
    difference: float
    """The peer's mean regret minus the chosen method's, a fraction: above 0, the peer is worse."""
    p_value: float
    """Wilcoxon's, corrected after Holm over all peers of this benchmark and budget."""

    @property
    def words(self) -> str:
        """`better`, `worse` or `undecided`, of the peer, at 5 %."""
        if self.p_value > 0.05 or self.difference == 0.0:  # noqa: PLR2004 - the usual level
            return "undecided"
        return "worse" if self.difference > 0 else "better"


def verdicts(found: Comparison, method: str) -> list[Verdict]:
    """The chosen method against each other one, at each budget.

    Raises:
        ComparisonError: The method is not in the results.
    """
    if method not in found.methods:
        raise ComparisonError(
            f"the results hold no runs of {method!r} to compare with; "
            f"they hold {', '.join(found.methods)}"
        )
    verdicts = []
    for benchmark in found.benchmarks:
        peers = [
            peer for peer in found.methods if peer != method and (benchmark, peer) in found.curves
        ]
        for budget in found.budgets if (benchmark, method) in found.curves else ():
            regrets = {
                each: found.curves[benchmark, each].regret[:, budget - 1]
                for each in (method, *peers)
            }
            verdicts += [
                Verdict(benchmark, peer, budget, difference, p_value)
                for peer, (difference, p_value) in tested(found, benchmark, method, regrets).items()
            ]
    return verdicts


def tested(
    found: Comparison,
    benchmark: str,
    method: str,
    figures: Mapping[str, Float[np.ndarray, " runs"]],
) -> dict[str, tuple[float, float]]:
    """The mean difference of each other method to one, and its p-value corrected after Holm.

    Args:
        found: Says which runs are of one seed.
        benchmark: Where they ran.
        method: The one that the others are compared with.
        figures: One number per run, by method, `method` too.
    """
    differences, chances = {}, []
    for peer in figures:
        if peer != method:
            mine, others = found.paired(benchmark, method, peer)
            ours, theirs = figures[method][mine], figures[peer][others]
            differences[peer] = float(theirs.mean() - ours.mean())
            chances.append(paired_p(ours, theirs))
    corrected = zip(differences.items(), holm(chances), strict=True)
    return {peer: (difference, p_value) for (peer, difference), p_value in corrected}


def overall(found: Comparison) -> Ranks:
    """Average ranks by the area under the log-regret curve.

    Blocks are tasks if there are at least `TASKS_FOR_RANKS`; with fewer, each pair of task
    and seed is one. Only methods that ran everywhere, and seeds that all of them ran, count.

    Raises:
        ComparisonError: Fewer than two methods or blocks are left.
    """
    methods = [
        method
        for method in found.methods
        if all((benchmark, method) in found.curves for benchmark in found.benchmarks)
    ]
    blocks = []
    for benchmark in found.benchmarks:
        seeds = [set(found.curves[benchmark, method].seeds) for method in methods]
        common = sorted(set.intersection(*seeds)) if seeds else []
        areas = []
        for method in methods:
            curves = found.curves[benchmark, method]
            place = [curves.seeds.index(seed) for seed in common]
            areas.append(log_area(curves.regret[place][:, found.starts :]))
        block = np.array(areas).T.reshape(-1, len(methods))
        many = len(found.benchmarks) >= TASKS_FOR_RANKS
        blocks.append(block.mean(axis=0, keepdims=True) if many else block)
    return ranks(methods, np.concatenate(blocks) if blocks else np.zeros((0, 0)))
