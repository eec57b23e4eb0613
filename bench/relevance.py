"""Numbers that matter differently: what a relevance for each brings. `python -m bench.relevance`.

On benchmarks: `python -m bench.relevance hpobench-mlp:kc1 hpobench-mlp:phoneme`. Searches with and
without relevances, whatever the count of numbers, the same seeds; printed are mean regrets in
points after 20, 50 and 100 trainings (without, then with), and over all benchmarks the geometric
mean of the ratios (.001 is added to both), with the p-value of Wilcoxon's signed-rank test on pairs
(each benchmark in units of its mean regret without).

With `--shares` only how much of the variance of ranks each decision explains alone: that of the
mean rank of its options.

Without names, random smooth functions of 4 to 32 numbers with eight options each: cosines whose
frequencies are drawn anew for each function, those of each number times a factor of its own,
log-normal with deviation `--deviation`. Printed are regrets from the best of 20,000 random
architectures, in deviations of the function over the space; below 0 is beyond.
"""

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from unittest import mock

import numpy as np
from scipy import stats

from bench.tables import recorded, trials_of
from deltanas.benchmarks import Benchmark, load
from deltanas.predictor import design
from deltanas.records import Evaluation, Proposal, Status
from deltanas.search import DeltaEvolution
from deltanas.seeds import generator
from deltanas.spaces import Architecture, BlockSpace, Codes, SearchSpace, codes_of

OPTIONS = tuple(2.0**power for power in range(8))
NUMBERS = (4, 8, 16, 32)
WAVES = 200
SAMPLE = 20_000
FLOOR = 0.001
"""Points that are added to mean regrets before they are divided: some are 0."""
ALL = 1_000_000
"""Relevances for any count of numbers."""


class Function:
    """One random function, mean about 0 and deviation 1 over its space."""

    def __init__(self, numbers: int, deviation: float, seed: int) -> None:
        """Draw it."""
        rng = generator(seed, f"relevance-{numbers}-{deviation}")
        matters = np.exp(deviation * rng.normal(size=numbers))
        matters /= np.sqrt(np.sum(matters**2))
        self._frequencies = 2.25 * matters * rng.normal(size=(WAVES, numbers))
        self._phases = rng.uniform(0, 2 * np.pi, WAVES)
        self._heights = rng.normal(size=WAVES)
        self._slopes = 0.5 * np.sqrt(WAVES / 2) * matters * rng.normal(size=numbers)
        values = self._values(rng.integers(0, len(OPTIONS), size=(SAMPLE, numbers)))
        self._level, self._unit = values.mean(), values.std()
        self.best = float((values.max() - self._level) / self._unit)

    def _values(self, codes: Codes) -> np.ndarray:
        """Of each row of codes, in its own unit."""
        places = codes / (len(OPTIONS) - 1) * 2 - 1
        waves = np.cos(places @ self._frequencies.T + self._phases) @ self._heights
        return np.asarray(waves + places @ self._slopes)

    def of(self, architecture: Architecture) -> float:
        """Of one architecture, in deviations over the space."""
        return float((self._values(codes_of([architecture]))[0] - self._level) / self._unit)


def values_found(
    space: SearchSpace, value: Callable[[Architecture], float], seed: int, most: int, budget: int
) -> list[float]:
    """Values in the order of a search in which up to `most` numbers have relevances."""
    with mock.patch.object(design, "MOST_RELEVANCES", most):
        searcher = DeltaEvolution(space, seed=seed)
    values: list[float] = []

    def evaluate(proposal: Proposal) -> Evaluation:
        values.append(value(proposal.architecture))
        return Evaluation(proposal.number, Status.FINISHED, values[-1])

    trials_of(searcher, budget, evaluate)
    return values


def report(
    name: str, regrets: Sequence[Sequence[Sequence[float]]], after: Sequence[int]
) -> np.ndarray:
    """Print mean regrets of one task after some trainings; all of them: seed, way, training."""
    least = np.minimum.accumulate(np.array(regrets), axis=2)[:, :, [each - 1 for each in after]]
    told = [
        f"{count}: {without:.3f} {own:.3f}"
        for count, without, own in zip(after, *least.mean(axis=0), strict=True)
    ]
    print(f"{name:28}  {'   '.join(told)}", flush=True)
    return least


def on_benchmarks(names: Sequence[str], seeds: range, budget: int) -> None:
    """Print one line for each benchmark, and one for all."""
    after = [count for count in (20, 50, 100) if count <= budget]
    tasks = []
    for name in names:
        table = load(name)
        best = table.evaluate(table.best) if isinstance(table, Benchmark) else table.best_known
        search = partial(values_found, table.space, table.evaluate, budget=budget)
        found = [[search(seed=seed, most=most) for most in (0, ALL)] for seed in seeds]
        tasks.append(report(name, (100 * (best - np.array(found))).tolist(), after))
    means = np.array([each.mean(axis=0) for each in tasks])
    ratios = np.exp(np.log((means[:, 1] + FLOOR) / (means[:, 0] + FLOOR)).mean(axis=0))
    scaled = np.concatenate([each / each.mean(axis=0)[:1] for each in tasks])
    for place, count in enumerate(after):
        chance = stats.wilcoxon(scaled[:, 1, place] - scaled[:, 0, place]).pvalue
        print(f"after {count}: regret times {ratios[place]:.2f}, p {chance:.3f}")


def report_shares(name: str) -> None:
    """Print what each decision of a table explains alone, most first."""
    table = recorded(name)
    ranks = stats.rankdata(table.accuracies)
    shares = {}
    for place, decision in enumerate(table.space.decisions):
        chosen = table.codes[:, place]
        means = np.bincount(chosen, ranks) / np.bincount(chosen)
        shares[decision.name] = float(np.var(means[chosen]) / np.var(ranks))
    ordered = sorted(shares.items(), key=lambda pair: -pair[1])
    print(f"{name:32}  {'  '.join(f'{decision} {share:.2f}' for decision, share in ordered)}")


def on_functions(seeds: range, deviation: float, budget: int) -> None:
    """Print one line for each count of numbers."""
    for numbers in NUMBERS:
        space = BlockSpace({f"number {place}": OPTIONS for place in range(numbers)})
        regrets = []
        for seed in seeds:
            function = Function(numbers, deviation, seed)
            found = [values_found(space, function.of, seed, most, budget) for most in (0, ALL)]
            regrets.append((function.best - np.array(found)).tolist())
        report(f"{numbers} numbers", regrets, [count for count in (20, 40) if count <= budget])


def main() -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("benchmarks", nargs="*")
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--first-seed", type=int, default=100)
    parser.add_argument("--budget", type=int, help="100 on benchmarks, 40 on functions")
    parser.add_argument("--deviation", type=float, default=1.0)
    parser.add_argument("--shares", action="store_true")
    asked = parser.parse_args()
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    if asked.shares:
        for name in asked.benchmarks:
            report_shares(name)
    elif asked.benchmarks:
        on_benchmarks(asked.benchmarks, seeds, asked.budget or 100)
    else:
        on_functions(seeds, asked.deviation, asked.budget or 40)


if __name__ == "__main__":
    main()
