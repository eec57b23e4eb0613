"""What docs/theory.md says of learning differences, sections 7 to 10, by enumeration."""

import itertools
import math

import numpy as np
import pytest

from bench.random_blocks import landscape
from deltanas.encoding import OneHot, one_edit_differences
from deltanas.spaces import BlockSpace


def space_of(counts):
    return BlockSpace({f"decision {i}": range(r) for i, r in enumerate(counts)})


def components(y):
    """Interactions f_S of a tensor of accuracies, for every set S of decisions."""
    places = range(y.ndim)
    found = {}
    for size in range(y.ndim + 1):
        for chosen in itertools.combinations(places, size):
            rest = tuple(place for place in places if place not in chosen)
            lower = sum(
                found[some] for k in range(size) for some in itertools.combinations(chosen, k)
            )
            found[chosen] = y.mean(axis=rest, keepdims=True) - lower
    return found


def one_edit_error(remainder, place):
    """Mean square of what remains of the edits of a decision to another option."""
    options = remainder.shape[place]
    moved = np.moveaxis(remainder, place, 0)
    changes = [
        (moved[new] - moved[old]) ** 2 for old, new in itertools.permutations(range(options), 2)
    ]
    return np.mean(changes)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("counts", [(3, 2, 4), (2, 3, 2, 3)])
def test_7_the_error_is_that_of_the_interactions_that_are_not_seen(counts, order):
    y = np.random.default_rng(7).normal(size=counts)
    found = components(y)
    assert np.allclose(sum(found.values()), y)
    kept = sum(each for chosen, each in found.items() if len(chosen) <= order)
    for place, r in enumerate(counts):
        variances = [
            (each**2).mean()
            for chosen, each in found.items()
            if place in chosen and len(chosen) > order
        ]
        expected = 2 * r / (r - 1) * sum(variances)
        assert one_edit_error(y - kept, place) == pytest.approx(expected, abs=1e-12)


def test_7_no_score_of_that_order_does_better():
    # The one-edit errors are a linear least-squares problem in the score: solved as such.
    counts = (3, 2, 3)
    codes = space_of(counts).all_codes()
    y = np.random.default_rng(8).normal(size=counts)
    kept = sum(each for chosen, each in components(y).items() if len(chosen) <= 2)
    weight = [1 / (r * (r - 1)) for r in counts]
    pairs = [
        (a, b, weight[int(np.argmax(codes[a] != codes[b]))] ** 0.5)
        for a, b in itertools.combinations(range(len(codes)), 2)
        if np.sum(codes[a] != codes[b]) == 1
    ]
    columns = OneHot(space_of(counts)).encode(codes)
    products = columns[:, :, None] * columns[:, None, :]
    design = products.reshape(len(codes), -1)
    differences = np.array([w * (design[b] - design[a]) for a, b, w in pairs])
    wanted = np.array([w * (y.ravel()[b] - y.ravel()[a]) for a, b, w in pairs])
    best = differences @ np.linalg.lstsq(differences, wanted, rcond=None)[0]
    score = np.broadcast_to(kept, counts).ravel()
    ours = np.array([w * (score[b] - score[a]) for a, b, w in pairs])
    np.testing.assert_allclose(best, ours, atol=1e-9)


def test_7_the_share_that_no_context_free_predictor_explains_is_bounded_by_the_order():
    made = landscape(6, 3, interaction=0.5, seed=7)
    y = made.accuracies(made.space.all_codes()).reshape((3,) * 6)
    found = components(y)
    variances = {chosen: (each**2).mean() for chosen, each in found.items() if chosen}
    assert all(value < 1e-20 for chosen, value in variances.items() if len(chosen) > 2)
    total = sum(variances.values())
    share = sum(value for chosen, value in variances.items() if len(chosen) == 2) / total
    main = sum(each for chosen, each in found.items() if len(chosen) <= 1)
    errors = sum(one_edit_error(y - main, place) for place in range(6))
    assert 0.1 < share < 0.5
    # Nothing of order three: the bound 2 e / (1 - e + 2 e) is reached.
    assert errors / sum(one_edit_error(y, place) for place in range(6)) == pytest.approx(
        2 * share / (1 + share)
    )


@pytest.mark.parametrize("order", [2, 3, 4])
def test_7_the_share_lies_between_its_bounds_whatever_the_order(order):
    rng = np.random.default_rng(order)
    found = components(rng.normal(size=(3, 3, 3, 3)))
    factors = {chosen: rng.uniform(0.1, 2.0) if len(chosen) <= order else 0 for chosen in found}
    parts = {chosen: factors[chosen] * each for chosen, each in found.items() if chosen}
    y = sum(parts.values())
    main = sum(each for chosen, each in parts.items() if len(chosen) == 1)
    errors, all_of_it = (
        sum(one_edit_error(what, place) for place in range(4)) for what in (y - main, y)
    )
    sizes = np.array([len(chosen) for chosen in parts])
    variances = np.array([np.mean(np.broadcast_to(each, y.shape) ** 2) for each in parts.values()])
    weighed, many = sizes * variances, sizes >= 2
    assert errors / all_of_it == pytest.approx(weighed[many].sum() / weighed.sum())
    e = variances[many].sum() / variances.sum()
    low, high = 2 * e / (1 + e), order * e / (1 - e + order * e)
    assert low <= errors / all_of_it * (1 + 1e-9) <= high * (1 + 1e-8)
    assert (order > 2) == (low < high - 1e-9)


