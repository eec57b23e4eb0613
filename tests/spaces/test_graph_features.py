"""Features of cells of any size: one of each kind by hand, and against counting path by path."""

import itertools

import numpy as np
import pytest

from deltanas.seeds import generator
from deltanas.spaces import CellSpace, codes_of

NODES = CellSpace(4, ["conv", "pool"])
EDGES = CellSpace(3, ["a", "b", "c"], on="edges")


def features_of(space, text):
    found = space.features(codes_of([space.read(text)]))[0]
    return dict(zip(space.feature_names, found.tolist(), strict=True))


def present(features, start):
    return {name: value for name, value in features.items() if name.startswith(start) and value}


def test_a_cell_with_operations_on_vertices_by_hand():
    # Paths: 0-5; 0-1-5 conv; 0-1-2-5 conv, pool; 0-2-5 pool. Vertices 3 and 4 are dead.
    found = features_of(NODES, "conv(0); pool(0+1); conv(2); pool(); 0+1+2")
    ln2, ln3, ln5 = np.log([2, 3, 5])
    assert present(found, "walks:") == pytest.approx(
        {"walks:": ln2, "walks:conv": ln2, "walks:pool": ln2, "walks:conv>pool": ln2}
    )
    assert found["graph:vertices"] == 4
    assert found["graph:edges"] == 6
    assert (found["graph:edges from input"], found["graph:edges to output"]) == (3, 3)
    assert (found["graph:times conv"], found["graph:times pool"]) == (1, 1)
    # Only conv: the paths 0-5 and 0-1-5.
    assert found["graph:number of conv"] == pytest.approx(ln3)
    assert (found["graph:least of conv"], found["graph:most of conv"]) == (0, 1)
    assert found["graph:number of conv+pool"] == pytest.approx(ln5)
    assert found["graph:most of conv+pool"] == 2
    assert found["graph:begin conv"] == found["graph:end pool"] == pytest.approx(ln3)
    assert found["graph:end conv"] == found["graph:begin pool"] == pytest.approx(ln2)
    assert present(found, "graph:conv then") == pytest.approx({"graph:conv then pool": ln2})


def test_a_set_without_paths_has_lengths_beyond_all_others():
    found = features_of(NODES, "conv(0); pool(1); conv(2); conv(3); 4")
    assert found["graph:number of pool"] == 0
    assert (found["graph:least of pool"], found["graph:most of pool"]) == (6, -1)


def walks_by_path(space, architecture):
    """The operations along each path, by following the edges one by one."""
    last = space.vertices - 1
    walks, unfinished = [], [(0, ())]
    while unfinished:
        vertex, walk = unfinished.pop()
        if vertex == last:
            walks.append(walk)
            continue
        for target in range(vertex + 1, space.vertices):
            stands = architecture[f"{vertex}→{target}"]
            if stands not in (False, "none"):
                if space.on == "edges":
                    step = (stands,)
                else:
                    step = () if target == last else (architecture[f"vertex {target}"],)
                unfinished.append((target, walk + step))
    return walks


@pytest.mark.parametrize("space", [NODES, EDGES], ids=["nodes", "edges"])
def test_everything_on_paths_equals_counting_path_by_path(space):
    architectures = space.sample(40, generator(3, "features"))
    operations = [name for name in space.operations if name != "none"]
    for architecture, row in zip(
        architectures, space.features(codes_of(architectures)), strict=True
    ):
        found = dict(zip(space.feature_names, row.tolist(), strict=True))
        walks = walks_by_path(space, architecture)
        for name in space.feature_names:
            group, _, fact = name.partition(":")
            if group == "walks":
                walk = tuple(fact.split(">")) if fact else ()
                assert found[name] == pytest.approx(np.log1p(walks.count(walk)))
        for size in range(1, len(operations) + 1):
            for members in itertools.combinations(operations, size):
                inside = [len(walk) for walk in walks if set(walk) <= set(members)]
                word = "+".join(members)
                assert found[f"graph:number of {word}"] == pytest.approx(np.log1p(len(inside)))
                assert found[f"graph:least of {word}"] == min([*inside, space.vertices])
                assert found[f"graph:most of {word}"] == max([*inside, -1])
        for one in operations:
            ends = [
                sum(walk[place : place + 1 or None] == (one,) for walk in walks)
                for place in (0, -1)
            ]
            assert found[f"graph:begin {one}"] == pytest.approx(np.log1p(ends[0]))
            assert found[f"graph:end {one}"] == pytest.approx(np.log1p(ends[1]))
            for other in operations:
                count = sum(list(itertools.pairwise(walk)).count((one, other)) for walk in walks)
                assert found[f"graph:{one} then {other}"] == pytest.approx(np.log1p(count))


@pytest.mark.parametrize("space", [CellSpace(3, ["a", "b"]), CellSpace(2, ["a", "b"], on="edges")])
def test_the_same_network_has_the_same_features(space):
    codes = space.all_codes()
    features = space.features(codes)
    first = {}
    same = [first.setdefault(key, row) for row, key in enumerate(space.keys(codes))]
    assert np.array_equal(features[same], features)
    assert len(first) < len(codes)


@pytest.mark.parametrize("on", ["nodes", "edges"])
@pytest.mark.parametrize(("nodes", "operations"), [(5, 3), (20, 3), (3, 30), (20, 30)])
def test_columns_stay_bounded(on, nodes, operations):
    space = CellSpace(nodes, [f"o{o}" for o in range(operations)], on=on)
    assert len(set(space.feature_names)) == len(space.feature_names) <= 450
    features = space.features(space.sample_codes(5, generator(0, "columns")))
    assert features.shape == (5, len(space.feature_names))
    assert np.isfinite(features).all()
    # What is on too long walks still counts somewhere.
    assert features.std(axis=0).max() > 0


def test_the_batch_may_be_larger_than_a_block(monkeypatch):
    codes = NODES.sample_codes(10, generator(0, "blocks"))
    whole = NODES.features(codes)
    monkeypatch.setattr("deltanas.spaces.graph_features.ROWS", 3)
    assert np.array_equal(NODES.features(codes), whole)
    assert NODES.features(codes[:0]).shape == (0, len(NODES.feature_names))
