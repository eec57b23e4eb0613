"""Cells of your own: the promises of every space, validity, sampling, and the user's rules."""

import itertools
from collections import Counter

import numpy as np
import pytest

from deltanas.errors import ArchitectureError, SpaceError
from deltanas.seeds import generator
from deltanas.spaces import CellSpace, EditKind, codes_of
from deltanas.spaces.cell_description import check_description
from deltanas.spaces.cell_sampling import random_edges
from deltanas.spaces.cells import edges
from deltanas.testing import SpaceContract

OPERATIONS = ["conv3x3", "conv1x1", "pool"]


def pools(architecture):
    """How many poolings a network has."""
    return sum(option == "pool" for option in architecture.values())


def costs(architecture):
    matrix, _ = CellSpace.matrix(architecture)
    return {"pools": pools(architecture), "edges": np.count_nonzero(matrix)}


class TestCellsWithOperationsOnNodes(SpaceContract):
    def make(self):
        return CellSpace(4, OPERATIONS, max_edges=7, costs=costs)


class TestCellsWithOperationsOnEdges(SpaceContract):
    def make(self):
        return CellSpace(3, OPERATIONS, on="edges", costs=costs, name="sums")


class TestListedCellsWithOperationsOnNodes(SpaceContract):
    def make(self):
        return CellSpace(2, OPERATIONS, max_edges=4, valid=lambda cell: pools(cell) < 2)


class TestListedCellsWithOperationsOnEdges(SpaceContract):
    def make(self):
        return CellSpace(2, ["a", 7], on="edges", costs=costs)


class TestCellsWithARuleThatCannotBeListed(SpaceContract):
    def make(self):
        return CellSpace(4, OPERATIONS, max_edges=6, valid=lambda cell: pools(cell) == 1)


class TestTheSmallestCells(SpaceContract):
    def make(self):
        return CellSpace(1, ["only"], on="edges")


class TestLargeCells(SpaceContract):
    def make(self):
        return CellSpace(8, list("ab"), on="edges", max_edges=12)


def connected(bits):
    """Whether a path joins input and output, for pairs in the order of `edges(4)`."""
    there = dict(zip(edges(4), bits, strict=True))
    routes = [[(0, 3)], [(0, 1), (1, 3)], [(0, 2), (2, 3)], [(0, 1), (1, 2), (2, 3)]]
    return any(all(there[edge] for edge in route) for route in routes)


def test_size_counts_the_cells_that_join_input_and_output():
    # One vertex: edges 0→1, 0→2, 1→2. Joined are 0→2 with any of the four others: 4; without
    # it, both others: 1. Each with 3 operations.
    assert CellSpace(1, OPERATIONS).size == (4 + 1) * 3
    joined = sum(connected(bits) for bits in itertools.product((0, 1), repeat=6))
    assert CellSpace(2, OPERATIONS).size == joined * 3**2
    # On edges: 3 operations and none. Joined: 0→2 any of 3, others any: 3 x 16; else 3 x 3.
    assert CellSpace(1, OPERATIONS, on="edges").size == 3 * 16 + 3 * 3


def test_a_space_that_cannot_be_listed_gives_the_number_of_combinations():
    assert CellSpace(5, OPERATIONS).size == 2**21 * 3**5
    assert CellSpace(4, OPERATIONS, on="edges").size == 4**15


def test_edges_are_limited_after_pruning():
    space = CellSpace(3, OPERATIONS, max_edges=2)
    # 0→1→4 counts two edges; 0→3 and 1→2 lead nowhere. With 0→4 there are three.
    assert space.read("pool(0); pool(1); pool(0); 1") in space
    words = (
        "not a valid .* 3 edges lie on paths from its input to its output, at most 2 may; sample"
    )
    with pytest.raises(ArchitectureError, match=words):
        space.read("pool(0); pool(); pool(); 0+1")


def test_a_cell_without_a_path_is_not_valid():
    words = "not a valid architecture of space 'cell'; no path leads from its input to its output;"
    with pytest.raises(ArchitectureError, match=words):
        CellSpace(2, OPERATIONS).read("pool(0); pool(); 2")


def test_it_is_said_that_the_users_rule_refuses_a_cell_or_that_a_choice_is_missing():
    space = CellSpace(2, OPERATIONS, valid=lambda cell: pools(cell) == 1)
    with pytest.raises(ArchitectureError, match="of space 'cell'; valid refuses it; sample one"):
        space.read("conv3x3(0); conv3x3(1); 2")
    choices = dict(space.read("pool(0); conv3x3(1); 2"))
    del choices["1→2"], choices["vertex 1"]
    with pytest.raises(ArchitectureError, match="; it chooses nothing for 1→2, vertex 1; sample"):
        space.architecture(choices)


