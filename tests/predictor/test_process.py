"""The mixture of Gaussian processes against the textbook formulas, written out naively."""

import numpy as np
import pytest
from scipy.special import kv

from deltanas.predictor import process
from deltanas.predictor.kernels import exponential, matern
from deltanas.predictor.process import Process
from deltanas.predictor.vectors import RELEVANCE_LOG_DEVIATION, VECTORS, Group, Vectors

GROUPS = [
    Group(exponential, (0.3, 0.7), linear=True),
    Group(matern, (-0.2, 0.7)),
    Group(matern, (0.1, 0.7), relevances=2),
]


def designs(rows, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(rows, columns)) for columns in (3, 2, 2)]


def fitted(rows=7, seed=3):
    fresh = Process(GROUPS)
    labels = designs(rows, seed)
    values = np.random.default_rng(seed + 1).normal(size=rows)
    fresh.fit(labels, values)
    return fresh, labels, values


def naive_kernel(model, vector, left, right):
    """Prior covariance of two rows under one hyperparameter vector, entry by entry."""
    total, known = process.CONSTANT, model._vectors
    for g, group in enumerate(GROUPS):
        a, b = left[g], right[g]
        width = known.widths[g, known.level[vector, g]]
        stretch = known.relevance[g][vector] if group.relevances else 1.0
        apart = np.sum((stretch * (a - b)) ** 2) / width**2
        total += known.share[vector, g] * group.kernel(np.array([apart]))[0]
        total += known.slope[vector, g] * float(a @ b)
    return total


def row(matrices, index):
    return [matrix[index] for matrix in matrices]


def naive_posterior(model, labels, values, points):
    """Weights, means and variances by explicit inverses, for all vectors."""
    n, m = len(values), len(points[0])
    evidence, means, variances = [], [], []
    for vector in range(VECTORS):
        k = np.array(
            [
                [naive_kernel(model, vector, row(labels, i), row(labels, j)) for j in range(n)]
                for i in range(n)
            ]
        )
        k += model._vectors.noise[vector] * np.eye(n)
        cross = np.array(
            [
                [naive_kernel(model, vector, row(labels, i), row(points, j)) for j in range(m)]
                for i in range(n)
            ]
        )
        own = [naive_kernel(model, vector, row(points, j), row(points, j)) for j in range(m)]
        inverse = np.linalg.inv(k)
        misfit = values @ inverse @ values
        shape, rate = process.SCALE_SHAPE + n / 2, process.SCALE_RATE + misfit / 2
        evidence.append(-0.5 * np.linalg.slogdet(k)[1] - shape * np.log(rate))
        means.append(cross.T @ inverse @ values)
        variances.append((own - np.diag(cross.T @ inverse @ cross)) * rate / shape)
    weights = np.exp(np.array(evidence) - max(evidence))
    kept = weights >= process.NEGLIGIBLE
    return weights[kept] / weights[kept].sum(), np.array(means)[kept], np.array(variances)[kept]


def test_labels_of_linear_terms_equal_the_textbook_formula():
    model, labels, values = fitted()
    more, rng = designs(11, seed=21), np.random.default_rng(22)
    further, points = rng.normal(size=11), designs(4, seed=9)
    model.refit(labels, values, more, further)
    everything = [np.concatenate(pair) for pair in zip(more, labels, strict=True)]
    told = np.concatenate([further, values])
    for place, vector in enumerate(model._kept.tolist()):

        def covariance(left, right, vector=vector):
            shared = [
                [naive_kernel(model, vector, row(left, i), row(right, j)) for j in range(n)]
                for i, n in ((i, len(right[0])) for i in range(len(left[0])))
            ]
            return np.array(shared)

        def linear(left, right, vector=vector):
            # Only the first group has a linear term; the constant is one too.
            slope = model._vectors.slope[vector, 0]
            return process.CONSTANT + slope * left[0] @ right[0].T

        k = linear(everything, everything)
        k[11:, 11:] = covariance(labels, labels)
        noise = model._vectors.noise[vector]
        k += np.diag(np.r_[np.full(11, 1.0 + noise), np.full(7, noise)])
        cross = np.concatenate([linear(more, points), covariance(labels, points)])
        inverse = np.linalg.inv(k)
        posterior, pair = model.posterior(points), model.difference(row_of(points, 0), points)
        np.testing.assert_allclose(posterior.mean[place], cross.T @ inverse @ told, rtol=1e-7)
        whole = covariance(points, points) - cross.T @ inverse @ cross
        scale = model._scale[place]
        np.testing.assert_allclose(posterior.variance[place], scale * np.diag(whole), rtol=1e-7)
        spread = scale * (whole[0, 0] + np.diag(whole) - 2 * whole[0])
        np.testing.assert_allclose(pair.variance[place], spread, rtol=1e-6, atol=1e-9)


def row_of(matrices, index):
    """One row, as often as there are rows."""
    return [np.repeat(matrix[[index]], len(matrix), axis=0) for matrix in matrices]


