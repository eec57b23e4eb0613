import numpy as np
import pytest
import torch

from deltanas.compare.identity import RawSpace
from deltanas.compare.peers.bananas import Bananas
from deltanas.compare.peers.cell_graphs import CellGraphs
from deltanas.compare.peers.graph_network import ConvolutionNetwork, IsomorphismNetwork
from deltanas.compare.peers.nasbowl import Nasbowl
from deltanas.encoding import VertexPaths
from deltanas.encoding.labelled_graphs import FIRST, INPUT, OUTPUT
from deltanas.spaces import (
    ABSENT,
    BlockSpace,
    CellSpace,
    Darts,
    NasBench101,
    NasBench201,
    NasBenchGraph,
    codes_of,
)
from deltanas.spaces.darts import OPERATIONS


def arcs(graphs):
    return {(int(i), int(j)) for i, j in np.argwhere(graphs.arcs[0])}


CHAIN = [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]
DIAMOND = [[0, 1, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 1, 1], [0, 0, 0, 0, 1], [0] * 5]
TURNED = [[0, 1, 1, 0, 0], [0, 0, 0, 1, 1], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1], [0] * 5]
"""The diamond with its first two vertices the other way round."""


def test_a_cell_of_nasbench101_is_its_own_graph():
    space = NasBench101()
    one = space.cell(DIAMOND, ["conv1x1-bn-relu", "maxpool3x3", "conv3x3-bn-relu"])
    graphs = CellGraphs(space).graphs(codes_of([one]))
    there = np.flatnonzero(graphs.labels[0] != ABSENT)
    names = graphs.labels[0, there].tolist()
    assert names == [INPUT, FIRST + 1, FIRST + 2, FIRST, OUTPUT]
    assert np.array_equal(graphs.arcs[0][np.ix_(there, there)], np.array(DIAMOND, dtype=bool))
    assert graphs.arcs.sum() == np.sum(DIAMOND), "a vertex that is not there has an edge"


def test_a_cell_of_darts_has_sixteen_operations_that_all_feed_the_output():
    space = Darts()
    steps = (
        "[('sep_conv_3x3', 0), ('max_pool_3x3', 1)"
        + ", ('skip_connect', 0), ('sep_conv_5x5', 2)" * 3
    )
    genotype = space.read(f"Genotype(normal={steps}], reduce={steps}])")
    graphs = CellGraphs(RawSpace(space)).graphs(codes_of([genotype]))
    inner = graphs.labels[0, 1:-1]
    normal, reduce = inner[:14], inner[14:]
    assert np.array_equal(np.where(normal < 0, normal, normal + len(OPERATIONS)), reduce)
    assert np.count_nonzero(inner != ABSENT) == 16
    found = arcs(graphs)
    at = {
        pair: 1 + place for place, pair in enumerate((s, t) for t in range(2, 6) for s in range(t))
    }
    for begin, first in ((0, 1), (1, 1), (0, 15), (1, 15)):
        assert (0, at[begin, 2] + first - 1) in found
    assert (at[0, 2], at[2, 3]) in found
    assert (at[0, 2], at[2, 3] + 14) not in found, "one cell feeds the other"
    assert all((1 + place, 29) in found for place in np.flatnonzero(inner != ABSENT))
    assert not {(i, j) for i, j in found if ABSENT in graphs.labels[0, [i, j]]}


def test_what_no_node_takes_feeds_the_output_of_a_graph_network():
    space = NasBenchGraph()
    graphs = CellGraphs(space).graphs(codes_of([space.read("0:fc,0:cheb,1:arma,3:fc")]))
    assert arcs(graphs) == {(0, 1), (0, 2), (1, 3), (3, 4), (2, 5), (4, 5)}


def test_nodes_that_skip_are_bridged():
    space = NasBenchGraph()
    (code,) = codes_of([space.read("0:fc,1:skip,2:arma,3:fc")])
    assert arcs(CellGraphs(space).pruned(code)) == {(0, 1), (1, 3), (3, 4), (4, 5)}