def test_whole_numbers_of_numpy_are_numbers():
    check_description("cell", np.int64(20), OPERATIONS, "nodes", np.int32(3), {})
    with pytest.raises(SpaceError, match=r"from 1 to 20, got np.int64\(21\)"):
        check_description("cell", np.int64(21), OPERATIONS, "nodes", None, {})


def test_names_of_decisions_and_words_of_edits():
    space = CellSpace(2, OPERATIONS)
    assert [decision.name for decision in space.decisions] == [
        *("0→1", "0→2", "1→2", "0→3", "1→3", "2→3"),
        *("vertex 1", "vertex 2"),
    ]
    words = {edit.words for edit in space.edits(space.read("pool(0); pool(1); 1"))}
    assert words == {
        "vertex 1: pool → conv3x3",
        "vertex 1: pool → conv1x1",
        "add edge 0→3",
        "add edge 2→3",
    }


def test_edits_of_operations_on_edges_say_what_comes_and_goes():
    space = CellSpace(1, ["conv", "pool"], on="edges")
    edits = {edit.words: edit for edit in space.edits(space.read("conv(0); pool(0)+conv(1)"))}
    assert set(edits) == {
        *("0→1: conv → pool", "0→2: pool → conv", "1→2: conv → pool"),
        *("remove edge 0→1: conv", "remove edge 0→2: pool", "remove edge 1→2: conv"),
    }
    removal = edits["remove edge 0→2: pool"]
    assert removal.kind is EditKind.REMOVE_EDGE
    assert removal.invert().words == "add edge 0→2: pool"


def test_the_users_rule_sees_the_network_and_is_asked_once():
    asked = []

    def valid(architecture):
        asked.append(architecture)
        return True

    space = CellSpace(2, ["a", "b"], valid=valid)
    assert (
        len({each.key for each in asked}) == len(asked) == len(set(space.keys(space.all_codes())))
    )
    # Vertex 1 is dead. What is shown is b alone on vertex 1, and nothing of what is dead.
    key = space.read("a(0); b(0); 2").key
    (network,) = [each for each in asked if each.key == key]
    present = {name: option for name, option in network.items() if option is not False}
    assert present == {"0→1": True, "1→3": True, "vertex 1": "b"}


def test_a_rule_that_cannot_be_listed_is_kept_by_samples_and_children():
    space = CellSpace(5, OPERATIONS, valid=lambda cell: pools(cell) >= 2)
    codes = space.sample_codes(40, generator(0, "rule"))
    _, children = space.children(codes)
    for architecture in space.from_codes(np.concatenate([codes, children[::29]])):
        _, operations = space.matrix(architecture)
        assert operations.count("pool") >= 2


def test_a_rule_that_refuses_everything_stops():
    with pytest.raises(SpaceError, match="refused all cells that join input and output; let it"):
        CellSpace(2, OPERATIONS, valid=lambda _: False)
    large = CellSpace(6, OPERATIONS, valid=lambda _: False)
    with pytest.raises(SpaceError, match=r"refused 10,\d{3} random cells in a row that join"):
        large.sample_codes(3, generator(0, "never"))


@pytest.mark.parametrize("answer", [None, "yes", 1])
def test_a_rule_says_true_or_false(answer):
    with pytest.raises(SpaceError, match=f"must return True or False, got {answer!r} for the"):
        CellSpace(1, OPERATIONS, valid=lambda _: answer)


def test_costs_become_features_of_a_group_of_their_own():
    space = CellSpace(3, OPERATIONS, costs=costs)
    assert space.feature_names[-2:] == ("cost:pools", "cost:edges")
    # Vertex 3 is dead: one pooling, and the edges 0→1, 1→2, 0→2, 2→4.
    code = codes_of([space.read("pool(0); conv1x1(0+1); pool(2); 2")])
    assert space.features(code)[0, -2:].tolist() == [1, 4]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda cell: {"p": 1.0} if pools(cell) else {"q": 1.0}, r"name \('q',\) .* got \('p',\)"),
        (lambda cell: {"p": np.inf if pools(cell) else 1}, "must be finite numbers, got .*inf"),
        (lambda cell: {"p": "5 M" if pools(cell) else 1}, "must be finite numbers, got .*5 M"),
        (lambda cell: None if pools(cell) else {"p": 1}, r"name \('p',\) .* got None"),
    ],
)
def test_costs_that_are_not_the_same_finite_facts_are_refused(wrong, words):
    space = CellSpace(2, OPERATIONS, costs=wrong)
    with pytest.raises(SpaceError, match=words):
        space.features(space.all_codes())


