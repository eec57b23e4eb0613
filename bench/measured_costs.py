"""How good are estimates of latency and memory? `python -m bench.measured_costs`.

For each space: networks are measured for 20 s as before a search, with a limit at the median of
random networks. Then the median error of the estimate on random networks that it did not see, the
share of networks within the limit by the cautious estimate that keep to it when measured, and how
far two measurements of one network are apart. Latencies are those of this machine.
"""

import argparse
from collections.abc import Sequence
from functools import partial

import numpy as np

from deltanas.costs import MeasuredCosts
from deltanas.costs.pricing import Pricing
from deltanas.limits import Limit, LimitedSpace
from deltanas.networks import FAMILIES
from deltanas.networks.building import build
from deltanas.seeds import generator
from deltanas.spaces import Architecture

DATA = {
    "cnn-cell": ((1, 40), 10),
    "mlp": ((30,), 2),
    "transformer": ((64,), 97),
    "mbconv": ((1, 8, 8), 10),
}
"""Shape of one input and classes: MNIST-1D, breast-cancer, stdlib-text, digits."""
METRICS = ("latency_ms", "memory_mb")
AT_MEDIAN = 15
"""Random networks whose median is the limit."""


def line(name: str, metric: str, asked: int) -> str:
    """A row of the table."""
    space = FAMILIES[name].space()
    shape, classes = DATA[name]
    networks = partial(build, shape=shape, classes=classes)
    price = Pricing(networks, shape)
    rng = generator(0, "measured costs", name)

    def measured(architectures: Sequence[Architecture]) -> np.ndarray:
        return np.array([price(each, [metric])[metric] for each in architectures])

    limit = Limit(metric, float(np.median(measured(space.sample(AT_MEDIAN, rng)))))
    metrics = MeasuredCosts(space, networks, shape)
    metrics.settle([metric], [limit], None)
    codes = space.sample_codes(asked, rng)
    truth, again = (measured(space.from_codes(codes)) for _ in range(2))
    error = np.median(np.abs(metrics.measure(metric, codes) / truth - 1))
    kept = measured(LimitedSpace(space, [limit], metrics).sample(asked, rng)) <= limit.bound
    apart = np.median(np.abs(again / truth - 1))
    count = len(metrics.codes)
    return (
        f"| `{name}` | `{metric}` | {count} | {100 * error:.0f} % | {100 * kept.mean():.0f} % | "
        f"{100 * apart:.0f} % |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=40, help="networks that are asked about")
    asked = parser.parse_args().networks
    print("| space | cost | measured | median error | keep to the limit | two measurements |")
    print("|---|---|---|---|---|---|")
    for name in DATA:
        for metric in METRICS:
            print(line(name, metric, asked), flush=True)


if __name__ == "__main__":
    main()
