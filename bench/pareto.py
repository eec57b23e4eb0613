"""Accuracy against a cost on NAS-Bench-201: dominated volume after every training.

`python -m bench.pareto` compares `ParetoEvolution` with Optuna's NSGA-II and TPE, each with its
defaults, and random search: 10 seeds, 100 trainings, CIFAR-10, mean validation accuracy. The
cost is parameters, which our method knows before a training; with `--told` it is the recorded
seconds of the training, which nobody knows before. Volumes are shares of that of the table's own
front, from an accuracy of 80 % at the largest cost there is. Optuna may train a cell again; that
counts as a training.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import optuna

from bench.numbers import write_lines
from bench.tables import recorded, searched
from deltanas.benchmarks import Benchmark
from deltanas.records import Evaluation, Status
from deltanas.search import ParetoEvolution, Searcher, hypervolume, make, on_front

WORST = 0.80
"""Accuracy of the reference point; on CIFAR-10, 85 % of the cells are better."""
ASKED = (20, 30, 50, 75, 100)


@dataclass(frozen=True)
class Problem:
    """A table with two objectives."""

    table: Benchmark
    costs: np.ndarray
    """Of each row, low is better."""
    objective: str
    """The cost as our method is asked for it; with a direction if only trainings tell it."""

    @classmethod
    def of(cls, name: str, *, is_told: bool) -> "Problem":
        """Accuracy against parameters, which are known, or against seconds, which are not."""
        table = recorded(name)
        if is_told:
            return cls(table, np.asarray(table.seconds), "training_s:min")
        return cls(table, table.metrics["parameters_m"], "parameters_m")


Run = Callable[[Problem, int, int], list[int]]


def told_by(searcher: Searcher, problem: Problem, budget: int) -> list[int]:
    """Rows that one of our searchers evaluates, in order; each evaluation tells the cost too."""

    def outcome(number: int, row: int) -> Evaluation:
        accuracy, cost = problem.table.accuracies[row], problem.costs[row]
        metrics = {problem.objective.removesuffix(":min"): float(cost)}
        return Evaluation(number, Status.FINISHED, float(accuracy), metrics=metrics)

    return searched(searcher, problem.table, budget, outcome)


def ours(problem: Problem, seed: int, budget: int) -> list[int]:
    """The method."""
    costs = [problem.objective]
    space = problem.table.space
    searcher = ParetoEvolution(space, seed=seed, costs=costs, metrics=problem.table)
    return told_by(searcher, problem, budget)


def at_random(problem: Problem, seed: int, budget: int) -> list[int]:
    """Random search."""
    return told_by(make("random", problem.table.space, seed=seed), problem, budget)


def with_optuna(sampler: Callable[[int], optuna.samplers.BaseSampler]) -> Run:
    """One of Optuna's samplers for several objectives, one categorical parameter an edge."""

    def run(problem: Problem, seed: int, budget: int) -> list[int]:
        rows: list[int] = []
        table = problem.table

        def train(trial: optuna.Trial) -> tuple[float, float]:
            choices = {
                each.name: trial.suggest_categorical(each.name, each.labels)
                for each in table.space.decisions
            }
            rows.append(table.row(table.space.architecture(choices)))
            return float(table.accuracies[rows[-1]]), float(problem.costs[rows[-1]])

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler(seed))
        study.optimize(train, n_trials=budget)
        return rows

    return run


METHODS: dict[str, Run] = {
    "delta-evolution (Pareto)": ours,
    "Optuna NSGA-II": with_optuna(lambda seed: optuna.samplers.NSGAIISampler(seed=seed)),
    "Optuna NSGA-II, population 20": with_optuna(
        lambda seed: optuna.samplers.NSGAIISampler(seed=seed, population_size=20)
    ),
    "Optuna TPE": with_optuna(lambda seed: optuna.samplers.TPESampler(seed=seed)),
    "random search": at_random,
}


def main() -> None:
    """Run all methods, print shares of the volume with 95 % intervals, and keep the numbers."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=10)
    asked.add_argument("--budget", type=int, default=max(ASKED))
    asked.add_argument("--table", default="nasbench201:cifar10")
    asked.add_argument("--worst", type=float, default=WORST)
    asked.add_argument("--told", action="store_true")
    asked.add_argument("--out", type=Path)
    given = asked.parse_args()
    file = "pareto_told.csv" if given.told else "pareto.csv"
    problem = Problem.of(given.table, is_told=given.told)
    accuracies, costs = problem.table.accuracies, problem.costs[:, None]
    reference = (given.worst, [float(costs.max())])
    # Dominated rows bring nothing; among the others the table's front is found quickly.
    best = np.flatnonzero(accuracies > given.worst)
    best = best[on_front(accuracies[best], costs[best])]
    whole = hypervolume(accuracies[best], costs[best], reference)
    steps = [each for each in ASKED if each <= given.budget]
    lines: list[tuple[object, ...]] = [("method", "seed", "trainings", "share")]
    for name, run in METHODS.items():
        shares = []
        for seed in range(given.seeds):
            rows = run(problem, 1_000 + seed, given.budget)
            share = [
                hypervolume(accuracies[rows[:n]], costs[rows[:n]], reference) / whole for n in steps
            ]
            shares.append(share)
            lines += [(name, seed, n, round(s, 6)) for n, s in zip(steps, share, strict=True)]
        table = np.array(shares)
        half = 1.96 * table.std(axis=0, ddof=1) / np.sqrt(len(table))
        words = "  ".join(
            f"{n}: {mean:.4f} ± {h:.4f}"
            for n, mean, h in zip(steps, table.mean(axis=0), half, strict=True)
        )
        print(f"{name:30}  {words}", flush=True)
    written = write_lines(given.out or Path("docs/assets/data") / file, lines)
    print(f"the table's front has {len(best)} cells; numbers in {written}")


if __name__ == "__main__":
    main()