def test_costs_without_names_are_refused():
    with pytest.raises(SpaceError, match=r"costs of space 'cell' must be numbers by name, got 3"):
        CellSpace(2, OPERATIONS, costs=lambda _: 3)


def test_listed_samples_are_uniform_over_the_valid_codes():
    # 15 codes (see above), 3,000 draws, 200 each; chi-square with 14 degrees of freedom is
    # below 36.1 in 99.9 % of cases.
    space = CellSpace(1, OPERATIONS)
    drawn = Counter(each.code for each in space.sample(3_000, generator(1, "uniform")))
    assert sum((drawn[tuple(code)] - 200) ** 2 / 200 for code in space.all_codes().tolist()) < 36.1


def test_built_samples_have_the_distribution_that_is_promised():
    # Two interior vertices, at most 3 edges. Paths: 1 direct, 2 through one vertex, 1 through
    # both: each 1/4. With k edges on the path, the number of edges is uniform in k ... 3.
    n = 8_000
    chosen = random_edges(2, 3, n, generator(2, "built"))
    drawn = Counter(chosen.sum(axis=1).tolist())
    # 1 edge: 1/4 x 1/3. 2 edges: 1/4 x 1/3 + 2/4 x 1/2. 3: 1/4 x 1/3 + 2/4 x 1/2 + 1/4.
    expected = {1: n / 12, 2: n * 4 / 12, 3: n * 7 / 12}
    # Chi-square with 2 degrees of freedom is below 13.8 in 99.9 % of cases.
    assert sum((drawn[k] - count) ** 2 / count for k, count in expected.items()) < 13.8
    assert all(connected(bits) for bits in chosen.tolist())
    # All cells of at most 3 edges come: those of 6 edges that are joined.
    cells = [bits for bits in itertools.product((False, True), repeat=6) if sum(bits) <= 3]
    assert {tuple(bits) for bits in chosen.tolist()} == set(filter(connected, cells))


def test_built_samples_keep_to_one_edge():
    assert random_edges(6, 1, 20, generator(0, "one")).sum(axis=1).tolist() == [1] * 20


def test_memories_are_bounded(monkeypatch):
    monkeypatch.setattr("deltanas.spaces.cell_space.KNOWN", 50)
    monkeypatch.setattr("deltanas.spaces.network_rules.KNOWN", 50)
    space = CellSpace(5, OPERATIONS, costs=costs)
    fresh = CellSpace(5, OPERATIONS)
    for round_ in range(6):
        codes = space.sample_codes(30, generator(round_, "memory"))
        assert space.keys(codes) == fresh.keys(codes)
        space.features(codes)
        assert len(space._keys) <= 80
        assert len(space._rules._costs._known) <= 80


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"nodes": 0}, "needs nodes, .*, from 1 to 20, got 0; stack several"),
        ({"nodes": True}, "from 1 to 20, got True"),
        ({"nodes": 21}, "from 1 to 20, got 21"),
        ({"operations": "conv"}, r"needs a list of operations, got 'conv'; give for example \["),
        ({"operations": []}, r"needs a list of operations, got \[\]"),
        ({"operations": ["a", "a"]}, "decision 'vertex 1' has the option 'a' twice"),
        ({"on": "vertices"}, "stand on 'nodes' or on 'edges', got on='vertices'"),
        ({"on": "edges", "operations": ["none", "a"]}, "got 'none' among them; leave it out"),
        ({"max_edges": 0}, "max_edges of at least 1, or None for any number, got 0"),
    ],
)
def test_a_space_described_wrongly_is_refused(wrong, words):
    with pytest.raises(SpaceError, match=words):
        CellSpace(**wrong)


@pytest.mark.parametrize(
    ("max_edges", "functions", "words"),
    [
        (2.5, {}, "got 2.5"),
        (None, {"valid": True}, "valid of space 'cell' is a function of an architecture, got True"),
        (None, {"costs": {}}, "costs of space 'cell' is a function of an architecture, got {}"),
    ],
)
def test_what_only_users_without_type_checks_write_is_refused(max_edges, functions, words):
    with pytest.raises(SpaceError, match=words):
        check_description("cell", 5, OPERATIONS, "nodes", max_edges, functions)


def test_none_may_be_an_operation_of_a_vertex():
    assert "none" in CellSpace(2, ["none", "a"]).operations
