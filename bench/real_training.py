"""Real trainings on MNIST-1D, methods side by side: `python -m bench.real_training`.

Each method trains BUDGET networks of `cnn-cell`, the first STARTS of them equal for all, over
ten seeds. Within a seed a network is trained once, whoever proposes it. Every training is
written to runs/real_training.jsonl when it has ended, and the same command goes on there.

For each method: the best validation accuracy, and the test accuracy of the network that has
it; means over seeds with 95 % intervals (Student's t), and the paired difference to the first
method; and the best validation accuracy after fewer trainings. The hand-made default network is
trained once a seed.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np

from bench.numbers import half_width
from deltanas.compare.contestant import Contestant, SearcherContestant
from deltanas.compare.peers.optuna_tpe import OptunaTpe
from deltanas.evaluation import Context
from deltanas.networks import DEFAULT, cnn_cell
from deltanas.search import make
from deltanas.search.base import random_unseen
from deltanas.seeds import generator
from deltanas.spaces import Architecture
from deltanas.training import Recipe, load_data
from deltanas.training.networks import NetworkTraining

BUDGET = 40
STARTS = 5
AFTER = (10, 20, 30, 40)
"""Trainings after which the best so far is told."""
METHODS = ("delta-evolution", "random", "regularized-evolution", "tpe")
SPACE = cnn_cell()


class Trainings:
    """What was trained, on disk: (seed, key) -> validation and test accuracy."""

    def __init__(self, file: Path, recipe: Recipe) -> None:
        """Read what is there of this recipe."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        self._recipe = json.dumps(recipe.changed)
        self._training = NetworkTraining(load_data("mnist1d"), recipe)
        self._known: dict[tuple[int, str], tuple[float, float]] = {}
        for line in file.read_text("utf-8").splitlines() if file.exists() else []:
            row = json.loads(line)
            if row["recipe"] == self._recipe:
                self._known[row["seed"], row["key"]] = (row["accuracy"], row["test"])

    def __call__(self, seed: int, architecture: Architecture) -> tuple[float, float]:
        """Validation and test accuracy; a failed training has 0."""
        place = (seed, architecture.key)
        if place not in self._known:
            weights = int(generator(seed, "training", architecture.key).integers(2**31))
            with tempfile.TemporaryDirectory() as folder:
                context = Context(0, Path(folder), "cpu", weights)
                try:
                    found = self._training.train(architecture, context)
                    accuracies = (found.accuracy, found.test_accuracy)
                except Exception as error:  # noqa: BLE001 - a diverged training is a result
                    print(f"failed: {architecture!r}: {error}", flush=True)
                    accuracies = (0.0, 0.0)
            self._known[place] = accuracies
            row = {"recipe": self._recipe, "seed": seed, "key": architecture.key}
            row |= {"accuracy": accuracies[0], "test": accuracies[1]}
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        return self._known[place]


def contestant(method: str, seed: int) -> Contestant:
    """A fresh run of a method."""
    if method == "tpe":
        return OptunaTpe(SPACE, seed=seed, starts=STARTS)
    return SearcherContestant(make(method, SPACE, seed=seed, starts=STARTS))


def search(method: str, seed: int, budget: int, train: Trainings) -> list[tuple[float, float]]:
    """Validation and test accuracy of each network in the order of training, repeats too."""
    own = contestant(method, seed)
    starts = random_unseen(SPACE, set(), STARTS, generator(seed, "starts"))
    found = []
    for number in range(budget):
        architecture = starts[number] if number < STARTS else own.ask(1)[0]
        accuracies = train(seed, architecture)
        own.tell(architecture, accuracies[0])
        found.append(accuracies)
    return found


def interval(values: list[float]) -> str:
    """Mean and half-width of its 95 % interval, in per cent."""
    mean = 100 * float(np.mean(values))
    if len(values) < 2:
        return f"{mean:.2f}"
    half = 100 * float(half_width(values))
    return f"{mean:.2f} ± {half:.2f}"


def report(found: dict[str, list[list[tuple[float, float]]]]) -> None:
    """One line per method, and one for each after fewer trainings; found holds all runs."""
    first = [max(run) for run in found[METHODS[0]]]
    print(f"{len(first)} seeds; per cent, mean and 95 % interval")
    for method, runs in found.items():
        pairs = [max(run) for run in runs]
        best, test = ([pair[part] for pair in pairs] for part in (0, 1))
        line = f"{method:22} validation {interval(best):14} test {interval(test):14}"
        for name, part in (("validation", 0), ("test", 1)):
            gaps = [one[part] - other[part] for one, other in zip(first, pairs, strict=True)]
            if method != METHODS[0]:
                line += f"  {METHODS[0]} better by {interval(gaps)} {name}"
        print(line, flush=True)
    for method in METHODS:
        told = [
            f"{n}: {interval([max(run[:n])[0] for run in found[method]])}"
            for n in AFTER
            if n <= len(found[method][0])
        ]
        print(f"{method:22} validation after {'  '.join(told)}", flush=True)


def main() -> None:
    """Search seed by seed, and report after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--budget", type=int, default=BUDGET)
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--out", type=Path, default=Path("runs/real_training.jsonl"))
    asked = parser.parse_args()
    train = Trainings(asked.out, Recipe(epochs=asked.epochs))
    found: dict[str, list[list[tuple[float, float]]]] = {}
    for seed in range(asked.first_seed, asked.first_seed + asked.seeds):
        for method in METHODS:
            found.setdefault(method, []).append(search(method, seed, asked.budget, train))
        found.setdefault("default network", []).append([train(seed, SPACE.architecture(DEFAULT))])
        report(found)


if __name__ == "__main__":
    main()
