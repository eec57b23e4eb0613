"""Do exact costs help the difference predictor? `python -m bench.cost_features`.

The logarithms of parameters and FLOPs as further features, so that the difference of two
architectures contains its exact change of cost. The logarithm of the parameters is among the
features of both spaces already (`own`); FLOPs are not. Always on the same labels and seeds:

- NAS-Bench-201 on CIFAR-10: share of right directions of unseen one-edit changes after 20, 50
  and 100 random labels, and trainings until the best cell is found, regret after 20 of them.
- Stored real trainings of `cnn-cell` on MNIST-1D (`--trainings`, made by `bench.real_training`;
  left out where the file is not there): Kendall's tau with validation accuracies of unseen
  networks after 20, 50 and 100 random labels. Most of these networks were chosen by searches.
"""

import argparse
from pathlib import Path

import numpy as np

from bench.numbers import trained_by_seed
from bench.queries import run
from bench.scores import REGRET_AT, shown, signs
from bench.tables import recorded
from deltanas.costs import NetworkCosts
from deltanas.networks import cnn_cell
from deltanas.predictor import kendall_tau
from deltanas.predictor.gaussian import GaussianDelta
from deltanas.seeds import generator
from deltanas.spaces import Codes, SearchSpace
from deltanas.spaces.more_features import MoreFeatures

SETS = {"own": (), "flops": ("flops",), "both": ("parameters", "flops")}
LABELS = (20, 50, 100)
DATASET = "cifar10"


def with_costs(
    space: SearchSpace, metrics: NetworkCosts, names: tuple[str, ...], *, at_once: bool
) -> SearchSpace:
    """The space with logarithms of some costs as further features, in one kernel or several."""
    if not names:
        return space

    def facts(codes: Codes) -> np.ndarray:
        return np.asarray(np.log(np.column_stack([metrics.measure(name, codes) for name in names])))

    group = "more-costs" if at_once else "more-{}"
    return MoreFeatures(space, [f"{group.format(name)}:log_{name}" for name in names], facts)


def table(seeds: int, *, at_once: bool) -> None:
    """Signs, queries and regret on NAS-Bench-201."""
    benchmark = recorded(f"nasbench201:{DATASET}")
    metrics = NetworkCosts(benchmark.space, (3, 32, 32), 10)
    classes = np.unique(benchmark.space.keys(benchmark.codes), return_inverse=True)[1]
    base = np.zeros(0)
    for name, costs in SETS.items():
        space = with_costs(benchmark.space, metrics, costs, at_once=at_once)
        found = np.array(
            [
                [
                    *signs(benchmark, space, classes, seed),
                    *run(benchmark, "delta-evolution", seed, space=space, regret_at=REGRET_AT),
                ]
                for seed in range(seeds)
            ]
        )
        base = found if name == "own" else base
        print_row(f"nasbench201 {name}", found, base, (3, 3, 3, 1, 3))


def trainings(file: Path, seeds: int, *, at_once: bool) -> None:
    """Kendall's tau on stored real trainings."""
    space = cnn_cell()
    metrics = NetworkCosts(space, (1, 40), 10)
    studies = [each for each in trained_by_seed(file) if len(each) > max(LABELS) + 20]
    base = np.zeros(0)
    for name, costs in SETS.items():
        wider = with_costs(space, metrics, costs, at_once=at_once)
        found = np.array(
            [
                ranks(wider, study, generator(seed, "labels", number))
                for number, study in enumerate(studies)
                for seed in range(seeds)
            ]
        )
        base = found if name == "own" else base
        print_row(f"cnn-cell {name}", found, base, (3, 3, 3))


def ranks(
    space: SearchSpace, study: dict[tuple[int, ...], float], rng: np.random.Generator
) -> list[float]:
    """Tau after each number of labels, on the networks that are no label."""
    codes, accuracies = np.array(list(study), dtype=np.int32), np.array(list(study.values()))
    order, found = rng.permutation(len(codes)), []
    for count in LABELS:
        labels, asked = order[:count], order[count:]
        predictor = GaussianDelta(space)
        predictor.fit_accuracies(codes[labels], accuracies[labels])
        before = np.repeat(codes[asked[:1]], len(asked), axis=0)
        told = predictor.predict(before, codes[asked]).mean
        found.append(kendall_tau(told, accuracies[asked]))
    return found


def print_row(name: str, found: np.ndarray, base: np.ndarray, digits: tuple[int, ...]) -> None:
    """Means with half of their 95 % intervals, and the change to the first row by seed."""
    cells = [shown(each, digit) for each, digit in zip(found.T, digits, strict=True)]
    line = f"{name:20} {' | '.join(cells)}"
    if base is not found:
        changes = zip((found - base).T, digits, strict=True)
        line += f"  change {' | '.join(shown(each, digit) for each, digit in changes)}"
    print(line, flush=True)


def main() -> None:
    """Print one line for each space and choice of costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--trainings", type=Path, default=Path("runs/real_training.jsonl"))
    parser.add_argument("--at-once", action="store_true", help="one kernel for both costs")
    asked = parser.parse_args()
    if asked.trainings.exists():
        trainings(asked.trainings, max(1, asked.seeds // 2), at_once=asked.at_once)
    table(asked.seeds, at_once=asked.at_once)


if __name__ == "__main__":
    main()
