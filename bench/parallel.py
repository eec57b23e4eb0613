"""What parallel search costs and saves, on a simulated clock with recorded seconds.

`python -m bench.parallel` searches NAS-Bench-201 (CIFAR-10) with 1, 2, 4, 8, 16 and 32 workers.
Each training takes the seconds that the table recorded for it, proposals take none, and every
run is the same every time. Two questions:

- quality lost: mean regret after equally many evaluations, against one worker;
- speed-up: how much sooner the regret gets to where one worker is after 100 evaluations, for the
  mean regret of all runs (the slowest run decides) and for a run on average.
"""

import argparse
from pathlib import Path

import numpy as np

from bench.numbers import write_lines
from bench.tables import recorded
from deltanas.benchmarks.base import Benchmark
from deltanas.evaluation import SimulatedEvaluator
from deltanas.study import Evaluated, Event, Study

WORKERS = (1, 2, 4, 8, 16, 32)
BUDGET = 100
LONGEST = 400
"""Evaluations that parallel runs may take to get to where one worker is after 100."""
PER_CENT = 100.0


def run(benchmark: Benchmark, workers: int, seed: int, budget: int) -> tuple[list[float], ...]:
    """Regret after each evaluation, and the seconds on the clock then."""
    evaluator = SimulatedEvaluator(benchmark.evaluator(), workers)
    regrets: list[float] = []
    seconds: list[float] = []

    def watch(event: Event) -> None:
        if isinstance(event, Evaluated) and event.best is not None:
            regrets.append(benchmark.optimum - (event.best.accuracy or 0.0))
            seconds.append(evaluator.now_s)

    study = Study(benchmark.space, evaluator, seed=seed)
    for step in range(BUDGET, budget + 1, BUDGET):
        study.run(step, watch)
        if regrets[-1] <= 0:  # it stays there
            break
    return regrets, seconds


def time_to(regret: float, runs: list[tuple[list[float], ...]]) -> float:
    """First moment at which the mean regret over runs is no more than asked; infinite if never."""
    moments = sorted({moment for _, seconds in runs for moment in seconds})
    curves = []
    for regrets, seconds in runs:
        place = np.searchsorted(seconds, moments, side="right") - 1
        # Before its first training ends a run has found nothing.
        curves.append(np.where(place >= 0, np.array(regrets)[place], 1.0))
    reached = np.flatnonzero(np.mean(curves, axis=0) <= regret + 1e-12)
    return moments[reached[0]] if len(reached) else float("inf")


def main() -> None:
    """Run all, print a table, and keep the numbers."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--benchmark", default="nasbench201:cifar10")
    asked.add_argument("--seeds", type=int, default=10)
    asked.add_argument("--workers", type=int, nargs="+", default=list(WORKERS))
    asked.add_argument("--out", type=Path, default=Path("runs/parallel.csv"))
    given = asked.parse_args()
    benchmark = recorded(given.benchmark)
    lines: list[tuple[object, ...]] = [("workers", "seed", "evaluation", "seconds", "regret")]
    target = 0.0
    before = np.zeros(2)
    print("workers  regret at 50  at 100  hours to 100  all at target  speed-up  a run  speed-up")
    for workers in dict.fromkeys((1, *given.workers)):
        budget = BUDGET if workers == 1 else LONGEST
        runs = [run(benchmark, workers, 1_000 + seed, budget) for seed in range(given.seeds)]
        at = [np.mean([regrets[n - 1] for regrets, _ in runs]) for n in (50, BUDGET)]
        hours = np.mean([seconds[BUDGET - 1] for _, seconds in runs]) / 3600
        if workers == 1:
            target = float(at[1])
        alone = [time_to(target, [each]) for each in runs]
        needed = np.array([time_to(target, runs), np.mean(alone)]) / 3600
        before = needed if workers == 1 else before
        gains = before / needed
        print(
            f"{workers:7}  {PER_CENT * at[0]:12.4f}  {PER_CENT * at[1]:6.4f}  {hours:12.2f}  "
            f"{needed[0]:13.2f}  {gains[0]:8.2f}  {needed[1]:5.2f}  {gains[1]:8.2f}",
            flush=True,
        )
        for seed, (regrets, seconds) in enumerate(runs):
            lines += [
                (workers, 1_000 + seed, n, round(moment, 1), round(regret, 7))
                for n, (regret, moment) in enumerate(zip(regrets, seconds, strict=True), 1)
            ]
    print(f"numbers in {write_lines(given.out, lines)}")


if __name__ == "__main__":
    main()
