"""Networks of all spaces: sizes, costs and shapes, and what each of their parts computes."""

import numpy as np
import pytest
import torch

from deltanas.costs import NetworkCosts, flops, parameters
from deltanas.errors import ShapeError
from deltanas.networks import FAMILIES, build, mbconv, mlp, plain_module, transformer
from deltanas.networks.mlp import mlp_costs
from deltanas.networks.transformer import transformer_costs
from deltanas.seeds import generator
from deltanas.spaces import NasBench101, NasBench201
from deltanas.spaces.darts import Darts, parameters_m
from deltanas.testing import SpaceContract

SHAPES = {
    "cnn-cell": [(1, 9)],
    "mlp": [(5,), (1, 9), (2, 3, 4)],
    "transformer": [(11,)],
    "mbconv": [(1, 8, 8), (3, 13, 9)],
    "nasbench201": [(1, 7, 5)],
    "nasbench101": [(1, 8, 8), (3, 13, 9)],
    "darts": [(1, 8, 8), (3, 13, 9)],
}


class TestMlp(SpaceContract):
    def make(self):
        return mlp()


class TestTransformer(SpaceContract):
    def make(self):
        return transformer()


class TestMbconv(SpaceContract):
    def make(self):
        return mbconv()


def test_every_family_has_shapes_here():
    assert list(SHAPES) == list(FAMILIES)


@pytest.mark.parametrize(("name", "shape"), [(n, each) for n in SHAPES for each in SHAPES[n]])
def test_costs_counted_without_building_equal_those_of_the_built_network(name, shape):
    space = FAMILIES[name].space()
    assert space.name == name
    codes = space.sample_codes(4, generator(8, "families"))
    metrics = NetworkCosts(space, shape, 6)
    networks = [build(each, shape, 6, device="meta") for each in space.from_codes(codes)]
    assert metrics.measure("parameters", codes).tolist() == [parameters(n) for n in networks]
    assert metrics.measure("flops", codes).tolist() == [flops(each, shape) for each in networks]
    places = shape if name == "transformer" else ()
    answer = networks[0](torch.zeros(3, *shape, device="meta"))
    assert answer.shape == (3, 6, *places)


@pytest.mark.parametrize("space", [mlp(), transformer(), mbconv()], ids=lambda space: space.name)
def test_every_option_of_every_decision_computes_something_of_its_own(space):
    shape = SHAPES[space.name][0]
    (start,) = space.sample(1, generator(2, "start"))
    inputs = torch.randint(6, (4, *shape)).float()
    outputs = []
    children = [child for _, child in space.neighbours(start)]
    assert len(children) > 20
    for architecture in (start, *children):
        torch.manual_seed(3)
        network = build(architecture, shape, 6)
        for each in network.parameters():  # so that biases that begin as zeros matter too
            torch.nn.init.normal_(each, std=0.3)
        outputs.append(network(inputs).detach().flatten())
        assert torch.isfinite(outputs[-1]).all()
    distances = torch.cdist(torch.stack(outputs), torch.stack(outputs))
    assert float((distances + torch.eye(len(outputs)) * 9).min()) > 1e-4


def test_an_mlp_worked_by_hand():
    choices = {"layers": 2, "width 1": 8, "width 2": 16, "norm": "layer", "wide": True}
    # Linear 5*8 and 8*16 without bias, two numbers a channel to normalise, 16*3 + 3, wide 5*3.
    weights = 5 * 8 + 8 * 16 + 16 * 3 + 5 * 3
    assert mlp_costs(choices, (5,), 3) == {
        "parameters": weights + 2 * (8 + 16) + 3,
        "flops": 2 * weights,
    }


def test_a_transformer_worked_by_hand():
    choices = {"width": 24, "layers": 1, "bias": False, "heads 1": 2, "mlp 1": 3}
    # Queries, keys, values and what leaves: 4 matrices of 24 x 32; MLP 24 x 72 and back.
    layer = 4 * 24 * 32 + 2 * 24 * 72
    found = transformer_costs(choices, (10,), 7)
    assert found["parameters"] == 7 * 24 + 10 * 24 + layer + 3 * 2 * 24 + 24 * 7
    assert found["flops"] == 2 * (10 * (layer + 24 * 7) + 2 * 32 * 10 * 10)


def test_a_transformer_does_not_look_ahead():
    (architecture,) = transformer().sample(1, generator(1, "ahead"))
    network = build(architecture, (9,), 7).eval()
    torch.manual_seed(0)
    before = torch.randint(7, (2, 9)).float()
    after = before.clone()
    after[:, 5] = (after[:, 5] + 1) % 7
    with torch.no_grad():
        one, other = network(before), network(after)
        shorter = network(before[:, :4])
    changed = (one - other).abs().amax(dim=(0, 1))
    assert changed[:5].tolist() == [0.0] * 5
    assert float(changed[5:].min()) > 0
    assert torch.allclose(shorter, one[:, :, :4], atol=1e-5)


def test_an_mlp_brings_pixels_to_one_scale_and_leaves_tables_alone():
    (architecture,) = mlp().sample(1, generator(1, "scale"))
    assert isinstance(build(architecture, (5,), 2).scale, torch.nn.Identity)
    scale = build(architecture, (1, 5), 2).scale
    found = scale(torch.randn(500, 5) * 7 + 3)
    assert torch.allclose(found.mean(0), torch.zeros(5), atol=1e-5)
    assert torch.allclose(found.std(0), torch.ones(5), atol=1e-2)


