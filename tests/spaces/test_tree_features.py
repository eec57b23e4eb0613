"""Features of trees of operations: one by hand, many against plain loops."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deltanas.spaces import NasBenchGraph
from deltanas.spaces.tree_features import TreeFeatures

OPERATIONS = ("a", "skip", "b", "c")
FEATURES = TreeFeatures(OPERATIONS, OPERATIONS.index("skip"))


def features_of(sources, operations):
    numbers = np.array([[OPERATIONS.index(each) for each in operations]])
    row = FEATURES.count(np.array([sources]), numbers)[0]
    return {name: value for name, value in zip(FEATURES.names, row, strict=True) if value}


def test_one_network_by_hand():
    # a, then b and a skip beside it; and b twice from the input: walks a b, a, b, b.
    found = features_of([0, 1, 1, 0, 0], ["a", "b", "skip", "b", "b"])
    walks = {name: value for name, value in found.items() if name.startswith("walks:")}
    assert walks == {"walks:a>b": 1, "walks:a": 1, "walks:b": 2, "walks:.. a>b ..": 1}
    assert found["graph:number of a+b+c"] == found["graph:number of a+b"] == 4
    assert found["graph:least of a+b+c"] == 1
    assert found["graph:most of a+b+c"] == 2
    assert found["graph:number of b"] == 2
    # Without any walk the least length stands above all real ones, and the most is 0.
    assert found["graph:least of c"] == 6
    assert "graph:most of c" not in found
    assert (found["graph:begin a"], found["graph:begin b"]) == (2, 2)
    assert (found["graph:end a"], found["graph:end b"]) == (1, 3)
    assert (found["nodes:a"], found["nodes:b"]) == (1, 3)
    assert (found["nodes:a at input"], found["nodes:b at input"]) == (1, 2)


@st.composite
def trees(draw):
    count = draw(st.integers(1, 5))
    sources = [draw(st.integers(0, node)) for node in range(count)]
    return sources, draw(st.lists(st.sampled_from(OPERATIONS), min_size=count, max_size=count))


@given(trees())
def test_equals_counting_one_by_one(tree):
    sources, operations = tree
    ways = [()]
    for source, operation in zip(sources, operations, strict=True):
        ways.append(ways[source] + (() if operation == "skip" else (operation,)))
    places = range(1, len(ways))
    walks = [ways[place] for place in places if place not in sources and ways[place]]
    expected = dict.fromkeys(FEATURES.names, 0)
    for walk in walks:
        if len(walk) <= 2:
            expected["walks:" + ">".join(walk)] += 1
        for one, other in itertools.pairwise(walk):
            expected[f"walks:.. {one}>{other} .."] += 1
        expected[f"graph:begin {walk[0]}"] += 1
        expected[f"graph:end {walk[-1]}"] += 1
    for source, operation in zip(sources, operations, strict=True):
        if operation != "skip":
            expected[f"nodes:{operation}"] += 1
            expected[f"nodes:{operation} at input"] += not ways[source]
    for members in ("a", "b", "c", "ab", "ac", "bc", "abc"):
        inside = [len(walk) for walk in walks if {*walk} <= {*members}]
        word = "+".join(members)
        expected[f"graph:number of {word}"] = len(inside)
        expected[f"graph:least of {word}"] = min(inside, default=len(sources) + 1)
        expected[f"graph:most of {word}"] = max(inside, default=0)
    assert features_of(sources, operations) == {k: v for k, v in expected.items() if v}


def test_features_are_equal_for_equal_keys():
    space = NasBenchGraph()
    codes = np.array(
        [
            [*links, *operations]
            for links in itertools.product(range(2), range(3), range(4))
            for operations in itertools.product((1, 5, 8), repeat=4)
            if set(operations) != {8}
        ],
        dtype=np.int32,
    )
    features = space.features(codes)
    _, first, rows = np.unique(space.keys(codes), return_index=True, return_inverse=True)
    np.testing.assert_array_equal(features, features[first][rows])
    assert len(first) < len(codes) / 3


def test_names_are_unique_and_in_three_groups():
    names = NasBenchGraph().feature_names
    assert len({*names}) == len(names) == 219
    assert {name.partition(":")[0] for name in names} == {"walks", "graph", "nodes"}
