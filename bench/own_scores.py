"""Scores of one's own untrained networks: price and worth. `python -m bench.own_scores`.

NETWORKS random networks of `cnn-cell` are trained on MNIST-1D, four epochs with one seed each, and
scored. Printed for each score:

- milliseconds per network of one thread, building the network included;
- Kendall's tau with the validation accuracies, with a 95 % bootstrap interval over networks;
- Kendall's tau of `GaussianDelta`, from LABELS random labels, on all other networks, with the
  score as a further feature; mean of SPLITS random splits, and the change to none, paired. The
  splits share their networks, so these intervals do not tell of other networks.

Accuracies are kept in --file: the same command trains none of them again.
"""

import argparse
import json
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from bench.scores import shown
from deltanas.evaluation import Context
from deltanas.networks import cnn_cell
from deltanas.networks.building import build
from deltanas.predictor import kendall_tau
from deltanas.predictor.gaussian import GaussianDelta
from deltanas.scores import SCORES, with_scores
from deltanas.seeds import generator
from deltanas.spaces import Architecture, Codes, SearchSpace, codes_of
from deltanas.training import Recipe, load_data
from deltanas.training.networks import NetworkTraining

NETWORKS: Final = 40
EPOCHS: Final = 4
LABELS: Final = 20
SPLITS: Final = 20
RESAMPLED: Final = 2_000
DATA: Final = "mnist1d"


def trained(networks: list[Architecture], file: Path) -> np.ndarray:
    """Validation accuracies; each is written as soon as it is known."""
    known = json.loads(file.read_text("utf-8")) if file.exists() else {}
    training = NetworkTraining(load_data(DATA), Recipe(epochs=EPOCHS))
    for architecture in networks:
        if architecture.key not in known:
            with tempfile.TemporaryDirectory() as folder:
                result = training.train(architecture, Context(0, Path(folder), "cpu", 0))
            known[architecture.key] = result.accuracy
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(known), "utf-8")
    return np.array([known[architecture.key] for architecture in networks])


def scored(space: SearchSpace, names: tuple[str, ...]) -> SearchSpace:
    """The space with scores on the data; the space itself without any."""
    if not names:
        return space
    data = load_data(DATA)
    networks = partial(build, shape=data.shape, classes=len(data.classes))
    return with_scores(space, networks, names, data.train.inputs, data.train.labels)


def bootstrap(values: np.ndarray, accuracies: np.ndarray) -> tuple[float, float]:
    """95 % interval of tau, networks drawn with replacement."""
    rng = generator(0, "bootstrap")
    drawn = rng.integers(len(values), size=(RESAMPLED, len(values)))
    taus = [kendall_tau(values[rows], accuracies[rows]) for rows in drawn]
    low, high = np.nanquantile(taus, (0.025, 0.975))
    return float(low), float(high)


def learned(space: SearchSpace, codes: Codes, accuracies: np.ndarray, split: int) -> float:
    """Tau of the predictor on the networks that are no label."""
    order = generator(split, "labels").permutation(len(codes))
    labels, asked = order[:LABELS], order[LABELS:]
    predictor = GaussianDelta(space)
    predictor.fit_accuracies(codes[labels], accuracies[labels])
    before = np.repeat(codes[asked[:1]], len(asked), axis=0)
    return kendall_tau(predictor.predict(before, codes[asked]).mean, accuracies[asked])


def main() -> None:
    """Train, score, and print one line for each choice of scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=NETWORKS)
    parser.add_argument("--seed", type=int, default=0, help="which networks")
    parser.add_argument("--splits", type=int, default=SPLITS)
    parser.add_argument("--file", type=Path, default=Path("runs/own_scores.json"))
    asked = parser.parse_args()
    start, space = time.process_time(), cnn_cell()
    networks = space.sample(asked.networks, generator(asked.seed, "own scores"))
    codes, accuracies = codes_of(networks), trained(networks, asked.file)
    print(f"{len(codes)} networks, accuracies {accuracies.min():.3f} to {accuracies.max():.3f}")
    base = np.zeros(0)
    for names in ((), *((name,) for name in SCORES), tuple(SCORES)):
        wider = scored(space, names)
        before = time.thread_time()
        column = wider.features(codes)[:, -1]
        line = f"{1000 * (time.thread_time() - before) / len(codes):.1f} ms"
        if len(names) == 1:
            low, high = bootstrap(column, accuracies)
            line += f", tau {kendall_tau(column, accuracies):.2f} [{low:.2f}, {high:.2f}]"
        found = np.array([learned(wider, codes, accuracies, s) for s in range(asked.splits)])
        line += f", predictor {shown(found, 3)}"
        base = base if names else found
        line += f", change {shown(found - base, 3)}" if names else ""
        print(f"{'+'.join(names) or 'none':60} {line}", flush=True)
    print(f"{time.process_time() - start:.0f} s of the processor")


if __name__ == "__main__":
    main()