def test_posterior_equals_the_textbook_formula():
    model, labels, values = fitted()
    points = designs(4, seed=9)
    weights, means, variances = naive_posterior(model, labels, values, points)
    posterior = model.posterior(points)
    np.testing.assert_allclose(posterior.weights, weights, rtol=1e-8)
    np.testing.assert_allclose(posterior.mean, means, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(posterior.variance, variances, rtol=1e-6, atol=1e-9)


def test_difference_is_that_of_the_joint_posterior():
    model, _, _ = fitted()
    before, after = designs(5, seed=11), designs(5, seed=12)
    difference = model.difference(before, after)
    mean = model.posterior(after).mean - model.posterior(before).mean
    np.testing.assert_allclose(difference.mean, mean, atol=1e-9)
    # Var(b - a) = Var(a) + Var(b) - 2 Cov(a, b), and |Cov| is bounded by the deviations.
    low = np.sqrt(model.posterior(before).variance)
    high = np.sqrt(model.posterior(after).variance)
    deviation = np.sqrt(difference.variance)
    assert np.all(deviation <= low + high + 1e-9)
    assert np.all(deviation >= np.abs(high - low) - 1e-9)


def test_difference_swaps_its_sign_and_keeps_its_variance():
    model, _, _ = fitted()
    before, after = designs(5, seed=11), designs(5, seed=12)
    there, back = model.difference(before, after), model.difference(after, before)
    np.testing.assert_allclose(there.mean, -back.mean, atol=1e-12)
    np.testing.assert_allclose(there.variance, back.variance, atol=1e-9)


def test_an_architecture_differs_from_itself_by_nothing():
    model, _, _ = fitted()
    same = designs(3, seed=5)
    itself = model.difference(same, same)
    assert np.all(itself.mean == 0)
    np.testing.assert_allclose(itself.variance, 0.0, atol=1e-12)


def test_similar_rows_differ_with_less_variance_than_distant_ones():
    model, _, _ = fitted()
    before = designs(1, seed=20)
    near = [matrix + 0.05 for matrix in before]
    far = [matrix + 2.0 for matrix in before]
    assert model.difference(before, near).variance.max() < (
        model.difference(before, far).variance.min()
    )


def test_the_mixture_has_the_moments_of_its_parts():
    # Weights 1/4 and 3/4, means 0 and 2, variances 1 and 3: mean 1.5,
    # variance (1 + 0)/4 + 3 (3 + 4)/4 - 1.5^2 = 0.25 + 5.25 - 2.25 = 3.25.
    mixture = process.Posterior(
        np.array([0.25, 0.75]), np.array([[0.0], [2.0]]), np.array([[1.0], [3.0]])
    )
    mean, deviation = mixture.moments()
    assert mean[0] == pytest.approx(1.5)
    assert deviation[0] == pytest.approx(np.sqrt(3.25))


def test_matern_is_the_bessel_form_at_five_halves():
    distance = np.array([0.3, 0.9, 2.5])
    scaled = np.sqrt(5) * distance
    # Rasmussen & Williams eq. 4.14 with nu = 5/2: Gamma(5/2) = 3 sqrt(pi) / 4.
    bessel = 2 ** (1 - 2.5) / (3 * np.sqrt(np.pi) / 4) * scaled**2.5 * kv(2.5, scaled)
    np.testing.assert_allclose(matern(distance**2), bessel, rtol=1e-10)


def test_the_order_of_the_labels_does_not_matter():
    model, labels, values = fitted()
    order = np.array([4, 1, 6, 0, 3, 5, 2])
    shuffled = Process(GROUPS)
    shuffled.fit([matrix[order] for matrix in labels], values[order])
    points = designs(4, seed=9)
    first, second = model.posterior(points).moments(), shuffled.posterior(points).moments()
    np.testing.assert_allclose(first, second, rtol=1e-8)


def test_columns_of_one_group_matter_differently_and_those_of_others_alike():
    vectors = Vectors(GROUPS)
    assert vectors.relevance[:2] == [None, None]
    stretches = np.log(vectors.relevance[2])
    assert stretches.shape == (VECTORS, 2)
    # Spread as evenly as 32 points can be: two deviations of the mean of random ones would be .35.
    np.testing.assert_allclose(stretches.mean(axis=0), 0.0, atol=0.1)
    np.testing.assert_allclose(stretches.std(axis=0), RELEVANCE_LOG_DEVIATION, rtol=0.15)
    assert abs(np.corrcoef(stretches.T)[0, 1]) < 0.3


def test_a_column_that_does_nothing_is_found_out():
    """Two numbers of which one says nothing: the process learns from few labels which one."""
    rng = np.random.default_rng(8)
    labels, points = rng.uniform(-1, 1, size=(30, 2)), rng.uniform(-1, 1, size=(400, 2))
    errors = []
    for relevances in (0, 2):
        model = Process([Group(matern, (0.0, 0.7), relevances=relevances)])
        model.fit([labels], np.sin(4 * labels[:, 0]))
        mean, _ = model.posterior([points]).moments()
        errors.append(np.sqrt(np.mean((mean - np.sin(4 * points[:, 0])) ** 2)))
    assert errors[1] < 0.7 * errors[0]
