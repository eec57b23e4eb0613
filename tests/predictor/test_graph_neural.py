"""The graph DoA predictor: its laws, what it learns, and that it knows no numbers of vertices."""

import itertools

import numpy as np
import pytest
import torch

from deltanas.encoding.graphs import cells_of
from deltanas.errors import EncodingError
from deltanas.pairs import pairs_of
from deltanas.predictor import graph_members, sign_agreement
from deltanas.predictor.graph_batches import GraphRows
from deltanas.predictor.graph_members import GraphMembers
from deltanas.predictor.graph_neural import GraphDelta
from deltanas.predictor.neural import NeuralSettingError
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, CellSpace, NasBench101, NasBench201, TransNasMicro
from deltanas.testing import PredictorContract

NODES = CellSpace(4, ["conv", "pool"], max_edges=7)
EDGES = CellSpace(2, ["a", "b"], on="edges")


class TestGraphDeltaOnNodes(PredictorContract):
    labels = 12

    def make_space(self):
        return NODES

    def make_predictor(self, space):
        return GraphDelta(space, members=2)


class TestGraphDeltaOnEdges(TestGraphDeltaOnNodes):
    def make_space(self):
        return NasBench201()


def score(codes):
    """Convolutions help, unless one follows another; long ways from input to output hurt."""
    found = []
    for cell in NODES.from_codes(codes):
        matrix, operations = CellSpace.matrix(cell)
        convs = [False, *(each == "conv" for each in operations), False]
        follows = sum(matrix[i, j] for i, j in itertools.permutations(np.flatnonzero(convs), 2))
        found.append(0.8 + 0.02 * sum(convs) - 0.015 * follows - 0.004 * len(matrix))
    return np.array(found)


def evaluated(n, seed=1):
    codes = NODES.sample_codes(n, generator(seed, "evaluated"))
    return pairs_of(NODES, codes, score(codes), edits=len(NODES.decisions))


def asked(n=40):
    parents = NODES.sample_codes(n, generator(2, "parents"))
    rows, children = NODES.children(parents)
    return parents[rows], children


@pytest.fixture(scope="module")
def fitted():
    predictor = GraphDelta(NODES, members=3)
    predictor.fit(evaluated(60))
    return predictor


def test_operations_on_vertices_become_vertices_with_labels():
    rows = GraphRows(NODES, NODES.sample_codes(1, generator(0, "any")))
    code = np.array([NODES.read("conv(0); pool(0+1); conv(2); pool(); 1+2").code], dtype=np.int32)
    batch = rows.batch(torch.tensor(rows.encode(code), dtype=torch.float32))
    # Input, output, conv, pool; then edges in and out. Vertices 3 and 4 are dead.
    assert batch.vertices[0].tolist() == [
        [1, 0, 0, 0, 0, 2],
        [0, 0, 1, 0, 1, 2],
        [0, 0, 0, 1, 2, 1],
        [0] * 6,
        [0] * 6,
        [0, 1, 0, 0, 2, 0],
    ]
    assert batch.there[0, :, 0].tolist() == [1, 1, 1, 0, 0, 1]
    shares = {(i, j): float(batch.shares[0, i, j]) for i, j in np.argwhere(batch.shares[0].numpy())}
    assert shares == {(0, 1): 1.0, (0, 2): 0.5, (1, 2): 0.5, (1, 5): 0.5, (2, 5): 0.5}


def test_operations_on_edges_become_vertices_too():
    rows = GraphRows(EDGES, EDGES.sample_codes(1, generator(0, "any")))
    code = np.array([EDGES.read("a(0); -; b(0)+a(1)").code], dtype=np.int32)
    batch = rows.batch(torch.tensor(rows.encode(code), dtype=torch.float32))
    # Input, the edges 0→1, 0→2, 1→2, 0→3, 1→3, 2→3, output; 0→1 leads to 1→3.
    assert batch.there[0, :, 0].tolist() == [1, 1, 0, 0, 1, 1, 0, 1]
    assert batch.vertices[0, :, :4].argmax(dim=1)[[1, 4, 5]].tolist() == [2, 3, 2]
    shares = {(i, j): float(batch.shares[0, i, j]) for i, j in np.argwhere(batch.shares[0].numpy())}
    assert shares == {(0, 1): 1.0, (0, 4): 1.0, (1, 5): 1.0, (4, 7): 0.5, (5, 7): 0.5}


@pytest.mark.parametrize("space", [NasBench101(), NasBench201(), TransNasMicro(), NODES, EDGES])
def test_what_is_the_same_network_without_dead_parts_is_the_same_row(space):
    codes = space.sample_codes(300, generator(4, "codes"))
    rows = GraphRows(cells_of(space, "test"), codes).encode(codes)
    assert np.isfinite(rows).all()
    _, children = space.children(codes[:20])
    parents = np.repeat(codes[:1], len(children), axis=0)
    assert GraphRows(cells_of(space, "test"), codes).encode(parents).shape == (
        len(children),
        rows.shape[1],
    )
    # Of equal rows both cells are one network.
    _, first, place = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    keys = np.array(space.keys(codes))
    assert np.array_equal(keys, keys[first][place.reshape(-1)])