def rulers(n, r):
    """Numbers for the options of n decisions so that all differences differ, chosen greedily."""
    seen, numbers = set(), []
    for _ in range(n):
        chosen = [0]
        while len(chosen) < r:
            for candidate in itertools.count(chosen[-1] + 1):
                new = [candidate - each for each in chosen]
                if len(set(new) - seen) == len(new):
                    break
            seen.update(new)
            chosen.append(candidate)
        numbers.append(chosen)
    return np.array(numbers)


@pytest.mark.parametrize(("n", "r"), [(3, 3), (6, 3), (8, 3), (5, 4), (12, 2)])
def test_8_one_number_keeps_all_differences_and_few_architectures(n, r):
    numbers = rulers(n, r)
    codes = space_of((r,) * n).all_codes()
    lossy = numbers[np.arange(n), codes].sum(axis=1)
    space = space_of((r,) * n)
    parents, children = space.children(codes[: r * r])
    place = np.argmax(codes[parents] != children, axis=1)
    change = numbers[np.arange(n), children].sum(axis=1) - lossy[parents]
    rows = np.arange(len(place))
    edits = zip(place, codes[parents, place], children[rows, place], strict=True)
    told = {}
    for edit, difference in zip(edits, change.tolist(), strict=True):
        told.setdefault(difference, set()).add(edit)
    assert all(len(same) == 1 for same in told.values())
    # And over all edits, not only those of the first architectures:
    every = [
        numbers[i, y] - numbers[i, x]
        for i in range(n)
        for x, y in itertools.permutations(range(r), 2)
    ]
    assert len(set(every)) == n * r * (r - 1) == one_edit_differences(space)
    assert numbers.max() <= n * r**3 / 2
    assert len(set(lossy.tolist())) <= n * n * r**3 / 2 + 1
    if n >= 8:
        assert len(set(lossy.tolist())) < len(codes) / 10  # 656 of 6,561


def test_8_what_it_loses_is_lost_for_accuracies_only():
    n, r = 8, 3
    numbers = rulers(n, r)
    codes = space_of((r,) * n).all_codes()
    lossy = numbers[np.arange(n), codes].sum(axis=1)
    effects = np.random.default_rng(8).normal(size=(n, r))
    y = effects[np.arange(n), codes].sum(axis=1)
    table = {
        int(numbers[i, q] - numbers[i, p]): effects[i, q] - effects[i, p]
        for i in range(n)
        for p, q in itertools.permutations(range(r), 2)
    }
    parents, children = space_of((r,) * n).children(codes[::50])
    changed = numbers[np.arange(n), children].sum(axis=1) - lossy[::50][parents]
    true = effects[np.arange(n), children].sum(axis=1) - y[::50][parents]
    np.testing.assert_allclose([table[each] for each in changed.tolist()], true)
    # The best function of the encoding for accuracies is the mean of each value's architectures.
    inverse = np.unique(lossy, return_inverse=True)[1]
    means = np.bincount(inverse, y) / np.bincount(inverse)
    assert np.var(y - means[inverse]) > 0.3 * np.var(y)


def order_design(codes, counts, order):
    """A basis of the scores with interactions of at most this order, one row a code."""
    columns = []
    for size in range(order + 1):
        for chosen in itertools.combinations(range(len(counts)), size):
            options = itertools.product(*(range(1, counts[i]) for i in chosen))
            columns += [np.all(codes[:, list(chosen)] == some, axis=1) for some in options]
    return np.array(columns, dtype=float).T


@pytest.mark.parametrize("counts", [(3, 2, 4), (2, 3, 2, 3)])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_9_labels_that_determine_all_differences(counts, order):
    codes = space_of(counts).all_codes()
    needed = sum(
        math.prod(r - 1 for r in some)
        for size in range(order + 1)
        for some in itertools.combinations(counts, size)
    )
    design = order_design(codes, counts, order)
    assert design.shape[1] == needed == np.linalg.matrix_rank(design)
    near = np.sum(codes != 0, axis=1) <= order
    assert near.sum() == needed == np.linalg.matrix_rank(design[near])
    parents, children = space_of(counts).children(codes)
    edits = design[parents] - order_design(children, counts, order)
    # One number less, the constant, is what differences hold and what the labels' differences say.
    assert np.linalg.matrix_rank(edits) == needed - 1
    for left_out in np.flatnonzero(near):
        fewer = near.copy()
        fewer[left_out] = False
        told = np.vstack([design[fewer], edits])
        assert np.linalg.matrix_rank(told) > np.linalg.matrix_rank(design[fewer])


