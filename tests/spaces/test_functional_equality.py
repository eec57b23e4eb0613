"""Our keys against what cells compute, simulated with random weights."""

import itertools
from collections import Counter

import numpy as np
import pytest

from deltanas.spaces import NasBench201
from deltanas.spaces.cells import edges
from deltanas.spaces.nasbench201 import OPERATIONS, VERTICES

WIDTH = 3
EDGES = edges(VERTICES)


@pytest.fixture(scope="module")
def codes():
    return NasBench201().all_codes()


@pytest.fixture(scope="module")
def keys(codes):
    return NasBench201().keys(codes)


def outputs(codes, weights):
    """What cells compute on one fixed input, shape `(cells, WIDTH)`.

    `codes` and `weights` have the shape `(cells, edges)`: the operation on each edge and the
    number of the weight matrix that it uses if it is a convolution, here `tanh(W h)`.
    Pooling is one fixed matrix.
    """
    rng = np.random.default_rng(201)
    matrices = rng.normal(size=(len(EDGES) + 1, WIDTH, WIDTH)) * 1.3
    pooling = rng.normal(size=(WIDTH, WIDTH)) * 0.7
    # A convolution of size 1 and one of size 3 differ in more than their weights.
    convolve = {2: lambda h, w: np.tanh(w @ h), 3: lambda h, w: np.tanh(1.7 * (w @ h))}
    vertices = np.zeros((VERTICES, len(codes), WIDTH, 1))
    vertices[0] = rng.normal(size=(WIDTH, 1))
    for place, (source, target) in enumerate(EDGES):
        for operation in (1, 2, 3, 4):
            rows = np.flatnonzero(codes[:, place] == operation)
            h = vertices[source, rows]
            if operation in convolve:
                h = convolve[operation](h, matrices[weights[rows, place]])
            elif operation == 4:
                h = pooling @ h
            vertices[target, rows] += h
    return vertices[-1, :, :, 0]


def live_convolutions(codes):
    """Which edges carry a convolution whose weights change the output, found by trying."""
    own = np.tile(np.arange(len(EDGES)), (len(codes), 1))
    before = outputs(codes, own)
    live = np.zeros(codes.shape, dtype=bool)
    for place in range(len(EDGES)):
        changed = own.copy()
        changed[:, place] = len(EDGES)
        live[:, place] = np.abs(outputs(codes, changed) - before).max(axis=1) > 1e-9
    return live


def signatures(codes):
    """A number triple for each cell that does not depend on which weights are called which.

    Two cells are the same network if some renaming of weights makes their outputs equal. So
    every assignment of the first m matrices to the m live convolutions of a kind is tried, and
    the outputs of all of them are summed up.
    """
    cells, assignments = [], []
    for cell, (code, live) in enumerate(zip(codes, live_convolutions(codes), strict=True)):
        kinds = [np.flatnonzero(live & (code == operation)) for operation in (2, 3)]
        for ones in itertools.permutations(range(len(kinds[0]))):
            for threes in itertools.permutations(range(len(kinds[1]))):
                weights = np.zeros(len(EDGES), dtype=int)
                weights[kinds[0]], weights[kinds[1]] = ones, threes
                cells.append(cell)
                assignments.append(weights)
    cells = np.array(cells)
    results = outputs(codes[cells], np.array(assignments))
    summary = np.column_stack([results, results**2, results**3]) @ np.linspace(0.3, 1.1, 9)
    totals = np.bincount(cells, summary)
    return [
        (round(total, 8), count) for total, count in zip(totals, np.bincount(cells), strict=True)
    ]


def test_keys_are_equal_exactly_where_cells_compute_the_same(codes, keys):
    computed = signatures(codes)
    assert len(set(keys)) == len(set(computed)) == len(set(zip(keys, computed, strict=True)))


def test_the_simulation_sees_shared_weights_and_dead_edges():
    # One convolution used twice, two convolutions, and one more on a dead edge.
    codes = np.array(
        [[3, 0, 1, 0, 1, 1], [3, 3, 0, 0, 1, 1], [3, 3, 1, 0, 1, 0], [3, 0, 0, 0, 1, 3]]
    )
    assert live_convolutions(codes)[:, :2].tolist() == [
        [True, False],
        [True, True],
        [True, False],
        [True, False],
    ]
    first, second, *_ = signatures(codes)
    assert first != second


def strings(codes, *, flat, vanish, distribute):
    """Cells as strings that, unlike our keys, never say which weights are shared.

    Args:
        flat: A sum that an identity passes on is added term by term, not as one term.
        vanish: Terms that are zero are left out.
        distribute: Pooling a sum is the sum of the pooled.
    """

    def passed(operation, inner):
        if operation == 0 or inner in (["#"], []):
            return [] if vanish else ["#"]
        if operation == 1:
            return inner if flat else ["+".join(inner)]
        if operation == 4 and distribute:
            return [f"({term})@{OPERATIONS[4]}" for term in inner]
        return [f"({'+'.join(inner)})@{OPERATIONS[operation]}"]

    found = []
    for code in codes.tolist():
        vertices = [["0"]]
        for target in range(1, VERTICES):
            terms = []
            for place, (source, end) in enumerate(EDGES):
                if end == target:
                    terms += passed(code[place], vertices[source])
            vertices.append(sorted(terms))
        found.append("+".join(vertices[-1]))
    return found


def classes(*labels):
    """Number of classes of the partition, or of the common refinement of several."""
    return len(set(zip(*labels, strict=True)))


def test_the_keys_differ_from_the_benchmarks_classes_in_four_steps(codes, keys):
    official = strings(codes, flat=False, vanish=False, distribute=False)
    flat = strings(codes, flat=True, vanish=False, distribute=False)
    vanished = strings(codes, flat=True, vanish=True, distribute=False)
    distributed = strings(codes, flat=True, vanish=True, distribute=True)
    # Three steps each join classes: the refinement is as fine as the one before ...
    assert classes(official) == classes(official, flat) == 6_466
    assert classes(flat) == classes(flat, vanished) == 5_755
    assert classes(vanished) == classes(vanished, distributed) == 4_930
    assert classes(distributed) == 4_660
    # ... and the fourth, telling apart convolutions with weights of their own, splits some.
    assert classes(keys) == classes(keys, distributed) == 5_044


@pytest.mark.data
def test_the_first_of_these_steps_is_what_the_benchmark_calls_isomorphic(data_folder):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(data_folder / "nb201.parquet")
    codes = np.column_stack([table[f"e{i}{j}"].to_numpy() for i, j in EDGES])
    official = table["iso_rep"].to_pylist()
    rebuilt = strings(codes, flat=False, vanish=False, distribute=False)
    assert classes(official) == classes(rebuilt) == classes(official, rebuilt) == 6_466
    keys = NasBench201().keys(codes.astype(np.int32))
    joint = set(zip(keys, official, strict=True))
    assert len(joint) == 6_900
    # Classes of ours that hold several official ones, and official ones that hold several of ours.
    assert sum(count > 1 for count in Counter(key for key, _ in joint).values()) == 792
    assert sum(count > 1 for count in Counter(cell for _, cell in joint).values()) == 430
