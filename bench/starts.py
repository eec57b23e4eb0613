"""How many random architectures should a search begin with? `python -m bench.starts`.

delta-evolution with 2 and with 5 random starts, on the same seeds: mean accuracy of the best
after a few trainings, in per cent, and the paired difference with its standard error; on
NAS-Bench-201 also the queries to the best cell. The seeds are not those of the other benches.
"""

import argparse

import numpy as np

from bench.queries import bests
from bench.tables import recorded
from deltanas.search import DeltaEvolution

STARTS = (2, 5)
AFTER = (5, 10, 20, 35)
FIRST_SEED = 200
CAP = 120
FOUND = "nasbench201"
"""Benchmarks of this family are searched until the best cell is found."""


def compare(name: str, seeds: int) -> None:
    """Print a line for each number of starts."""
    benchmark = recorded(name)
    until_found = name.startswith(FOUND)
    first = np.zeros((seeds, len(AFTER)))
    for starts in STARTS:
        runs = [
            bests(
                benchmark,
                DeltaEvolution(benchmark.space, seed=seed, starts=starts),
                CAP if until_found else AFTER[-1],
                until_optimum=until_found,
            )
            for seed in range(FIRST_SEED, FIRST_SEED + seeds)
        ]
        reached = 100 * np.array([[run[min(n, len(run)) - 1] for n in AFTER] for run in runs])
        if starts == STARTS[0]:
            first = reached
        less = reached - first
        error = less.std(axis=0, ddof=1) / seeds**0.5
        lengths = np.array([len(run) for run in runs])
        queries = f"  queries {lengths.mean():.1f} ± {lengths.std(ddof=1) / seeds**0.5:.1f}"
        accuracies = "  ".join(
            f"{mean:.3f} ({each:+.3f} ± {off:.3f})"
            for mean, each, off in zip(reached.mean(axis=0), less.mean(axis=0), error, strict=True)
        )
        print(f"{name:32} {starts} starts  {accuracies}{queries * until_found}", flush=True)


def main() -> None:
    """Compare on each benchmark that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benchmarks", nargs="*", default=[f"{FOUND}:cifar10", f"{FOUND}:cifar100"])
    parser.add_argument("--seeds", type=int, default=40)
    asked = parser.parse_args()
    print(f"best accuracy after {', '.join(map(str, AFTER))} trainings, per cent")
    for name in asked.benchmarks:
        compare(name, asked.seeds)


if __name__ == "__main__":
    main()
