"""The counts and laws of docs/theory.md, verified by enumeration."""

import itertools
import math

import numpy as np
import pytest

from deltanas.encoding import OneHot, one_edit_differences
from deltanas.spaces import BlockSpace, CellSpace, NasBench101, NasBench201

SPACES = [(2, 2, 2), (3, 2, 4), (5, 1, 3), (4,), (2, 3, 2, 2)]


def space_of(counts):
    return BlockSpace({f"decision {i}": range(r) for i, r in enumerate(counts)})


def differences(space, edits):
    """The different vectors d(a, b) of architectures that many edits apart."""
    codes = space.all_codes()
    vectors = OneHot(space).encode(codes)
    return {
        tuple((vectors[b] - vectors[a]).tolist())
        for a, b in itertools.product(range(len(codes)), repeat=2)
        if np.sum(codes[a] != codes[b]) == edits
    }


@pytest.mark.parametrize("counts", SPACES)
def test_1_one_edit_differences_of_a_block_space(counts):
    space = space_of(counts)
    assert len(space.all_codes()) == math.prod(counts)
    expected = sum(r * (r - 1) for r in counts)
    assert len(differences(space, 1)) == expected == one_edit_differences(space)
    parents, _ = space.children(space.all_codes())
    assert len(parents) == math.prod(counts) * sum(r - 1 for r in counts)


def test_1_growth_is_linear_against_exponential():
    for n in range(1, 6):
        space = space_of((3,) * n)
        assert (len(space.all_codes()), len(differences(space, 1))) == (3**n, 6 * n)


