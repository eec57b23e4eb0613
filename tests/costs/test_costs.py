"""Costs: worked by hand, and equal to the benchmark's where it recorded them."""

import pytest
import torch
from torch import nn

from deltanas.costs import (
    COSTS,
    Latency,
    NetworkCosts,
    costs,
    flops,
    latency,
    parameters,
    peak_activation_bytes,
)
from deltanas.errors import TrainingError, UnknownNameError
from deltanas.networks import DEFAULT, build, cnn_cell
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, NasBench201


def small(device="meta"):
    layers = (nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 5))
    return nn.Sequential(*layers).to(device)


@pytest.mark.parametrize("device", ["meta", "cpu"])
def test_a_small_network_worked_by_hand(device):
    network = small(device)
    assert parameters(network) == 10 * 20 + 20 + 20 * 5 + 5
    # A multiply-add is two operations; biases and activations are none.
    assert flops(network, (10,)) == 2 * (10 * 20 + 20 * 5)
    # While the activation works: the input, what went into it and what comes out, 4 bytes each.
    assert peak_activation_bytes(network, (10,)) == 4 * (10 + 20 + 20)


def test_a_convolution_worked_by_hand():
    # 6 channels of 4 x 5 outputs, each from 3 x 3 x 2 inputs.
    network = nn.Conv2d(2, 6, 3, padding=1, bias=False).to("meta")
    assert flops(network, (2, 4, 5)) == 2 * (6 * 4 * 5) * (3 * 3 * 2)
    assert peak_activation_bytes(network, (2, 4, 5)) == 4 * (2 * 20 + 6 * 20)


def test_memory_that_is_free_again_is_not_counted_and_views_are_no_memory():
    class Chain(nn.Module):
        def forward(self, x):
            for _ in range(9):
                x = x.flatten(1).reshape(x.shape) + 1
            return x

    # The caller's input, the value before and the value after: never more than three.
    assert peak_activation_bytes(Chain(), (7,)) == 4 * 3 * 7


def test_counting_leaves_the_network_as_it_was():
    network = nn.Sequential(nn.BatchNorm1d(4), nn.Dropout(0.5)).train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    flops(network, (4, 6))
    peak_activation_bytes(network, (4, 6))
    assert network.training
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    network[0].weight.requires_grad_(requires_grad=False)
    assert parameters(network) == 4


def test_costs_of_an_architecture_have_the_names_that_limits_know():
    found = costs(cnn_cell().architecture(DEFAULT), (1, 40), 10)
    assert tuple(found) == COSTS
    network = build(cnn_cell().architecture(DEFAULT), (1, 40), 10, device="meta")
    assert found["parameters"] == parameters(network)
    assert found["flops"] == flops(network, (1, 40))
    assert found["activation_bytes"] == peak_activation_bytes(network, (1, 40))
    measured = costs(cnn_cell().architecture(DEFAULT), (1, 40), 10, is_measured=True)
    assert 0 < measured["latency_ms"] <= measured["latency_p95_ms"]


def test_latency_is_the_median_after_warming_up(monkeypatch):
    # Two runs to warm up, then 1, 2, ..., 20 ms and one of a second: the median of 21 is 11 ms.
    times = iter([9.0, 9.0, *(milliseconds / 1000 for milliseconds in range(1, 21)), 1.0])
    monkeypatch.setattr("deltanas.costs.timing._time", lambda *_: next(times))
    found = latency(small("cpu"), (10,), warm_up=2, repeats=21)
    assert isinstance(found, Latency)
    assert (found.median_ms, found.p95_ms) == (pytest.approx(11.0), pytest.approx(20.0))


def test_latency_leaves_threads_and_mode_as_they_were():
    network = small("cpu").train()
    before = torch.get_num_threads()
    latency(network, (10,), repeats=1, warm_up=0, threads=2)
    assert torch.get_num_threads() == before
    assert network.training


def test_a_network_without_weights_has_no_latency():
    with pytest.raises(TrainingError, match="got one on meta and repeats=50"):
        latency(small(), (10,))


@pytest.mark.parametrize(
    ("space", "shape"), [(cnn_cell(), (1, 40)), (cnn_cell(), (3, 9, 7)), (NasBench201(), (3, 9, 9))]
)
def test_costs_of_many_codes_equal_those_of_the_built_networks(space, shape):
    codes = space.sample_codes(6, generator(4, "codes"))
    metrics = NetworkCosts(space, shape, 7)
    expected = [costs(each, shape, 7) for each in space.from_codes(codes)]
    for name in metrics.metric_names:
        assert metrics.measure(name, codes).tolist() == [each[name] for each in expected]


def test_costs_of_a_space_without_networks_are_not_known():
    with pytest.raises(UnknownNameError, match="got space 'blocks'; give a space of your own"):
        NetworkCosts(BlockSpace({"a": [1, 2]}), (1, 40), 10)


def test_flops_of_nasbench201_equal_the_published_ones(data_folder):
    parquet = pytest.importorskip("pyarrow.parquet")
    edges = ["e01", "e02", "e12", "e03", "e13", "e23"]
    table = parquet.read_table(data_folder / "nb201.parquet").to_pylist()
    space = NasBench201()
    rows = generator(0, "rows").integers(len(table), size=5)
    for row in (table[int(index)] for index in rows):
        choices = {f"edge {e[1]}→{e[2]}": space.operations[row[e]] for e in edges}
        found = costs(space.architecture(choices), (3, 32, 32), 10)
        assert found["parameters"] / 1e6 == pytest.approx(row["params_M_c10"], abs=2e-6)
        # Theirs are multiply-adds, and the ten additions of the classifier's biases.
        assert found["flops"] / 2 + 10 == pytest.approx(row["flops_M_c10"] * 1e6, abs=0.1)
