"""NAS-Bench-Graph's space: keys against brute force and against the benchmark's own look-up."""

import importlib.util
import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.errors import ArchitectureError
from deltanas.seeds import generator
from deltanas.spaces import NasBenchGraph
from deltanas.spaces.nasbench_graph import OPERATIONS, SKIP
from deltanas.testing import SpaceContract

SPACE = NasBenchGraph()
LINKS = [*itertools.product(range(1), range(2), range(3), range(4))]
GAT, GIN = OPERATIONS.index("gat"), OPERATIONS.index("gin")


class TestNasBenchGraph(SpaceContract):
    def make(self):
        return NasBenchGraph()


def keys(nodes):
    """Keys of networks given as sources and operations of their four nodes."""
    codes = [[*sources[1:], *operations] for sources, operations in nodes]
    return SPACE.keys(np.array(codes, dtype=np.int32))


def key(text):
    return SPACE.read(text).key


def without_skips(sources, operations):
    """Source and operation of each node that counts, one rule applied at a time."""
    nodes = dict(enumerate(zip(sources, operations, strict=True), start=1))
    for _ in range(4):  # one node goes each time
        taken = Counter(source for source, _ in nodes.values())
        for node, (source, operation) in sorted(nodes.items(), key=lambda item: not taken[item[0]]):
            if operation == SKIP and (taken[node] or source == 0 or taken[source] == 1):
                followers = {each: what for each, what in nodes.items() if what[0] == node}
                nodes |= {each: (source, what) for each, (_, what) in followers.items()}
                del nodes[node]
                break
    return nodes


def smallest_numbering(nodes):
    """The first of all ways to number the nodes: equal exactly for isomorphic networks."""
    ways = []
    for order in itertools.permutations(nodes):
        number = {0: 0} | {node: place for place, node in enumerate(order, start=1)}
        ways.append(tuple((number[nodes[node][0]], nodes[node][1]) for node in order))
    return min(ways)


def test_keys_worked_by_hand():
    # The same network numbered in two ways, from the benchmark's README.
    assert key("0:gcn,1:gin,2:fc,1:cheb") == key("0:gcn,1:cheb,1:gin,3:fc") == "gcn(cheb,gin(fc))"
    # Skips in a chain are nothing, and one at its end neither.
    assert key("0:skip,1:gcn,2:skip,3:fc") == key("0:gcn,1:fc,2:skip,3:skip") == "gcn(fc)"
    # A skip beside another follower hands the source to the output.
    assert key("0:gcn,1:fc,1:skip,2:gat") == "gcn(fc(gat),skip)"
    assert key("0:gcn,1:skip,1:skip,0:gat") == "gat,gcn(skip,skip)"
    # The raw input never reaches the output.
    assert key("0:gcn,0:skip,0:skip,2:skip") == "gcn"


def test_keys_of_three_operations_are_equal_exactly_for_isomorphic_networks():
    nodes = [
        (sources, operations)
        for sources in LINKS
        for operations in itertools.product((GAT, GIN, SKIP), repeat=4)
        if set(operations) != {SKIP}
    ]
    reference = [smallest_numbering(without_skips(*each)) for each in nodes]
    found = keys(nodes)
    pairs = {*zip(found, reference, strict=True)}
    assert len(pairs) == len({*found}) == len({*reference}) < len(nodes) / 3


@given(st.sampled_from(LINKS), st.lists(st.integers(0, 8), min_size=4, max_size=4), st.randoms())
def test_a_key_does_not_depend_on_the_numbering(sources, operations, random):
    order, left = [], [1, 2, 3, 4]
    while left:  # one node goes each time, each after its source
        ready = [node for node in left if sources[node - 1] not in left]
        order.append(random.choice(ready))
        left.remove(order[-1])
    number = {0: 0} | {node: place for place, node in enumerate(order, start=1)}
    renumbered = [number[sources[node - 1]] for node in order]
    first, second = keys(
        [(sources, operations), (renumbered, [operations[node - 1] for node in order])]
    )
    assert first == second


def test_the_space_has_26206_networks_and_157440_codes():
    codes = SPACE.all_codes()
    assert len(codes) == SPACE.size == 24 * 9**4 - 24
    assert len({*SPACE.keys(codes)}) == 26_206


