"""Latent vectors of cells: what the autoencoder learns, and what it cannot see."""

import numpy as np
import pytest
import torch

from deltanas.compare.ablations import arch2vec as learned
from deltanas.compare.ablations.arch2vec import Arch2Vec, joins, pairs
from deltanas.compare.problem import Problem
from deltanas.compare.protocol import Protocol
from deltanas.compare.race import race
from deltanas.compare.roster import contestant
from deltanas.errors import EncodingError
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, CellSpace, NasBench101, NasBench201
from deltanas.testing import EncodingContract


class TestArch2Vec(EncodingContract):
    def make_encoding(self, space):
        return Arch2Vec(space, steps=3)


def batch_of(encoding, codes):
    return encoding.rows.batch(torch.from_numpy(encoding.rows.encode(codes)).double())


def test_cells_are_rebuilt_better_than_by_the_most_frequent_answer():
    space = CellSpace(2, ["a", "b"], on="edges")
    encoding = Arch2Vec(space, steps=80)
    batch = batch_of(encoding, space.sample_codes(300, generator(8, "unseen")))
    with torch.no_grad():
        labels, edges = encoding.model.decode(encoding.model.encode(batch)[0])
    there, asked = batch.there[:, :, 0] > 0, pairs(batch)
    label = batch.vertices[:, :, : encoding.rows.labels].argmax(dim=2)[there]
    edge = joins(batch)[asked]
    frequent = torch.bincount(label).max() / len(label)
    assert (labels.argmax(dim=2)[there] == label).double().mean() > frequent + 0.2
    frequent = max(edge.double().mean(), 1 - edge.double().mean())
    assert ((edges[asked] > 0) == edge).double().mean() > frequent + 0.05


def test_each_two_vertices_are_asked_about_once_whichever_way_the_edge_leads():
    space = NasBench101()
    cell = space.cell([[0, 1, 1], [0, 0, 1], [0, 0, 0]], ["conv3x3-bn-relu"])
    batch = batch_of(Arch2Vec(space, steps=1), np.array([cell.code], dtype=np.int32))
    # Three vertices that are all joined; the four places without a vertex are in no pair.
    assert pairs(batch).sum() == 3
    assert joins(batch)[pairs(batch)].all()
    assert torch.equal(joins(batch), joins(batch).transpose(1, 2))


def test_renumbered_cells_and_dead_parts_change_nothing():
    space = NasBench101()
    encoding = Arch2Vec(space, steps=3)
    conv, pool = "conv3x3-bn-relu", "maxpool3x3"
    # Input to output by a convolution and by a pooling; last, one more vertex that leads nowhere.
    both = [[0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]]
    wide = [[0, 1, 1, 1, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 1], [0] * 5, [0] * 5]
    cells = [
        space.cell(both, [conv, pool]),
        space.cell(both, [pool, conv]),
        space.cell(wide, [conv, pool, conv]),
        space.cell(both, [conv, conv]),
    ]
    latent = encoding.encode(np.array([cell.code for cell in cells], dtype=np.int32))
    assert latent[1].tolist() == latent[2].tolist() == latent[0].tolist()
    assert latent[3].tolist() != latent[0].tolist()


def test_the_same_autoencoder_is_trained_again_and_once_in_a_process():
    space = NasBench201()
    codes = space.sample_codes(20, generator(1, "any"))
    first = Arch2Vec(space, steps=4)
    assert Arch2Vec(NasBench201(), steps=4).model is first.model
    learned._trained.cache_clear()
    again = Arch2Vec(space, steps=4)
    assert again.model is not first.model
    np.testing.assert_array_equal(again.encode(codes), first.encode(codes))
    assert np.any(Arch2Vec(space, steps=5).encode(codes) != first.encode(codes))


def test_it_searches_cells_and_is_refused_where_there_are_none(cells):
    problem = Problem(cells, Protocol(budget=7, starts=5))
    found = [
        [query.architecture for query in race(contestant(name, problem, 2), problem, 2)]
        for name in ("delta-arch2vec:steps=3", "delta-arch2vec:steps=3", "delta")
    ]
    assert found[0] == found[1]
    assert found[0][:5] == found[2][:5]
    assert len(set(found[0])) == 7
    with pytest.raises(EncodingError, match="Arch2Vec needs a space of cells"):
        Arch2Vec(BlockSpace({"depth": [1, 2, 3]}), steps=3)
