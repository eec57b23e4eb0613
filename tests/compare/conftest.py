import numpy as np
import pytest

from deltanas.benchmarks import Benchmark
from deltanas.spaces import Decision, NasBench201, SearchSpace


class Twins(SearchSpace):
    """Four decisions of four options; where the first is `off`, the second has no effect."""

    def __init__(self):
        options = ("off", "low", "mid", "high")
        super().__init__("twins", [Decision(f"d{n}", options) for n in range(4)], size=256)

    def are_valid(self, codes):
        return np.all((codes >= 0) & (codes < 4), axis=1)

    def keys(self, codes):
        effective = np.array(codes)
        effective[effective[:, 0] == 0, 1] = 0
        return ["".join(map(str, code)) for code in effective.tolist()]

    def sample_codes(self, n, rng):
        return rng.integers(0, 4, size=(n, 4)).astype(np.int32)

    def features(self, codes):
        return np.zeros((len(codes), 0))


def made_up(space):
    """Two trainings of every architecture: higher options are better, with noise."""
    codes = space.all_codes()
    rng = np.random.default_rng(3)
    good = 0.5 + 0.03 * codes.sum(axis=1) - 0.02 * codes[:, 0] * codes[:, 2]
    runs = np.clip(good[:, None] + rng.normal(0, 0.004, (len(codes), 2)), 0.1, 0.99)
    return Benchmark(
        name=f"made-up:{space.name}",
        space=space,
        citation="none",
        licence="none",
        runs=tuple(map(tuple, runs.tolist())),
        seconds=np.ones(len(codes)),
        test_accuracies=runs.mean(axis=1) - 0.03,
    )


@pytest.fixture(scope="session")
def twins() -> Benchmark:
    """256 architectures, 64 of which are in 16 classes of four equal ones: 208 classes."""
    return made_up(Twins())


@pytest.fixture(scope="session")
def cells() -> Benchmark:
    """A made-up table of all NAS-Bench-201 cells."""
    return made_up(NasBench201())
