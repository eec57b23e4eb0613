"""Bayesian ridge on differences: what it learns, and that its sums are those over pairs."""

import numpy as np
import pytest

from deltanas.encoding import OneHot
from deltanas.pairs import pairs_of
from deltanas.predictor import AdditiveDelta, calibration, sign_agreement
from deltanas.predictor.additive import RATIOS, _most_probable, _weighted_sums
from deltanas.predictor.growth import growth
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace

SPACE = BlockSpace({f"decision {i}": ["a", "b", "c"] for i in range(6)})
EFFECT = generator(5, "effects").normal(size=(6, 3)) * 0.02


def evaluated(n, noise=0.0, seed=1, edits=6):
    rng = generator(seed, "evaluated")
    codes = SPACE.sample_codes(n, rng)
    accuracies = 0.6 + EFFECT[np.arange(6), codes].sum(axis=1) + noise * rng.normal(size=n)
    return pairs_of(SPACE, codes, accuracies, edits=edits)


def test_sums_are_those_over_all_pairs():
    pairs = evaluated(12, noise=0.01, edits=4)
    rows = generator(3, "rows").normal(size=(len(pairs.keys), 5))
    found = _weighted_sums(rows, pairs.accuracies, pairs, 11)
    weights = 1 / growth(pairs.distance)
    weights *= 11 / weights.sum()
    different = rows[pairs.second] - rows[pairs.first]
    expected = (
        different.T @ (weights[:, None] * different),
        different.T @ (weights * pairs.deltas),
        np.sum(weights * pairs.deltas**2),
    )
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


def test_the_likeliest_weight_by_the_closed_form_of_ridge():
    # One column: mean p / (s + ratio), noise (t - p^2 / (s + ratio)) / n, at the ratio
    # that maximises -n log noise - log(1 + s / ratio).
    s, p, t, n = 4.0, 3.0, 3.5, 6
    noises = (t - p**2 / (s + RATIOS)) / n
    ratio = RATIOS[np.argmax(-n * np.log(noises) - np.log1p(s / RATIOS))]
    mean, covariance, noise = _most_probable(np.array([[s]]), np.array([p]), t, n)
    assert mean == pytest.approx([p / (s + ratio)])
    assert noise == pytest.approx((t - p**2 / (s + ratio)) / n)
    assert covariance == pytest.approx(noise / (s + ratio))
    assert RATIOS[0] < ratio < RATIOS[-1]


def test_it_learns_additive_effects_from_few_labels():
    predictor = AdditiveDelta(SPACE)
    predictor.fit(evaluated(50))
    parents = SPACE.sample_codes(30, generator(2, "parents"))
    rows, children = SPACE.children(parents)
    found = predictor.predict(parents[rows], children)
    each = np.arange(6)
    true = (EFFECT[each, children] - EFFECT[each, parents[rows]]).sum(axis=1)
    assert sign_agreement(found.mean, true, noise=0.004) > 0.97
    assert np.corrcoef(found.mean, true)[0, 1] > 0.98


def test_it_is_context_free():
    # The same exchange at the same place, in two different architectures.
    predictor = AdditiveDelta(SPACE)
    predictor.fit(evaluated(50, noise=0.01))
    before = np.array([[0, 1, 2, 0, 1, 2], [0, 2, 1, 1, 0, 0]], dtype=np.int32)
    after = before.copy()
    after[:, 0] = 2
    found = predictor.predict(before, after)
    assert found.mean[0] == pytest.approx(found.mean[1])
    assert found.mean[0] != 0


def test_spread_covers_what_noise_adds():
    predictor = AdditiveDelta(SPACE)
    predictor.fit(evaluated(80, noise=0.02, seed=4))
    unseen = evaluated(80, noise=0.02, seed=9)
    found = calibration(predictor.predict(unseen.before, unseen.after), unseen.deltas)
    assert found.error < 0.12


def test_equal_accuracies_predict_no_change():
    predictor = AdditiveDelta(SPACE)
    codes = SPACE.sample_codes(10, generator(1, "codes"))
    predictor.fit(pairs_of(SPACE, codes, np.full(10, 0.7), edits=6))
    found = predictor.predict(codes[:-1], codes[1:])
    np.testing.assert_allclose(found.mean, 0, atol=1e-12)
    assert np.all(found.spread < 1e-3)


def test_encodings_may_be_chosen():
    chosen, default = AdditiveDelta(SPACE, encodings=[OneHot(SPACE)]), AdditiveDelta(SPACE)
    pairs = evaluated(20, noise=0.01)
    for predictor in (chosen, default):
        predictor.fit(pairs)
    # This space has no features, so the default sees the choices only.
    one, other = (each.predict(pairs.before, pairs.after) for each in (chosen, default))
    np.testing.assert_allclose(one.mean, other.mean, rtol=1e-9)
