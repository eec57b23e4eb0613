"""Features of cells of any size: one of each kind by hand, and against counting path by path."""

import itertools

import numpy as np
import pytest

from deltanas.predictor import GaussianDelta
from deltanas.seeds import generator
from deltanas.spaces import CellSpace, codes_of

NODES = CellSpace(4, ["conv", "pool"])
EDGES = CellSpace(3, ["a", "b", "c"], on="edges")


def features_of(space, text):
    found = space.features(codes_of([space.read(text)]))[0]
    return dict(zip(space.feature_names, found.tolist(), strict=True))


def present(features, start):
    return {name: value for name, value in features.items() if name.startswith(start) and value}


def near(features):
    """Flows are multiples of about 1e-6."""
    return pytest.approx(features, abs=1e-6)


def test_a_cell_with_operations_on_vertices_by_hand():
    # Paths: 0-5; 0-1-5 conv; 0-1-2-5 conv, pool; 0-2-5 pool. Vertices 3 and 4 are dead.
    found = features_of(NODES, "conv(0); pool(0+1); conv(2); pool(); 0+1+2")
    ln2, ln3, ln5 = np.log([2, 3, 5])
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
    # The path 0-5 has none of either, the path 0-1-2-5 one of each.
    assert present(found, "graph:fewest") == {}
    assert present(found, "graph:most ") == pytest.approx(
        {"graph:most conv": 1, "graph:most pool": 1, "graph:most conv+pool": 2}
        | {"graph:most of conv": 1, "graph:most of pool": 1, "graph:most of conv+pool": 2}
    )


def test_flows_through_a_cell_by_hand():
    # Vertex 1 is conv(0), vertex 2 pool(0+1), the output takes 0, 1 and 2.
    found = features_of(NODES, "conv(0); pool(0+1); conv(2); pool(); 0+1+2")
    # Back from the output: a third each to 0, 1, 2; from 2 half of that third to 1.
    back = {"flow:back conv": 1 / 3 + 1 / 6, "flow:back pool": 1 / 3}
    assert present(found, "flow:back") == near(back | {"flow:back any operation": 5 / 6})
    # On from the input: a third each to 1, 2, 5; from 1 half of that third to 2.
    on = {"flow:on conv": 1 / 3, "flow:on pool": 1 / 3 + 1 / 6}
    assert present(found, "flow:on") == near(on | {"flow:on any operation": 5 / 6})
    output = {f"flow:output of {each}": 1 / 3 for each in ("conv", "pool", "input")}
    assert present(found, "flow:output") == near(output)


def test_flows_along_edges_by_hand():
    # 0→1 a, 0→2 b, 1→2 c, 2→4 a, 0→4 b: the output takes a from 2 and b from 0, half each.
    found = features_of(EDGES, "a(0); b(0)+c(1); -; b(0)+a(2)")
    # Back: half b to 0; half a to 2, and from there a quarter b to 0, a quarter c then a.
    back = {"a": 1 / 2 + 1 / 4, "b": 1 / 2 + 1 / 4, "c": 1 / 4, "any operation": 7 / 4}
    assert present(found, "flow:back") == near(
        {f"flow:back {name}": value for name, value in back.items()}
    )
    # On: a third each by a to 1, by b to 2, by b to the output; from 1 by c to 2, then by a.
    on = {"a": 1 / 3 + 2 / 3, "b": 2 / 3, "c": 1 / 3, "any operation": 2.0}
    assert present(found, "flow:on") == near(
        {f"flow:on {name}": value for name, value in on.items()}
    )
    output = {"flow:output of a": 1 / 2, "flow:output of b": 1 / 2, "flow:output of input": 1 / 2}
    assert present(found, "flow:output") == near(output)


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
            _, _, fact = name.partition(":")
            if fact.startswith(("fewest ", "most ")) and not fact.startswith("most of "):
                word, _, names = fact.partition(" ")
                times = [sum(each in names.split("+") for each in walk) for walk in walks]
                assert found[name] == {"fewest": min, "most": max}[word](times)
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
    # Something tells them apart.
    assert features.std(axis=0).max() > 0


def test_the_batch_may_be_larger_than_a_block(monkeypatch):
    codes = NODES.sample_codes(10, generator(0, "blocks"))
    whole = NODES.features(codes)
    monkeypatch.setattr("deltanas.spaces.graph_features.ROWS", 3)
    assert np.array_equal(NODES.features(codes), whole)
    assert NODES.features(codes[:0]).shape == (0, len(NODES.feature_names))


def test_predictions_do_not_tell_isomorphic_cells_apart():
    space = CellSpace(3, ["a", "b"])
    codes = space.sample_codes(30, generator(1, "codes"))
    predictor = GaussianDelta(space)
    predictor.fit_accuracies(codes, generator(2, "made up").uniform(size=30))
    texts = ("a(0); b(0); a(1); 2+3", "b(0); a(0); a(2); 1+3", "b(0); b(0); a(1); 2+3")
    cells = np.array([space.read(text).code for text in texts], dtype=np.int32)
    same = predictor.predict(cells[[0]], cells[[1]])
    assert abs(same.mean[0]) < 1e-12
    assert same.spread[0] < 1e-5
    assert abs(predictor.predict(cells[[0]], cells[[2]]).mean[0]) > 1e-6
