import numpy as np
import pytest
from scipy.stats import spearmanr

from deltanas import benchmarks
from deltanas.benchmarks import under_limits
from deltanas.benchmarks.hwgpt import MEASURED, PREDICTOR, DeviceModel, measured
from deltanas.errors import DataError, LimitError, MissingDataError
from deltanas.seeds import generator
from deltanas.testing import SurrogateContract

SCALES = ("s", "m", "l")


@pytest.fixture(scope="module")
def loaded(data_folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DELTANAS_DATA", str(data_folder))
        return {scale: benchmarks.load(f"hwgpt:{scale}") for scale in SCALES}


@pytest.mark.parametrize("scale", SCALES)
class TestHwGpt(SurrogateContract):
    @pytest.fixture(autouse=True)
    def _choose(self, scale, loaded):
        self.benchmark = loaded[scale]

    def make(self):
        return self.benchmark


@pytest.mark.parametrize(
    ("scale", "count", "correlation"),
    [("s", 10_000, 0.9999), ("m", 5_245, 0.9997), ("l", 429, 0.9988)],
)
def test_perplexities_are_the_stored_ones_and_rank_as_measured(
    data_folder, loaded, scale, count, correlation
):
    with np.load(data_folder / MEASURED.format(scale)) as archive:
        codes, stored, real = archive["arch"].astype(np.int32), archive["ppl_pred"], archive["ppl"]
    perplexities = loaded[scale].metrics["perplexity"](codes)
    np.testing.assert_allclose(perplexities, stored, rtol=0, atol=2e-5)
    np.testing.assert_allclose(loaded[scale].accuracies_of(codes), 1 / perplexities)
    known = np.isfinite(real)
    assert known.sum() == count
    found = spearmanr(perplexities[known], real[known]).statistic
    assert found == pytest.approx(correlation, abs=6e-5)


@pytest.mark.parametrize("scale", SCALES)
def test_the_best_known_one_has_no_better_neighbour(loaded, scale):
    benchmark = loaded[scale]
    best = np.array([[int(digit) for digit in BEST[scale]]], dtype=np.int32)
    assert benchmark.accuracies_of(best)[0] == pytest.approx(benchmark.best_known, abs=1e-12)
    _, around = benchmark.space.children(best)
    assert benchmark.accuracies_of(around).max() < benchmark.best_known


BEST = {
    "s": "220222222222221122222222222",
    "m": "221120112222222222222222220022212222222221222222122",
    "l": "221112221221212122222222222222222222221011211202222222222222222222222222222",
}
"""Code of the network that the steepest ascents found, by scale."""


@pytest.mark.parametrize("scale", SCALES)
def test_costs_of_networks_that_were_not_fitted_are_close(loaded, data_folder, monkeypatch, scale):
    monkeypatch.setenv("DELTANAS_DATA", str(data_folder))
    codes, devices = measured(scale)
    assert len(devices) == 22
    order = generator(0, "latency").permutation(len(codes))
    fitted, unseen = order[:8_000], order[8_000:]
    for name, limit in (
        ("a100_latency_ms", 0.01),
        ("h100_latency_ms", 0.01),
        ("rtx3080_latency_ms", 0.02),
        ("v100_latency_ms", 0.05),
        ("p100_energy_kwh", 0.05),
        ("a100_energy_kwh", 0.06),
        ("rtx2080_energy_kwh", 0.09),
    ):
        values = devices[name]
        model = DeviceModel(loaded[scale].space, codes[fitted], values[fitted])
        missed = np.abs(model(codes[unseen]) - values[unseen]) / values[unseen]
        assert np.median(missed) < limit
    assert set(loaded[scale].metrics) == {"perplexity", "parameters_m", "flops_g", *devices}


def test_a_device_model_finds_the_prices_of_a_formula_in_spite_of_failed_measurements(loaded):
    space = loaded["s"].space
    codes = space.sample_codes(2_000, generator(0, "formula"))
    facts = space.layers(codes)
    heads, ratios = facts.heads.sum(axis=1), facts.ratios.sum(axis=1)
    # 5 ms, half a millisecond per layer, more for heads and MLPs by width.
    formula = 5 + 0.5 * facts.depth + (0.01 * heads + 0.03 * ratios) * facts.width / 192
    measured_ms = formula.copy()
    measured_ms[::50] *= 10
    model = DeviceModel(space, codes, measured_ms)
    np.testing.assert_allclose(model(codes), formula, rtol=1e-3)


def test_perplexity_is_told_by_an_evaluation_and_no_limit_is_on_it(loaded):
    benchmark = loaded["s"]
    assert "perplexity" not in benchmark.metric_names
    assert {"parameters_m", "a100_latency_ms", "a100_energy_kwh"} < set(benchmark.metric_names)
    with pytest.raises(LimitError, match="'perplexity', which is not known here"):
        under_limits(benchmark, ["perplexity<=30"])
    # A joule is 1 / 3.6 millionth of a kilowatt hour: 1,080 J are .0003 kWh.
    limited = under_limits(benchmark, ["a100_energy<=1080j"])
    codes = limited.space.sample_codes(20, generator(0, "energy"))
    assert benchmark.measure("a100_energy_kwh", codes).max() <= 0.0003


def test_without_the_files_it_says_where_to_put_them(monkeypatch, tmp_path):
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path))
    with pytest.raises(MissingDataError, match="needs its file hwgpt_ppl_predictor"):
        benchmarks.load("hwgpt:m")
    assert not benchmarks.family("hwgpt").is_installed()


@pytest.mark.parametrize(
    ("name", "row", "words"),
    [
        ("arch", 7, "networks of 'hwgpt-s', got another one in row 7"),
        ("hw", 9, "latencies and energies above 0, got -1 for 'p100_latency_ms' in row 9"),
    ],
)
def test_altered_measurements_are_refused(data_folder, monkeypatch, tmp_path, name, row, words):
    (tmp_path / PREDICTOR).symlink_to(data_folder / PREDICTOR)
    with np.load(data_folder / MEASURED.format("s")) as archive:
        arrays = {each: archive[each] for each in ("arch", "hw", "hw_names")}
    arrays[name][row] = -1
    np.savez(tmp_path / MEASURED.format("s"), **arrays)
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path))
    with pytest.raises(DataError, match=words):
        benchmarks.load("hwgpt:s")