def test_a_cell_with_edges_has_them_as_vertices_and_loses_those_that_let_nothing_pass():
    space = NasBench201()
    one = space.read(
        "|nor_conv_1x1~0|+|skip_connect~0|nor_conv_3x3~1|+|avg_pool_3x3~0|none~1|none~2|"
    )
    (code,) = codes_of([one])
    pruned = CellGraphs(space).pruned(code)
    assert arcs(pruned) == {(0, 4), (4, 7)}
    assert np.flatnonzero(pruned.labels[0] != ABSENT).tolist() == [0, 4, 7]
    assert len(arcs(CellGraphs(space).graphs(code[None]))) == 10


def test_other_spaces_are_chains():
    space = BlockSpace({"a": [1, 2], "b": [3, 4], "c": [5, 6]}, name="three")
    graphs = CellGraphs(space).graphs(np.array([[0, 1, 0]], dtype=np.int32))
    assert arcs(graphs) == {(0, 1), (1, 2), (2, 3), (3, 4)}
    assert len(set(graphs.labels[0].tolist())) == 5


@pytest.mark.parametrize("network", ["isomorphism", "convolution"])
def test_networks_see_neither_the_numbers_of_vertices_nor_those_that_are_not_there(network):
    space = NasBench101()
    pooled = ["maxpool3x3", "conv1x1-bn-relu", "conv3x3-bn-relu"]
    turned = [pooled[1], pooled[0], pooled[2]]
    alike = space.cell(DIAMOND, pooled), space.cell(TURNED, turned)
    bare = space.cell(CHAIN, pooled[:2])
    # The same with a vertex more, which leads nowhere.
    dead = np.zeros((5, 5), dtype=int)
    dead[:3, :3], dead[0, 3], dead[2, 4] = np.array(CHAIN)[:3, :3], 1, 1
    more = space.cell(dead, [*pooled[:2], "maxpool3x3"])
    graphs = CellGraphs(space)
    torch.manual_seed(0)
    model = (
        IsomorphismNetwork(graphs.label_count)
        if network == "isomorphism"
        else ConvolutionNetwork(graphs.label_count, 16)
    )
    inputs = model.tensors(graphs.graphs(codes_of([*alike, bare, more])))
    with torch.no_grad():
        if network == "isomorphism":
            model(*inputs)  # learn the statistics of a batch
        model.eval()
        said = model(*inputs).numpy()
    assert said[0] == pytest.approx(said[1], abs=1e-6)
    assert said[2] == pytest.approx(said[3], abs=1e-6)
    assert said[0] != pytest.approx(said[2], abs=1e-4)


def test_isomorphic_cells_are_one_to_nasbowl_and_bananas():
    space = NasBench101()
    operations = ["maxpool3x3", "conv1x1-bn-relu", "conv3x3-bn-relu"]
    one = space.cell(DIAMOND, operations)
    other = space.cell(TURNED, [operations[1], operations[0], operations[2]])
    codes = codes_of([one, other])
    assert not np.array_equal(*codes)
    subgraphs = Nasbowl(space, seed=0, starts=2)._features(codes, depth=3)
    assert subgraphs @ subgraphs.T == pytest.approx(np.ones((2, 2)))
    encoding = Bananas(space, seed=0, starts=2)._encoding
    assert isinstance(encoding, VertexPaths)
    assert np.array_equal(*encoding.encode(codes))


def test_bananas_truncates_paths_where_there_would_be_too_many():
    one = Bananas(NasBench201(), seed=0, starts=2)
    assert len(one._encoding.names) == 5 + 25 + 125
    large = CellSpace(nodes=6, operations=("conv", "pool", "skip"), on="edges", max_edges=9)
    names = Bananas(large, seed=0, starts=2)._encoding.names
    assert len(names) == sum(4**length for length in range(1, 6))