def test_the_channels_of_a_nasbench101_cell_worked_by_hand():
    # Edges 0→1, 1→2, 1→3, 2→6, 3→6, 0→4, 4→6: three vertices share 16 channels as 6, 5, 5,
    # and vertex 1 has as many as the wider one of 2 and 3.
    edges = [(0, 1), (0, 4), (1, 2), (1, 3), (2, 6), (3, 6), (4, 6)]
    cell = plain_module("nasbench101").Cell(edges, dict.fromkeys(range(1, 6), "maxpool3x3"), 3, 16)
    assert cell.channels == {6: 16, 2: 6, 3: 5, 4: 5, 1: 6}
    x = torch.randn(2, 3, 4, 4)
    pool = torch.nn.MaxPool2d(3, stride=1, padding=1)
    first = pool(cell.projections["1"](x))
    parts = (pool(first), pool(first[:, :5]), pool(cell.projections["4"](x)))
    assert torch.equal(cell(x), torch.cat(parts, dim=1))


def test_nasbench101_networks_have_the_parameters_that_the_benchmark_recorded(data_folder):
    table = np.load(data_folder / "nb101.npz")
    space = NasBench101()
    operations = ("conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3")
    rows = generator(0, "rows").integers(len(table["params_M"]), size=12)
    for row in rows.tolist():
        size = int(table["n_vertices"][row])
        bits, ops = int(table["bits"][row]), int(table["ops"][row])
        pairs = [(i, j) for i in range(size) for j in range(i + 1, size)]
        matrix = np.zeros((size, size), dtype=int)
        for place, pair in enumerate(pairs):
            matrix[pair] = bits >> place & 1
        names = [operations[ops // 3**place % 3] for place in range(size - 2)]
        cell = space.cell(matrix, names)
        network = build(cell, (3, 32, 32), 10, device="meta", skeleton={"channels": 128})
        assert parameters(network) / 1e6 == pytest.approx(float(table["params_M"][row]), abs=2e-6)


def test_a_darts_network_has_the_parameters_of_the_published_cell():
    # DARTS_V2, 20 cells of 36 channels: 3.349342 million without the auxiliary head.
    text = (
        "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
        "('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), "
        "('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), "
        "('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
        "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], "
        "reduce_concat=[2, 3, 4, 5])"
    )
    architecture = Darts().read(text)
    skeleton = {"channels": 36, "layers": 20}
    network = build(architecture, (3, 32, 32), 10, device="meta", skeleton=skeleton)
    assert parameters(network) == 3_349_342
    codes = Darts().sample_codes(2, generator(5, "darts"))
    expected = np.round(1e6 * parameters_m(codes, channels=32, layers=8)).tolist()
    skeleton = {"channels": 32, "layers": 8}
    networks = [
        build(each, (3, 32, 32), 10, device="meta", skeleton=skeleton)
        for each in Darts().from_codes(codes)
    ]
    assert [parameters(each) for each in networks] == expected


def test_halving_an_image_of_odd_length_keeps_its_last_row():
    halve = plain_module("darts").Halve(1, 2)
    with torch.no_grad():
        for each in (halve.even, halve.odd):
            each.weight.fill_(1.0)
    halve.norm = torch.nn.Identity()
    found = halve(torch.arange(1.0, 26).reshape(1, 1, 5, 5))
    assert found[0, 0].tolist() == [[1, 3, 5], [11, 13, 15], [21, 23, 25]]
    assert found[0, 1].tolist() == [[7, 9, 0], [17, 19, 0], [0, 0, 0]]


def test_all_nasbench201_networks_have_the_published_parameters_and_flops(data_folder):
    # That these counts are those of built networks is tested above.
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(data_folder / "nb201.parquet").to_pydict()
    columns = [table[name] for name in ("e01", "e02", "e12", "e03", "e13", "e23")]
    space = NasBench201()
    names = [f"edge {pair[0]}→{pair[1]}" for pair in ("01", "02", "12", "03", "13", "23")]
    order = [[each.name for each in space.decisions].index(name) for name in names]
    codes = np.zeros((len(columns[0]), 6), dtype=np.int32)
    codes[:, order] = np.array(columns).T
    assert len(np.unique(codes, axis=0)) == 15_625
    for name, size, classes in (("c10", 32, 10), ("c100", 32, 100), ("in16", 16, 120)):
        metrics = NetworkCosts(space, (3, size, size), classes)
        found = metrics.measure("parameters", codes) / 1e6
        assert np.abs(found - table[f"params_M_{name}"]).max() < 2e-6
        # Theirs are multiply-adds and the additions of the classifier's biases.
        found = metrics.measure("flops", codes) / 2e6 + classes / 1e6
        assert np.abs(found - table[f"flops_M_{name}"]).max() < 2e-6


@pytest.mark.parametrize(
    ("name", "shape", "words"),
    [
        ("mbconv", (1, 7, 9), r"need 8 x 8 pixels or more, got 7 x 9; give larger images, or"),
        ("darts", (3, 3, 3), "need 4 x 4 pixels or more, got 3 x 3"),
        (
            "transformer",
            (1, 40),
            r"take inputs of shape \(columns or tokens,\), got \(1, 40\) for 4 classes",
        ),
    ],
)
def test_inputs_that_a_network_cannot_take_are_refused_in_words(name, shape, words):
    (architecture,) = FAMILIES[name].space().sample(1, generator(0))
    with pytest.raises(ShapeError, match=words):
        build(architecture, shape, 4)
