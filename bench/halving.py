"""Does successive halving find better networks with equally many epochs? `python -m bench.halving`.

MNIST-1D and `cnn-cell`, delta-evolution: BUDGET trainings of six epochs each, against a search
that stops two trainings of three after two epochs and goes on until it has spent as many epochs
(at most one training more). Same starts, seeds and recipe. Trainings of the first search are
taken from runs/real_training.jsonl (`bench.real_training`) where they are there.
"""

import argparse
import tempfile
from pathlib import Path

from bench.real_training import BUDGET, Trainings, interval, search
from deltanas.networks import cnn_cell
from deltanas.records import Trial
from deltanas.study import Halving, Study
from deltanas.training import Recipe, load_data
from deltanas.training.networks import NetworkTraining

HALVING = Halving(min_epochs=2, reduction=3)


def epochs(trial: Trial) -> int:
    """Epochs that a trial has cost; all of them where it failed."""
    evaluation = trial.evaluation
    return max(evaluation.rungs, default=Recipe().epochs) if evaluation else 0


def with_halving(seed: int, most: int) -> tuple[tuple[float, float], int]:
    """Validation and test accuracy of the best network, and how many were begun."""
    training = NetworkTraining(load_data("mnist1d"), Recipe())
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "s.db")
        study = Study(cnn_cell(), training, seed=seed, storage=place, halving=HALVING)
        with study:
            while sum(map(epochs, study.trials)) < most:
                study.run(len(study.trials) + 1)
            best = study.best
            test = best.evaluation.metrics["test_accuracy"] if best.evaluation else 0.0
            return (best.accuracy or 0.0, test), len(study.trials)


def main() -> None:
    """Print one line per seed, and the means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--budget", type=int, default=BUDGET)
    parser.add_argument("--trainings", type=Path, default=Path("runs/real_training.jsonl"))
    asked = parser.parse_args()
    train = Trainings(asked.trainings, Recipe())
    rows = []
    for seed in range(asked.seeds):
        plain = max(search("delta-evolution", seed, asked.budget, train))
        halved, begun = with_halving(seed, asked.budget * Recipe().epochs)
        rows.append((*plain, *halved))
        print(f"seed {seed}: plain {plain}, halving {halved} of {begun} networks", flush=True)
    names = ("plain validation", "plain test", "halving validation", "halving test")
    for name, values in zip(names, zip(*rows, strict=True), strict=True):
        print(f"{name:20}{interval(list(values))}")
    print(
        "halving better by",
        interval([row[2] - row[0] for row in rows]),
        "validation,",
        interval([row[3] - row[1] for row in rows]),
        "test",
    )


if __name__ == "__main__":
    main()