def test_9_an_additive_score_in_n_decisions_takes_linearly_many():
    for n in range(1, 7):
        codes = space_of((3,) * n).all_codes()
        assert np.linalg.matrix_rank(order_design(codes, (3,) * n, 1)) == 1 + 2 * n


@pytest.mark.parametrize(("share", "expected"), [(1, 0.0), (200, 0.95)])
def test_9_averages_of_random_labels_are_near_the_main_effects(share, expected):
    # n = 5, r = 3, R = range of y, precision R / 4, d = .1:
    # m >= 3 max(8, 4 x 16) ln(3 x 5 x 3 / .1) = 192 ln 450 = 1,173 labels.
    made = landscape(5, 3, interaction=1.0, seed=9)
    y = made.accuracies(made.space.all_codes())
    within = np.ptp(y) / 4
    labels = math.ceil(192 * math.log(450) / share)
    codes = made.space.all_codes()
    true = np.array([[y[codes[:, i] == x].mean() for x in range(3)] for i in range(5)])
    rng = np.random.default_rng(9)
    failed = []
    for _ in range(200):
        drawn = rng.integers(len(codes), size=labels)
        chosen, values = codes[drawn], y[drawn]
        sums = np.array([[values[chosen[:, i] == x].sum() for x in range(3)] for i in range(5)])
        seen = np.array([[(chosen[:, i] == x).sum() for x in range(3)] for i in range(5)])
        error = np.where(seen, sums / np.maximum(seen, 1) - true, np.inf)
        # A difference of two options is off by the difference of their errors.
        failed.append(np.max(error.max(axis=1) - error.min(axis=1)) > within)
    assert abs(np.mean(failed) - expected) <= 0.1


def depths(depth, r):
    """Networks of 1 to `depth` layers, each of r options."""
    layers = {f"layer {j}": [f"o{k}" for k in range(r)] for j in range(1, depth + 1)}
    conditions = {f"layer {j}": f"depth >= {j}" for j in range(2, depth + 1)}
    return BlockSpace({"depth": range(1, depth + 1)} | layers, conditions=conditions)


@pytest.mark.parametrize(("depth", "r"), [(1, 3), (2, 2), (3, 3), (4, 2), (4, 3), (3, 4)])
def test_10_counts_where_depth_adds_and_drops_layers(depth, r):
    space = depths(depth, r)
    codes = space.all_codes()
    assert len(codes) == space.size == sum(r**layers for layers in range(1, depth + 1))
    encoding = OneHot(space)
    parents, children = space.children(codes)
    vectors = encoding.encode(children) - encoding.encode(codes[parents])
    steps = np.abs(children[:, 0] - codes[parents, 0])
    # Two non-zeros for the edit itself, and one for each layer that comes or goes.
    np.testing.assert_array_equal(np.abs(vectors).sum(axis=1), 2 + steps)
    seen = {(int(step), tuple(each)) for step, each in zip(steps, vectors.tolist(), strict=True)}
    of_layers = sum(step == 0 for step, _ in seen)
    assert of_layers == depth * r * (r - 1)
    for step in range(1, depth):
        found = sum(other == step for other, _ in seen)
        assert found == (depth - step) * (min(r, 3) + r**step)
    additive = encoding.encode(codes) - encoding.encode(codes[:1])
    assert np.linalg.matrix_rank(additive) == (depth - 1) + depth * (r - 1)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_10_switches_of_a_few_decisions_keep_the_differences_linear(n):
    options, conditions = {}, {}
    for unit in range(n):
        inside = {f"{name} {unit}": ("x", "y", "z") for name in ("kind", "size")}
        options |= {f"switch {unit}": (False, True)} | inside
        conditions |= dict.fromkeys(inside, f"switch {unit}")
    space = BlockSpace(options, conditions=conditions)
    codes = space.all_codes()
    assert len(codes) == (1 + 3**2) ** n
    encoding = OneHot(space)
    parents, children = space.children(codes)
    vectors = encoding.encode(children) - encoding.encode(codes[parents])
    place = np.argmax(codes[parents] != children, axis=1)
    seen = {(int(i), tuple(each)) for i, each in zip(place, vectors.tolist(), strict=True)}
    # Switched on in 3 ways, off from any of 3 x 3; two choices of 3 options inside.
    assert len(seen) == n * (3 + 9 + 2 * 6)
    of_switches = sum(i % 3 == 0 for i, _ in seen)
    assert of_switches == n * (3 + 9) <= n * 2 * (2 - 1) * 3 * 3**2
