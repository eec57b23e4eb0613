import numpy as np
import pytest

from deltanas.errors import ArchitectureError
from deltanas.seeds import generator
from deltanas.spaces import Darts
from deltanas.spaces.darts import EDGES, OPERATIONS, on_edges, parameters_m
from deltanas.testing import SpaceContract

# The cells that DARTS (second order) published.
DARTS_V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
    "('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), "
    "('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), "
    "('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])"
)


class TestDarts(SpaceContract):
    def make(self):
        return Darts()


@pytest.fixture(scope="module")
def space():
    return Darts()


@pytest.fixture(scope="module")
def published(space):
    return space.read(DARTS_V2)


def test_there_are_about_1e18_codes(space):
    # A cell: 1 x 3 x 6 x 10 pairs of inputs, 7 operations on 8 edges; two cells.
    assert space.size == (180 * 7**8) ** 2 == 1_076_746_950_455_072_400
    assert len(space.decisions) == 22


def test_parameters_of_the_published_network_are_the_published_ones(published):
    # DARTS' own training script counts 3.349342 million for 20 cells of 36 channels.
    counted = parameters_m(np.array([published.code]), channels=36, layers=20)
    assert counted[0] == pytest.approx(3.349342, abs=1e-9)


def test_parameters_of_a_small_network_by_hand(space):
    # One cell of 2 channels, pools but for one 3x3 dilated convolution: the stem 3 x 9 x 6 + 12,
    # its two inputs 6 x 2 + 4 each, the convolution 9 x 2 + 2 x 2 + 4, the classifier 8 x 10 + 10.
    # The only layer is the first of one third: it reduces, so 4 channels and the reduction cell.
    cell = {f"normal node {n} {which}": "max_pool_3x3" for n in (2, 3, 4, 5) for which in LH}
    cell |= {name.replace("normal", "reduce"): operation for name, operation in cell.items()}
    inputs = {f"{c} node {n} inputs": "0+1" for c in ("normal", "reduce") for n in (3, 4, 5)}
    one = space.architecture({**cell, **inputs, "reduce node 2 lower": "dil_conv_3x3"})
    skip = space.architecture({**cell, **inputs, "reduce node 2 lower": "skip_connect"})
    stem, inner, classifier = 3 * 9 * 6 + 12, 2 * (6 * 4 + 8), 16 * 10 + 10
    codes = np.array([one.code, skip.code])
    counted = 1e6 * parameters_m(codes, channels=2, layers=1)
    # A skip out of a cell's input halves the resolution: 4 x 4 weights and a normalisation of 8.
    expected = [stem + inner + classifier + 9 * 4 + 4 * 4 + 8, stem + inner + classifier + 16 + 8]
    assert counted.tolist() == pytest.approx(expected)


LH = ("lower", "higher")


def test_the_order_of_the_two_inputs_of_a_node_does_not_matter(space, published):
    turned = DARTS_V2.replace(
        "('skip_connect', 0), ('dil_conv_3x3', 2)]", "('dil_conv_3x3', 2), ('skip_connect', 0)]"
    )
    assert turned != DARTS_V2
    assert space.read(turned) == published
    assert space.read(turned).key == published.key


def test_operations_stand_on_their_edges(space, published):
    normal, reduction = on_edges(np.array([published.code]))[0]
    place = {edge: number for number, edge in enumerate(EDGES)}
    assert OPERATIONS[normal[place[2, 5]]] == "dil_conv_3x3"
    assert OPERATIONS[normal[place[0, 5]]] == "skip_connect"
    assert OPERATIONS[reduction[place[2, 3]]] == "skip_connect"
    assert [edge for edge, operation in zip(EDGES, reduction, strict=True) if operation >= 0] == [
        *((0, 2), (1, 2), (1, 3), (2, 3)),
        *((0, 4), (2, 4), (1, 5), (2, 5)),
    ]


def test_features_of_the_published_cells_by_hand(space, published):
    row = space.features(np.array([published.code], dtype=np.int32))[0]
    found = dict(zip(space.feature_names, row.tolist(), strict=True))
    assert found["graph:normal sep_conv_3x3"] == 5
    assert found["graph:reduce max_pool_3x3"] == 5
    assert found["edges:normal 2→5 dil_conv_3x3"] == 1
    assert found["edges:normal 2→5 skip_connect"] == 0
    # Node 2 has two ways in, both separable; node 5 dilates each: no other way has two steps.
    assert found["walks:normal sep_conv_3x3>dil_conv_3x3"] == 2
    assert found["walks:reduce max_pool_3x3>skip_connect"] == 6
    assert found["walks:normal skip_connect"] == 2
    # Node 3 of the normal cell is one step deep, its node 5 two.
    assert (found["graph:normal depth of node 3"], found["graph:normal depth of node 5"]) == (1, 2)
    # Mean ways to nodes 2 to 5: 1, 1, 1 and 1 + (0 + 1) / 2.
    assert found["graph:normal mean depth"] == pytest.approx(4.5 / 4)
    assert (found["graph:normal from 0"], found["graph:normal from 1"]) == (4, 3)
    total = sum(value for name, value in found.items() if name.startswith("edges:"))
    assert total == 16


def test_an_edit_replaces_an_operation_or_a_pair_of_inputs(space, published):
    edits = space.edits(published)
    # 16 operations with 6 others each; 2, 5 and 9 other pairs in each of two cells.
    assert len(edits) == 16 * 6 + 2 * (2 + 5 + 9)
    assert "normal node 5 inputs: 0+2 → 3+4" in {edit.words for edit in edits}


def test_samples_reach_every_option(space):
    codes = space.sample_codes(2_000, generator(3, "darts"))
    assert (codes.max(axis=0) == space.option_counts - 1).all()
    assert (codes.min(axis=0) == 0).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Genotype(normal=[('sep_conv_3x3', 0)], reduce=[])", "1 of 8 steps in the normal cell"),
        (DARTS_V2.partition(" reduce=")[0], "0 of 8 steps in the reduce cell"),
        (DARTS_V2.replace("3x3', 2)]", "3x3', 0)]"), "inputs 0 and 0 of node 5 in the normal"),
        (DARTS_V2.replace("3x3', 2)]", "3x3', 7)]"), "inputs 0 and 7 of node 5"),
        (DARTS_V2.replace("dil_conv_3x3", "conv_9x9"), "no option 'conv_9x9'"),
    ],
)
def test_a_genotype_that_cannot_be_is_refused(space, text, words):
    with pytest.raises(ArchitectureError, match=words):
        space.read(text)
