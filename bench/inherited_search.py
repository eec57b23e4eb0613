"""Whole searches with inherited weights: `python -m bench.inherited_search`.

MNIST-1D and `cnn-cell`, delta-evolution with BUDGET trainings of six epochs each, against the
same with `--inherit` (three epochs for a network that inherits), and against the first
trainings of the former, as many as took no more epochs than the latter. Equal starts and seeds.

For each: the best validation accuracy, the test accuracy of the network that has it, epochs in
all, and that network trained RETRAINED times from scratch: an accuracy with inherited weights
is one of more epochs than its own. Means over seeds, 95 % intervals (Student's t) and the
difference to the search without. Studies are kept in --folder: the same command goes on there.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from bench.real_training import BUDGET, interval
from deltanas.evaluation import Context
from deltanas.networks import cnn_cell
from deltanas.records import Trial
from deltanas.seeds import generator
from deltanas.spaces import Architecture
from deltanas.study import Inheritance, Study
from deltanas.training import Recipe, load_data
from deltanas.training.networks import NetworkTraining

RETRAINED: Final = 3
PLAIN, SHORT, HEIRS = "without", "as many epochs", "with --inherit"


def epochs(trial: Trial, recipe: Recipe) -> int:
    """Epochs that a trial has cost; all of them where it failed."""
    metrics = trial.evaluation.metrics if trial.evaluation else {}
    return int(metrics.get("epochs", recipe.epochs))


def first(trials: tuple[Trial, ...], most: int, recipe: Recipe) -> tuple[Trial, ...]:
    """The first trials, as many as took no more epochs than that together."""
    spent = np.cumsum([epochs(trial, recipe) for trial in trials])
    return trials[: int(np.searchsorted(spent, most, side="right"))]


class Searches:
    """Searches of one seed, on disk."""

    def __init__(self, seed: int, folder: Path, recipe: Recipe, budget: int) -> None:
        """Keep the settings."""
        self._seed, self._folder, self._budget = seed, folder, budget
        self._recipe = recipe
        self._training = NetworkTraining(load_data("mnist1d"), recipe)
        self._again: dict[str, tuple[float, float]] = {}

    def trials(self, name: str, inheritance: Inheritance | None) -> tuple[Trial, ...]:
        """All trials of a search."""
        place = self._folder / f"{name}-{self._seed}.db"
        with Study(
            cnn_cell(), self._training, seed=self._seed, storage=place, inheritance=inheritance
        ) as study:
            study.run(self._budget)
            return study.trials

    def row(self, trials: tuple[Trial, ...]) -> tuple[float, ...]:
        """Validation, test, epochs; and of trainings from scratch, mean validation and test."""
        best = max(trials, key=lambda trial: (trial.accuracy or 0.0, -trial.number))
        metrics = best.evaluation.metrics if best.evaluation else {}
        spent = float(sum(epochs(trial, self._recipe) for trial in trials))
        again = self._from_scratch(best.architecture)
        return (best.accuracy or 0.0, metrics["test_accuracy"], spent, *again)

    def _from_scratch(self, architecture: Architecture) -> tuple[float, float]:
        if architecture.key not in self._again:
            self._again[architecture.key] = self._retrained(architecture)
        return self._again[architecture.key]

    def _retrained(self, architecture: Architecture) -> tuple[float, float]:
        found = []
        for number in range(RETRAINED):
            seed = generator(self._seed, "again", architecture.key, number).integers(2**31)
            with tempfile.TemporaryDirectory() as folder:
                context = Context(0, Path(folder), "cpu", int(seed))
                trained = self._training.train(architecture, context)
                found.append((trained.accuracy, trained.test_accuracy))
        validation, test = np.mean(found, axis=0)
        return float(validation), float(test)


def report(rows: dict[str, list[tuple[float, ...]]]) -> None:
    """One line a search."""
    print(f"{len(rows[PLAIN])} seeds; per cent, mean and 95 % interval")
    names = ("validation", "test", "again validation", "again test")
    for search, found in rows.items():
        columns = list(zip(*found, strict=True))
        spent = columns.pop(2)
        line = f"{search:16} epochs {np.mean(spent):.0f}"
        for name, values in zip(names, columns, strict=True):
            line += f"  {name} {interval(list(values))}"
        print(line)
        if search != PLAIN:
            others = list(zip(*rows[PLAIN], strict=True))
            del others[2]
            gaps = [
                f"{name} {interval([a - b for a, b in zip(mine, theirs, strict=True)])}"
                for name, mine, theirs in zip(names, columns, others, strict=True)
            ]
            print(f"    minus {PLAIN}: {'  '.join(gaps)}", flush=True)


def main() -> None:
    """Search seed by seed, and report after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--budget", type=int, default=BUDGET)
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--inherit-epochs", type=int, default=None)
    parser.add_argument("--folder", type=Path, default=Path("runs/inherited_search"))
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    recipe = replace(Recipe(), epochs=asked.epochs, heir_epochs=asked.inherit_epochs)
    rows: dict[str, list[tuple[float, ...]]] = {PLAIN: [], SHORT: [], HEIRS: []}
    for seed in range(asked.seeds):
        searches = Searches(seed, asked.folder, recipe, asked.budget)
        heirs = searches.trials("heirs", Inheritance())
        plain = searches.trials("plain", None)
        spent = sum(epochs(trial, recipe) for trial in heirs)
        for name, trials in (
            (PLAIN, plain),
            (SHORT, first(plain, spent, recipe)),
            (HEIRS, heirs),
        ):
            rows[name].append(searches.row(trials))
            print(f"seed {seed}, {name}: {rows[name][-1]}, {len(trials)} trainings", flush=True)
        report(rows)


if __name__ == "__main__":
    main()
