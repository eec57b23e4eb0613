"""The spaces with networks: how many, how large, how long one takes to build and to train.

    python -m bench.networks              # sizes, and building on torch's meta device
    python -m bench.networks --train 2    # and two random networks of each trained, one thread

Seconds are those of the processor, so that other programs do not count.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch

from deltanas.costs import parameters
from deltanas.evaluation import Context
from deltanas.networks import FAMILIES, build
from deltanas.seeds import generator
from deltanas.training import NetworkTraining, load_data, usual_recipe

DATA = {
    "cnn-cell": "mnist1d",
    "mlp": "breast-cancer",
    "transformer": "stdlib-text",
    "mbconv": "digits",
    "nasbench201": "digits",
    "nasbench101": "digits",
    "darts": "digits",
}
NETWORKS = 20


def timed(work: Callable[[], object]) -> float:
    """Seconds of the processor."""
    start = time.process_time()
    work()
    return time.process_time() - start


def row(name: str, trainings: int) -> list[str]:
    """One line of the table."""
    space, data = FAMILIES[name].space(), load_data(DATA[name])
    shape, classes = data.shape, len(data.classes)
    architectures = space.sample(NETWORKS, generator(0, "bench", name))
    networks, seconds = [], []
    for each in architectures:
        start = time.process_time()
        networks.append(build(each, shape, classes, device="meta"))
        seconds.append(time.process_time() - start)
    sizes = [parameters(each) for each in networks]
    spread = f"{min(sizes):,} to {max(sizes):,}"
    found = [name, data.name, f"{space.size:.2g}", spread, f"{1000 * np.median(seconds):.0f} ms"]
    train = NetworkTraining(data, usual_recipe(data.kind, space=name))
    times = []
    for number, each in enumerate(architectures[:trainings]):
        with tempfile.TemporaryDirectory() as folder:
            context = Context(number, Path(folder), "cpu", number)
            times.append(timed(partial(train, each, context)))
    return found + ([f"{np.mean(times):.1f} s"] if times else [])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=int, default=0, help="networks of each space to train")
    trainings = parser.parse_args().train
    torch.set_num_threads(1)
    heads = ["space", "data", "architectures", f"parameters of {NETWORKS}", "build"]
    heads += ["train"] * bool(trainings)
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for name in FAMILIES:
        print(f"| {' | '.join(row(name, trainings))} |", flush=True)


if __name__ == "__main__":
    main()