@pytest.mark.parametrize(("v", "r"), [(2, 3), (3, 2), (3, 3)])
def test_2_graphs_with_operations_on_vertices(v, r):
    edges = {f"edge {i}-{j}": (False, True) for i, j in itertools.combinations(range(v), 2)}
    space = BlockSpace(edges | {f"vertex {i}": range(r) for i in range(v)})
    assert len(space.all_codes()) == 2 ** (v * (v - 1) // 2) * r**v
    assert len(differences(space, 1)) == v * (v - 1) + v * r * (r - 1)


def test_2_cells_with_operations_on_edges():
    space = NasBench201()
    # v = 4, r = 5: 5^6 cells, 6 x 5 x 4 differences, each seen in the children of all cells.
    codes = space.all_codes()
    assert len(codes) == 15_625
    parents, children = space.children(codes)
    edge = np.argmax(codes[parents] != children, axis=1)
    rows = np.arange(len(edge))
    seen = set(zip(edge, codes[parents, edge], children[rows, edge], strict=True))
    assert len(seen) == 120 == one_edit_differences(space)


@pytest.mark.parametrize(("nodes", "r"), [(1, 2), (2, 3), (3, 2)])
def test_2_cells_of_which_some_are_not_valid_stay_below_the_counts(nodes, r):
    v = nodes + 2
    space = CellSpace(nodes, [f"o{k}" for k in range(r)])
    combinations = 2 ** (v * (v - 1) // 2) * r**nodes
    assert math.prod(space.option_counts.tolist()) == combinations
    bound = v * (v - 1) + nodes * r * (r - 1)
    assert one_edit_differences(space) == bound
    codes = space.all_codes()
    assert len(codes) < combinations
    parents, children = space.children(codes)
    place = np.argmax(codes[parents] != children, axis=1)
    rows = np.arange(len(place))
    seen = set(zip(place, codes[parents, place], children[rows, place], strict=True))
    assert len(seen) == bound


def test_2_nasbench101_has_72_differences():
    space = NasBench101()
    # v = 7 with 5 interior vertices, r = 3: 7 x 6 + 5 x 3 x 2. All occur among some cells.
    assert one_edit_differences(space) == 72
    assert math.prod(space.option_counts.tolist()) == 2**21 * 3**5 == 509_607_936
    codes = space.sample_codes(200, np.random.default_rng(2))
    parents, children = space.children(codes)
    place = np.argmax(codes[parents] != children, axis=1)
    rows = np.arange(len(place))
    assert len(set(zip(place, codes[parents, place], children[rows, place], strict=True))) == 72


@pytest.mark.parametrize("counts", SPACES)
def test_3_differences_of_several_edits(counts):
    space = space_of(counts)
    ordered = [r * (r - 1) for r in counts]
    for k in range(1, len(counts) + 1):
        found = differences(space, k)
        assert len(found) == sum(math.prod(s) for s in itertools.combinations(ordered, k))
        for vector in found:
            assert (vector.count(1), vector.count(-1)) == (k, k)
            assert np.linalg.norm(vector) == pytest.approx(math.sqrt(2 * k))
    total = sum(len(differences(space, k)) for k in range(len(counts) + 1))
    assert total == math.prod(1 + each for each in ordered)


def test_4_halves_of_differences_are_all_antisymmetric_functions():
    # All functions of ordered pairs, one entry each; D(a, b) + D(b, a) = 0 for all pairs.
    count = len(space_of((3, 2)).all_codes())
    units = np.eye(count**2).reshape(-1, count, count)
    swapped = units.transpose(0, 2, 1)
    halves = (0.5 * (units - swapped)).reshape(-1, count**2)
    conditions = (units + swapped).reshape(-1, count**2)
    assert not (conditions @ halves.T).any()
    # No other function keeps to the conditions: one number for each unordered pair.
    free = count**2 - np.linalg.matrix_rank(conditions)
    assert np.linalg.matrix_rank(halves) == free == count * (count - 1) // 2


def one_edit_graph(counts):
    """Codes, and the one-edit pairs `(a, b)` with a before b, as row numbers."""
    codes = space_of(counts).all_codes()
    pairs = [
        (a, b)
        for a, b in itertools.combinations(range(len(codes)), 2)
        if np.sum(codes[a] != codes[b]) == 1
    ]
    return codes, pairs


def cycle(steps, pairs):
    """Row of +1 and -1 with which a cycle sums up an antisymmetric function on pairs."""
    row = np.zeros(len(pairs))
    for a, b in itertools.pairwise([*steps, steps[0]]):
        row[pairs.index((min(a, b), max(a, b)))] += 1 if a < b else -1
    return row


@pytest.mark.parametrize("counts", [(3, 2), (2, 2, 2), (7,)])
def test_5_consistent_paths_are_differences_of_a_score_unique_up_to_a_constant(counts):
    count = math.prod(counts)
    pairs = list(itertools.combinations(range(count), 2))
    triangles = [cycle(three, pairs) for three in itertools.combinations(range(count), 3)]
    scores = np.zeros((len(pairs), count))
    for row, (a, b) in enumerate(pairs):
        scores[row, a], scores[row, b] = -1, 1
    assert not (np.array(triangles) @ scores).any()
    consistent = len(pairs) - np.linalg.matrix_rank(np.array(triangles))
    assert consistent == np.linalg.matrix_rank(scores) == count - 1
    assert not scores.sum(axis=1).any()  # a constant score has no differences


@pytest.mark.parametrize("counts", [(3, 2), (2, 2, 2), (3, 3), (2, 3, 2)])
def test_5_triangles_and_squares_are_all_that_consistency_asks(counts):
    codes, pairs = one_edit_graph(counts)
    joined = set(pairs) | {(b, a) for a, b in pairs}
    rows = [np.zeros(len(pairs))]
    for a, b, c in itertools.combinations(range(len(codes)), 3):
        if {(a, b), (b, c), (a, c)} <= joined:
            rows.append(cycle((a, b, c), pairs))
    for a, b, c, d in itertools.permutations(range(len(codes)), 4):
        if a == min(a, b, c, d) and {(a, b), (b, c), (c, d), (d, a)} <= joined:
            rows.append(cycle((a, b, c, d), pairs))
    # Functions on pairs that are differences of scores: |A| - 1 dimensions. So consistency
    # is that many independent conditions fewer than there are pairs.
    assert np.linalg.matrix_rank(np.array(rows)) == len(pairs) - (len(codes) - 1)


@pytest.mark.parametrize("counts", [(3, 2), (3, 3), (2, 3, 4)])
def test_6_context_free_differences_of_scores_are_additive(counts):
    codes, pairs = one_edit_graph(counts)
    edits = {}
    table = np.zeros((len(pairs), sum(r * (r - 1) // 2 for r in counts)))
    for row, (a, b) in enumerate(pairs):
        place = int(np.argmax(codes[a] != codes[b]))
        # Codes are counted up, so the option of a is the smaller one.
        edit = (place, codes[a, place], codes[b, place])
        table[row, edits.setdefault(edit, len(edits))] = 1
    assert len(edits) == table.shape[1] == np.linalg.matrix_rank(table)
    scores = np.zeros((len(pairs), len(codes)))
    for row, (a, b) in enumerate(pairs):
        scores[row, a], scores[row, b] = -1, 1
    # Dimension of the intersection of the two spaces = sum of ranks - rank of both together.
    both = np.linalg.matrix_rank(np.hstack([table, scores]))
    meet = table.shape[1] + (len(codes) - 1) - both
    assert meet == sum(r - 1 for r in counts)


def test_6_the_best_context_free_predictor_is_the_main_effects():
    counts = (3, 2, 4)
    codes, pairs = one_edit_graph(counts)
    y = np.random.default_rng(6).normal(size=len(codes))
    edits = {}
    for a, b in pairs:
        place = int(np.argmax(codes[a] != codes[b]))
        edits.setdefault((place, codes[a, place], codes[b, place]), []).append(y[b] - y[a])
    for (place, old, new), deltas in edits.items():
        effect = [y[codes[:, place] == option].mean() for option in (old, new)]
        # The mean minimises the squared error over all contexts of the edit.
        assert np.mean(deltas) == pytest.approx(effect[1] - effect[0])
