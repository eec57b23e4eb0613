"""Accuracy against parameters on NAS-Bench-201: dominated volume after every training.

`python -m bench.pareto` compares `ParetoEvolution` with Optuna's NSGA-II and TPE, each with its
defaults, and random search: 10 seeds, 100 trainings, CIFAR-10, mean validation accuracy.
Volumes are shares of that of the table's own front, from an accuracy of 80 % at 1.53 million
parameters, the most there are. Optuna may train a cell again; that counts as a training.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import optuna

from bench.numbers import write_lines
from deltanas.benchmarks import Benchmark, load
from deltanas.records import Evaluation, History, Status, Trial
from deltanas.search import ParetoEvolution, Searcher, hypervolume, make, on_front

COST = "parameters_m"
WORST = 0.80
"""Accuracy of the reference point; 85 % of the cells are better."""
ASKED = (20, 30, 50, 75, 100)
Run = Callable[[Benchmark, int, int], list[int]]


def searched(searcher: Searcher, benchmark: Benchmark, budget: int) -> list[int]:
    """Rows that one of our searchers evaluates, in order."""
    trials: list[Trial] = []
    for _ in range(budget):
        (proposal,) = searcher.propose(History(trials))
        accuracy = benchmark.evaluate(proposal.architecture)
        trials.append(Trial(proposal, Evaluation(proposal.number, Status.FINISHED, accuracy)))
    return [benchmark.row(trial.architecture) for trial in trials]


def ours(benchmark: Benchmark, seed: int, budget: int) -> list[int]:
    """The method."""
    searcher = ParetoEvolution(benchmark.space, seed=seed, costs=[COST], metrics=benchmark)
    return searched(searcher, benchmark, budget)


def at_random(benchmark: Benchmark, seed: int, budget: int) -> list[int]:
    """Random search."""
    return searched(make("random", benchmark.space, seed=seed), benchmark, budget)


def with_optuna(sampler: Callable[[int], optuna.samplers.BaseSampler]) -> Run:
    """One of Optuna's samplers for several objectives, one categorical parameter an edge."""

    def run(benchmark: Benchmark, seed: int, budget: int) -> list[int]:
        rows: list[int] = []

        def train(trial: optuna.Trial) -> tuple[float, float]:
            choices = {
                each.name: trial.suggest_categorical(each.name, each.labels)
                for each in benchmark.space.decisions
            }
            rows.append(benchmark.row(benchmark.space.architecture(choices)))
            return float(benchmark.accuracies[rows[-1]]), float(benchmark.metrics[COST][rows[-1]])

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
    asked.add_argument("--out", type=Path, default=Path("docs/assets/data/pareto.csv"))
    given = asked.parse_args()
    benchmark = load("nasbench201:cifar10")
    accuracies, costs = benchmark.accuracies, benchmark.metrics[COST][:, None]
    reference = (WORST, [float(costs.max())])
    # Dominated rows bring nothing; among the others the table's front is found quickly.
    best = np.flatnonzero(accuracies > WORST)
    best = best[on_front(accuracies[best], costs[best])]
    whole = hypervolume(accuracies[best], costs[best], reference)
    steps = [each for each in ASKED if each <= given.budget]
    lines: list[tuple[object, ...]] = [("method", "seed", "trainings", "share")]
    for name, run in METHODS.items():
        shares = []
        for seed in range(given.seeds):
            rows = run(benchmark, 1_000 + seed, given.budget)
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
    print(f"the table's front has {len(best)} cells; numbers in {write_lines(given.out, lines)}")


if __name__ == "__main__":
    main()