@pytest.fixture(scope="module")
def reference(nasbench_graph_folder):
    """The benchmark's own module of architectures, loaded alone."""
    spec = importlib.util.spec_from_file_location(
        "reference", nasbench_graph_folder.parent / "architecture.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_keys_are_equal_exactly_where_the_benchmark_looks_up_the_same_record(reference):
    assert tuple(reference.gnn_list) == OPERATIONS
    codes = SPACE.all_codes()[::7]
    # Neighbours are where equal networks are found.
    codes = np.concatenate([codes, SPACE.children(codes[::40])[1]])
    looked_up = [
        reference.Arch([0, *code[:3]], [OPERATIONS[each] for each in code[3:]]).valid_hash()
        for code in codes.tolist()
    ]
    found = SPACE.keys(codes)
    assert len({*zip(found, looked_up, strict=True)}) == len({*found}) == len({*looked_up})
    assert len({*found}) < len(codes) / 2


def test_a_network_of_skips_is_not_valid():
    codes = np.array([[0, 0, 0, *[SKIP] * 4], [0, 0, 0, *[SKIP] * 3, GAT]], dtype=np.int32)
    assert SPACE.are_valid(codes).tolist() == [False, True]
    with pytest.raises(ArchitectureError, match="is not a valid architecture of space 'nasbench-g"):
        SPACE.read("0:skip,0:skip,0:skip,0:skip")


def test_codes_out_of_range_are_not_valid():
    codes = np.array([[2, 0, 0, 1, 1, 1, 1], [0, 0, 0, 9, 1, 1, 1], [0, -1, 0, 1, 1, 1, 1]])
    assert not SPACE.are_valid(codes.astype(np.int32)).any()


def test_the_notation_worked_by_hand():
    architecture = SPACE.read("0:gcn,1:gin,2:fc,1:cheb")
    assert architecture["source of node 2"] == "node 1"
    assert architecture["source of node 3"] == "node 2"
    assert architecture["source of node 4"] == "node 1"
    assert [architecture[f"node {n}"] for n in range(1, 5)] == ["gcn", "gin", "fc", "cheb"]
    assert SPACE.write(architecture) == "0:gcn,1:gin,2:fc,1:cheb"
    assert SPACE.read(" 0:gcn, 1:gin ,2:fc,1:cheb\n") == architecture
    assert SPACE.read("0:gcn,0:gin,2:fc,0:cheb")["source of node 4"] == "input"


@pytest.mark.parametrize(
    "text",
    [
        *("", "0:gcn", "0:gcn,1:gin,2:fc,1:cheb,1:gat", "0:gcn,1:gin,2:fc,1"),
        *("1:gcn,1:gin,2:fc,1:cheb", "0:gcn,2:gin,2:fc,1:cheb", "0:gcn,1:gin,2:fc,4:cheb"),
    ],
)
def test_text_that_is_no_network_is_refused_with_an_example(text):
    with pytest.raises(ArchitectureError, match="expected 4 nodes like '0:gcn,1:gin,.* got"):
        SPACE.read(text)


def test_an_unknown_operation_is_refused_with_the_known_ones():
    with pytest.raises(ArchitectureError, match="'node 2' .* no option 'gnn'; its options are 'ga"):
        SPACE.read("0:gcn,1:gnn,2:fc,1:cheb")


def test_samples_are_uniform_over_the_valid_codes():
    # Of as many codes of any kind, 15 would only skip.
    assert SPACE.are_valid(SPACE.sample_codes(100_000, generator(3, "valid"))).all()
    codes = SPACE.sample_codes(12_960, generator(3, "uniform"))
    # 12,960 draws of 24 link patterns: 540 each expected. Chi-square with 23 degrees of freedom is
    # below 49.7 in 99.9 % of cases; of 81 pairs of operations, 160 each, 80 degrees, 124.8.
    links = Counter(map(tuple, codes[:, :3].tolist()))
    assert len(links) == 24
    assert sum((count - 540) ** 2 / 540 for count in links.values()) < 49.7
    for first, second in itertools.combinations(range(3, 7), 2):
        pairs = Counter(zip(codes[:, first].tolist(), codes[:, second].tolist(), strict=True))
        assert len(pairs) == 81
        assert sum((count - 160) ** 2 / 160 for count in pairs.values()) < 124.8
