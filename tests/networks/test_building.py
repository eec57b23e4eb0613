"""Networks of the spaces: their sizes, their shapes, and that plain files need torch only."""

import ast
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from deltanas import networks
from deltanas.costs import flops
from deltanas.errors import ShapeError, UnknownNameError
from deltanas.networks import DEFAULT, build, cnn_cell, cnn_cell_costs, plain_module
from deltanas.networks.families import FAMILIES
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, NasBench201
from deltanas.spaces.nasbench201 import parameters_m
from deltanas.testing import SpaceContract

SPACE = cnn_cell()


class TestCnnCell(SpaceContract):
    def make(self):
        return cnn_cell()


def counted(network):
    return sum(each.numel() for each in network.parameters())


def test_the_space_has_at_least_a_million_architectures():
    # 4 widths, 3 stems, 7 operations in 3 layers, 1 or 2 cells, residual, squeeze,
    # 3 widenings, 3 ways to shrink, 3 activations, 3 norms, 2 pools.
    assert SPACE.size == 4 * 3 * 7**3 * 2 * 2 * 2 * 3 * 3 * 3 * 3 * 2
    assert SPACE.size > 10**6


def test_the_parameters_of_the_default_network_worked_by_hand():
    # Stem 1*8*3 + 2*8; stage 1 three layers 8*8*3 + 16; shrink 8*16*3 + 32;
    # stage 2 three layers 16*16*3 + 32; classifier 16*10 + 10.
    expected = 40 + 3 * 208 + 416 + 3 * 800 + 170
    found = cnn_cell_costs(DEFAULT, (1, 40), 10)
    assert found["parameters"] == expected
    # Stem, stage 1 at 40 positions, shrink and stage 2 at 20, classifier at 1.
    assert found["flops"] == 2 * (40 * (24 + 3 * 192) + 20 * (384 + 3 * 768) + 160)
    network = build(SPACE.architecture(DEFAULT), (1, 40), 10, device="meta")
    assert counted(network) == expected


@given(st.integers(0, 10**6), st.sampled_from([(1, 40), (3, 40), (1, 8, 8), (3, 9, 7)]))
@settings(max_examples=12)
def test_counted_without_building_equals_the_built_network(seed, shape):
    (architecture,) = SPACE.sample(1, generator(seed, "test"))
    network = build(architecture, shape, 7, device="meta")
    found = cnn_cell_costs(architecture, shape, 7)
    assert counted(network) == found["parameters"]
    assert flops(network, shape) == found["flops"]
    assert network(torch.empty(3, *shape, device="meta")).shape == (3, 7)


def test_every_option_of_every_decision_computes_something_of_its_own():
    torch.manual_seed(0)
    inputs = torch.randn(4, 1, 40)
    start = SPACE.architecture(DEFAULT)
    outputs = {}
    for architecture in (start, *(child for _, child in SPACE.neighbours(start))):
        torch.manual_seed(3)
        network = build(architecture, (1, 40), 10)
        outputs[architecture.key] = network(inputs).detach()
        assert torch.isfinite(outputs[architecture.key]).all()
    values = torch.stack(list(outputs.values())).flatten(1)
    distances = torch.cdist(values, values) + torch.eye(len(values)) * 9
    assert float(distances.min()) > 1e-4


def test_nasbench201_networks_have_the_parameters_of_the_published_formula():
    # 0.073306 M and per edge 0.24304 M (3x3) or 0.028 M (1x1), for all cells of a sample;
    # the sample has every operation on every edge.
    space = NasBench201()
    codes = np.array(
        [[op] * 6 for op in range(5)] + [np.roll([0, 1, 2, 3, 4, 2], k) for k in range(6)]
    )
    codes = np.concatenate([codes, space.sample_codes(12, generator(0, "t"))]).astype(np.int32)
    expected = parameters_m(codes)
    for architecture, millions in zip(space.from_codes(codes), expected, strict=True):
        network = build(architecture, (3, 32, 32), 10, device="meta")
        assert counted(network) == round(millions * 1e6)
    (last,) = space.from_codes(codes[-1:])
    for name, classes, size in (("cifar100", 100, 32), ("imagenet16-120", 120, 16)):
        network = build(last, (3, size, size), classes, device="meta")
        assert counted(network) == round(parameters_m(codes[-1:], name)[0] * 1e6)


def test_a_nasbench201_cell_adds_up_what_its_edges_make():
    # skip on 0→1, 1→3 and 0→3, none elsewhere: the cell gives x + x.
    choices = dict.fromkeys(("edge 0→1", "edge 1→3", "edge 0→3"), "skip_connect")
    rest = dict.fromkeys(("edge 0→2", "edge 1→2", "edge 2→3"), "none")
    cell = plain_module("nasbench201").Cell(choices | rest, 16)
    x = torch.randn(2, 16, 5, 5)
    assert torch.equal(cell(x), 2 * x)


def test_equal_seeds_give_equal_weights_and_other_seeds_others():
    def weights(seed):
        torch.manual_seed(seed)
        return build(SPACE.architecture(DEFAULT), (1, 40), 10).state_dict()["classifier.weight"]

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


@pytest.mark.parametrize("name", [each.module for each in FAMILIES.values()])
def test_the_files_that_are_given_away_import_torch_and_the_standard_library_only(name):
    path = Path(networks.__file__).parent / "plain" / f"{name}.py"
    tree = ast.parse(path.read_text("utf-8"))
    found = {
        (node.module if isinstance(node, ast.ImportFrom) else alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert found <= {"collections", "math", "torch"}


def test_a_space_without_networks_and_data_that_does_not_fit_are_refused():
    other = BlockSpace({"depth": [1, 2]}, name="mine")
    with pytest.raises(UnknownNameError, match="no networks for space 'mine', only for cnn-cell, "):
        build(other.sample(1, generator(0))[0], (1, 40), 10)
    (cell,) = NasBench201().sample(1, generator(0))
    with pytest.raises(
        ShapeError, match=r"shape \(channels, height, width\), got \(1, 40\) for 10"
    ):
        build(cell, (1, 40), 10)
    with pytest.raises(ShapeError, match="for 0 classes"):
        build(cell, (3, 8, 8), 0)
