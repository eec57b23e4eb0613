"""Searches under a limit on what only the training tells. `python -m bench.told_limits`.

FLOPs on NAS-Bench-201 (`--metric latency_ms`: the recorded latency) are taken for something that
nobody knows before a cell is trained, and a fifth of the cells (`--share`) is within the limit.
A training beyond it counts, but is no result. Printed: mean regret of the best within the limit
after 10, 20, 30 and 50 trainings, in points, with 95 % bootstrap intervals, and how many of 50
trainings were within it. Before there is one, the regret is that of the median cell within.
Optuna may train a cell again; that counts as a training.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import optuna

from bench.tables import recorded, searched
from deltanas.benchmarks import Benchmark
from deltanas.compare.metrics import bootstrap
from deltanas.limits import Limit, limited
from deltanas.records import Evaluation, Status
from deltanas.search import DeltaEvolution, Searcher, make
from deltanas.study.objectives import complete

NAMES = ("nasbench201:cifar10", "nasbench201:cifar100", "nasbench201:imagenet16-120")
ASKED = (10, 20, 30, 50)
FIRST_SEED = 1_000


@dataclass(frozen=True)
class Problem:
    """A table with a limit on one of its metrics."""

    table: Benchmark
    limit: Limit

    def value(self, row: int) -> float:
        """The limited metric of a row."""
        return float(self.table.metrics[self.limit.metric][row])

    @cached_property
    def within(self) -> np.ndarray:
        """Which rows are within the limit."""
        values = self.table.metrics[self.limit.metric]
        return np.array([self.limit.keeps(each) for each in values.tolist()])

    def regrets(self, rows: Sequence[int]) -> np.ndarray:
        """Regret of the best within the limit after each training, in points."""
        possible = self.table.accuracies[self.within]
        known = np.where(self.within[rows], self.table.accuracies[rows], np.median(possible))
        best = np.maximum.accumulate(np.maximum(known, np.median(possible)))
        left: np.ndarray = 100 * (possible.max() - best)
        return left


Run = Callable[[Problem, int, int], list[int]]


def trained(
    searcher: Searcher, problem: Problem, budget: int, beyond: Status | None = None
) -> list[int]:
    """Rows that one of our searchers trains.

    Args:
        searcher: What chooses.
        problem: The table with its limit.
        budget: Trainings.
        beyond: What becomes of a training beyond the limit; if left out, it tells how far it is.
    """

    def outcome(number: int, row: int) -> Evaluation:
        metrics = {problem.limit.metric: problem.value(row)}
        accuracy = float(problem.table.accuracies[row])
        found = Evaluation(number, Status.FINISHED, accuracy, metrics=metrics)
        found = complete(found, searcher, [problem.limit])
        if beyond is not None and found.status is Status.INFEASIBLE:
            return Evaluation(number, beyond, reason="beyond the limit")
        return found

    return searched(searcher, problem.table, budget, outcome)


def ours(problem: Problem, seed: int, budget: int) -> list[int]:
    """The method: it learns the metric."""
    searcher = DeltaEvolution(problem.table.space, seed=seed).under([problem.limit])
    return trained(searcher, problem, budget)


def failing(problem: Problem, seed: int, budget: int) -> list[int]:
    """The same where trainings beyond the limit fail, as for want of memory."""
    return trained(DeltaEvolution(problem.table.space, seed=seed), problem, budget, Status.FAILED)


def forgetting(problem: Problem, seed: int, budget: int) -> list[int]:
    """The same where failures are known, so that none is repeated, but are not learned from."""
    searcher = DeltaEvolution(problem.table.space, seed=seed)
    return trained(searcher, problem, budget, Status.INFEASIBLE)


def known(problem: Problem, seed: int, budget: int) -> list[int]:
    """The same where the metric is known before: nothing beyond the limit is trained."""
    space = limited(problem.table.space, [replace(problem.limit, is_told=False)], problem.table)
    return trained(DeltaEvolution(space, seed=seed), problem, budget)


def ours_by_name(name: str, problem: Problem, seed: int, budget: int) -> list[int]:
    """Another of our searchers; to those it is a failure."""
    return trained(make(name, problem.table.space, seed=seed), problem, budget)


def with_tpe(problem: Problem, seed: int, budget: int) -> list[int]:
    """Optuna's TPE with its constraints."""
    rows: list[int] = []
    space = problem.table.space

    def train(trial: optuna.Trial) -> float:
        choices = {
            each.name: trial.suggest_categorical(each.name, each.labels) for each in space.decisions
        }
        rows.append(problem.table.row(space.architecture(choices)))
        trial.set_constraint(problem.limit.metric, problem.value(rows[-1]) - problem.limit.bound)
        return float(problem.table.accuracies[rows[-1]])

    sampler = optuna.samplers.TPESampler(seed=seed)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(train, n_trials=budget)
    return rows


METHODS: dict[str, Run] = {
    "delta-evolution, metric known before": known,
    "delta-evolution": ours,
    "delta-evolution, beyond fails": failing,
    "the same, failures not learned": forgetting,
    "Optuna TPE, constraints": with_tpe,
    "local search, beyond fails": partial(ours_by_name, "local-search"),
    "regularized evolution, the same": partial(ours_by_name, "regularized-evolution"),
    "random search": partial(ours_by_name, "random"),
}


def main() -> None:
    """Run all methods on each table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("benchmarks", nargs="*", default=NAMES)
    asked.add_argument("--seeds", type=int, default=30)
    asked.add_argument("--share", type=float, default=0.2)
    asked.add_argument("--metric", default="flops_m")
    given = asked.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    for name in given.benchmarks:
        table = recorded(name)
        bound = float(np.quantile(table.metrics[given.metric], given.share))
        problem = Problem(table, Limit(given.metric, bound, is_told=True))
        print(f"{name}, {problem.limit.shown}", flush=True)
        for method, run in METHODS.items():
            seeds = range(FIRST_SEED, FIRST_SEED + given.seeds)
            rows = [run(problem, seed, max(ASKED)) for seed in seeds]
            regrets = np.array([problem.regrets(each) for each in rows])
            low, high = bootstrap(regrets)
            words = "  ".join(
                f"{n}: {regrets.mean(axis=0)[n - 1]:.3f} [{low[n - 1]:.3f}, {high[n - 1]:.3f}]"
                for n in ASKED
            )
            within = problem.within[np.array(rows)].mean()
            print(f"{method:36}  {words}  within {max(ASKED) * within:.1f}", flush=True)


if __name__ == "__main__":
    main()
