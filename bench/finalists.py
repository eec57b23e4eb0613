"""Go on searching, or train the finalists again? `python -m bench.finalists`.

Delta searches tables of which several trainings of a network are recorded. A query tells their
mean plus noise, normal with the standard deviation between trainings of one network among the
best hundredth, drawn anew each time. After 50 trainings there are 15 more: for 15 further networks,
or for the K best observed ones, 15 / K times each. Printed, as means over seeds with the
half-width of the 95 % interval: the regret in points of the network that is taken in the end, by
the mean of its recorded trainings, and the paired difference to searching on.

A finalist is judged by its new trainings alone (`new`) or with the one of the search (`all`).
"""

import argparse

import numpy as np
from scipy import stats

from bench.numbers import half_width
from bench.tables import noise, recorded, searched
from deltanas.benchmarks import Benchmark
from deltanas.records import Evaluation, Status
from deltanas.search import make
from deltanas.seeds import generator

NAMES = ("nasbench201:cifar10", "nasbench201:cifar100", "nasbench201:imagenet16-120")
SEARCHED = 50
MORE = 15
FINALISTS = (3, 5, 15)


def taken(benchmark: Benchmark, seed: int, deviation: float) -> dict[str, int]:
    """Row of the network that each way of spending the trainings ends with."""
    rng = generator(seed, "finalists")
    told: list[float] = []

    def train(row: int, times: int = 1) -> float:
        return float(benchmark.accuracies[row] + deviation * rng.standard_normal(times).mean())

    def outcome(number: int, row: int) -> Evaluation:
        told.append(train(row))
        return Evaluation(number, Status.FINISHED, told[-1], 1.0)

    searcher = make("delta-evolution", benchmark.space, seed=seed)
    rows = searched(searcher, benchmark, SEARCHED + MORE, outcome)
    order = np.argsort(-np.array(told[:SEARCHED]), kind="stable")
    found = {"stop": rows[order[0]], "search on": rows[int(np.argmax(told))]}
    for count in FINALISTS:
        times = MORE // count
        new = np.array([train(rows[place], times) for place in order[:count]])
        both = (times * new + np.array(told)[order[:count]]) / (times + 1)
        found[f"{count} x {times}, new"] = rows[order[int(np.argmax(new))]]
        found[f"{count} x {times}, all"] = rows[order[int(np.argmax(both))]]
    return found


def main() -> None:
    """Print a line for each table and way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benchmarks", nargs="*", default=NAMES)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first-seed", type=int, default=2000)
    chosen = parser.parse_args()
    for name in chosen.benchmarks:
        benchmark = recorded(name)
        deviation = noise(benchmark)
        seeds = range(chosen.first_seed, chosen.first_seed + chosen.seeds)
        ends = [taken(benchmark, seed, deviation) for seed in seeds]
        best = benchmark.accuracies.max()
        regret = {
            way: 100 * np.array([best - benchmark.accuracies[end[way]] for end in ends])
            for way in ends[0]
        }
        print(f"{name}, {len(ends)} seeds, noise {100 * deviation:.3f} points", flush=True)
        for way, values in regret.items():
            less = values - regret["search on"]
            p = stats.wilcoxon(less).pvalue if less.any() else 1.0
            print(
                f"  {way:12} {values.mean():.3f} ± {half_width(values):.3f}   beside searching on "
                f"{less.mean():+.3f} ± {half_width(less):.3f}, p {p:.4f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