def test_it_is_antisymmetric_bit_by_bit(fitted):
    rng = generator(3, "asked")
    before, after = NODES.sample_codes(30, rng), NODES.sample_codes(30, rng)
    there, back = fitted.predict(before, after), fitted.predict(after, before)
    np.testing.assert_array_equal(there.mean, -back.mean)
    np.testing.assert_array_equal(there.spread, back.spread)
    assert np.abs(there.mean).max() > 0.01
    same = fitted.predict(before, before)
    assert not same.mean.any()
    assert not same.spread.any()


def test_numbers_of_vertices_do_not_matter(fitted):
    # Vertices 2 and 3 of both cells change places.
    texts = [
        ("conv(0); pool(0); conv(1); conv(2); 3+4", "conv(0); conv(1); pool(0); conv(3); 2+4"),
        ("conv(0); pool(0); pool(1); conv(2); 3+4", "conv(0); pool(1); pool(0); conv(3); 2+4"),
    ]
    before, after = (
        np.array([NODES.read(text).code for text in pair], dtype=np.int32) for pair in texts
    )
    found = fitted.predict(before, after).mean
    assert found[0] == pytest.approx(found[1], rel=1e-4)
    assert abs(found[0]) > 1e-3


def test_any_permutation_of_both_graphs_gives_the_same_difference():
    rows = GraphRows(NODES, NODES.sample_codes(1, generator(0, "any")))
    members = GraphMembers(rows, members=2, random=torch.Generator().manual_seed(3))
    codes = NODES.sample_codes(8, generator(5, "codes"))
    plain = torch.tensor(rows.encode(codes), dtype=torch.float32)
    batch = rows.batch(plain)
    order = torch.tensor([0, 3, 1, 4, 2, 5])
    moved = torch.cat(
        [batch.vertices[:, order].flatten(1), batch.shares[:, order][:, :, order].flatten(1)], dim=1
    )
    ends = torch.arange(0, 8, 2), torch.arange(1, 8, 2)
    with torch.no_grad():
        found, expected = (
            members.deltas(members.project(each), *ends).numpy() for each in (moved, plain)
        )
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    assert np.abs(expected).min() > 1e-4


def test_places_that_an_edit_does_not_reach_cancel(monkeypatch):
    # With one layer a vertex hears of its neighbours only.
    monkeypatch.setattr(graph_members, "LAYERS", 1)
    rows = GraphRows(NODES, NODES.sample_codes(1, generator(0, "any")))
    members = GraphMembers(rows, members=1, random=torch.Generator().manual_seed(3))
    texts = ("conv(0); conv(1); conv(2); conv(3); 4", "conv(0); pool(1); conv(2); conv(3); 4")
    codes = np.array([NODES.read(text).code for text in texts], dtype=np.int32)
    with torch.no_grad():
        embedded = members.project(torch.tensor(rows.encode(codes), dtype=torch.float32))
    changed = (embedded.change[0, 1] - embedded.change[0, 0]).abs().sum(dim=1)
    assert (changed > 0).tolist() == [False, True, True, True, False, False, True]


def test_a_vertex_that_is_not_there_says_nothing():
    rows = GraphRows(NODES, NODES.sample_codes(1, generator(0, "any")))
    members = GraphMembers(rows, members=1, random=torch.Generator().manual_seed(3))
    with torch.no_grad():
        for _, bias in members._layers:
            bias.fill_(1.0)
        code = np.array([NODES.read("conv(0); pool(0+1); conv(2); pool(); 1+2").code])
        embedded = members.project(torch.tensor(rows.encode(code), dtype=torch.float32))
    assert (embedded.change[0, 0].abs().sum(dim=1) > 0).tolist() == [True] * 3 + [False] * 2 + [
        True
    ] * 2


def test_it_learns_what_depends_on_neighbours(fitted):
    before, after = asked()
    true = score(after) - score(before)
    found = fitted.predict(before, after)
    assert sign_agreement(found.mean, true, noise=0.003) > 0.85
    inside = np.abs(found.mean - true) < 2 * found.spread + 1e-9
    assert np.mean(inside) > 0.8


def test_equal_seeds_give_equal_answers_and_others_do_not():
    pairs = evaluated(20)
    before, after = asked(5)
    found = []
    for seed in (4, 4, 5):
        predictor = GraphDelta(NODES, members=2, seed=seed)
        predictor.fit(pairs)
        found.append(predictor.predict(before, after).mean)
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


def test_threads_of_torch_are_given_back():
    threads = torch.get_num_threads()
    GraphDelta(NODES, members=1).fit(evaluated(8))
    assert torch.get_num_threads() == threads


def test_what_has_no_graph_is_refused():
    with pytest.raises(EncodingError, match="GraphDelta needs a space of cells that gives graphs"):
        GraphDelta(BlockSpace({"a": [1, 2]}))
    with pytest.raises(NeuralSettingError, match="at least 1 member, got members=0"):
        GraphDelta(NODES, members=0)
