import numpy as np
import pytest

from deltanas import benchmarks
from deltanas.benchmarks.ofa import FILE, NAME
from deltanas.errors import MissingDataError
from deltanas.spaces.ofa_mobilenet import FIRST, LAYERS
from deltanas.testing import SurrogateContract


@pytest.fixture(scope="module")
def benchmark(data_folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DELTANAS_DATA", str(data_folder))
        return benchmarks.load("ofa-mobilenetv3")


class TestOfa(SurrogateContract):
    @pytest.fixture(autouse=True)
    def _choose(self, benchmark):
        self.benchmark = benchmark

    def make(self):
        return self.benchmark


def test_an_accuracy_worked_out_layer_by_layer(data_folder, benchmark):
    """Inputs set one by one, as the authors' package describes them; every unit two deep."""
    code = np.full(FIRST + 2 * LAYERS, -1, dtype=np.int32)
    code[:FIRST] = [1, 0, 0, 0, 0, 0]
    inputs = np.zeros(128)
    for unit in range(5):
        for layer in (0, 1):
            place, kernel, expand = 4 * unit + layer, (unit + layer) % 3, (2 * unit + layer) % 3
            code[FIRST + place], code[FIRST + LAYERS + place] = kernel, expand
            inputs[3 * place + kernel] = inputs[60 + 3 * place + expand] = 1
    inputs[120 + (176 - 112) // 16] = 1
    with np.load(data_folder / FILE) as archive:
        for layer in (0, 2, 4):
            weights, shift = archive[f"{NAME}.{layer}.weight"], archive[f"{NAME}.{layer}.bias"]
            inputs = np.maximum(weights.astype(float) @ inputs + shift, 0)
        (expected,) = archive[f"{NAME}.6.weight"].astype(float) @ inputs + archive[f"{NAME}.6.bias"]
    assert benchmark.space.are_valid(code[None])[0]
    assert benchmark.accuracies_of(code[None])[0] == pytest.approx(expected, abs=1e-12)
    assert 0.7 < expected < 0.8


def test_the_best_known_one_has_no_better_neighbour(benchmark):
    best = np.array([[int(digit) for digit in BEST]], dtype=np.int32)
    assert benchmark.accuracies_of(best)[0] == pytest.approx(benchmark.best_known, abs=1e-12)
    _, around = benchmark.space.children(best)
    assert benchmark.accuracies_of(around).max() < benchmark.best_known


BEST = "4222221101102022022200101112112212102222202222"
"""Code of the network that the steepest ascents found."""


def test_without_the_file_it_says_where_to_put_it(monkeypatch, tmp_path):
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path))
    with pytest.raises(MissingDataError, match=r"needs its file ofa_acc_predictors\.npz"):
        benchmarks.load("ofa-mobilenetv3")
