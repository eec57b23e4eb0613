"""The closed-form DoA predictor: contract, what it learns, and where it stops."""

import numpy as np
import pytest

from deltanas.encoding import OneHot
from deltanas.errors import NotFittedError, PairsError, ShapeError
from deltanas.pairs import pairs_of
from deltanas.predictor import design
from deltanas.predictor.design import MOST_RELEVANCES, UsualDesign
from deltanas.predictor.gaussian import MOST_LABELS, SCREENED, TRUSTED_LABELS, GaussianDelta
from deltanas.predictor.kernels import exponential
from deltanas.predictor.process import BLOCK
from deltanas.predictor.vectors import Group
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, NasBench201
from deltanas.testing.predictors import PredictorContract

SPACE = BlockSpace({f"decision {i}": ["a", "b", "c"] for i in range(8)})
EFFECT = generator(5, "effects").normal(size=(8, 3)) * 0.02


def additive(codes):
    """A score that is a sum of one number per option: what a context-free predictor can learn."""
    return 0.6 + EFFECT[np.arange(8), codes].sum(axis=1)


def evaluated(n, seed=1):
    codes = np.unique(SPACE.sample_codes(n, generator(seed, "evaluated")), axis=0)
    return codes, additive(codes)


class TestGaussianDelta(PredictorContract):
    def make_space(self):
        return NasBench201()

    def make_predictor(self, space):
        return GaussianDelta(space)


def test_it_learns_additive_effects_from_few_labels():
    predictor = GaussianDelta(SPACE)
    codes, accuracies = evaluated(60)
    predictor.fit(pairs_of(SPACE, codes, accuracies, edits=8))
    parents = SPACE.sample_codes(40, generator(2, "parents"))
    rows, children = SPACE.children(parents)
    prediction = predictor.predict(parents[rows], children)
    true = additive(children) - additive(parents[rows])
    clear = np.abs(true) > 0.01
    agreement = np.mean(np.sign(prediction.mean[clear]) == np.sign(true[clear]))
    # 60 labels for 8 x 2 free numbers: nearly every clear direction should be known.
    assert agreement > 0.95


def test_what_was_measured_is_known_with_little_doubt():
    predictor = GaussianDelta(SPACE)
    codes, accuracies = evaluated(40)
    predictor.fit_accuracies(codes, accuracies)
    prediction = predictor.predict(codes[:-1], codes[1:])
    np.testing.assert_allclose(prediction.mean, np.diff(accuracies), atol=0.02)
    fresh = SPACE.sample_codes(30, generator(8, "fresh"))
    unsure = predictor.predict(np.repeat(codes[:1], 30, axis=0), fresh).spread
    assert np.median(prediction.spread) < np.median(unsure)


def test_expected_improvement_by_the_textbook():
    predictor = GaussianDelta(SPACE)
    codes, accuracies = evaluated(12)
    predictor.fit_accuracies(codes, accuracies)
    point = SPACE.sample_codes(1, generator(3, "point"))
    posterior = predictor._process.posterior(predictor._design.encode(point))
    best = predictor._warp.apply(np.array([accuracies.max()]))[0]
    # Monte Carlo of E[max(y - best, 0)] under the mixture of Gaussians.
    rng = np.random.default_rng(4)
    which = rng.choice(len(posterior.weights), p=posterior.weights, size=400_000)
    draws = posterior.mean[which, 0] + np.sqrt(posterior.variance[which, 0]) * rng.normal(
        size=400_000
    )
    expected = np.maximum(draws - best, 0).mean()
    gain = predictor.expected_improvement(point, float(accuracies.max()))[0]
    assert gain == pytest.approx(expected, rel=0.05)


def test_kernels_see_the_best_of_thousands_of_labels_and_linear_terms_all():
    space = BlockSpace({f"decision {i}": ["a", "b", "c"] for i in range(8)})
    codes = space.all_codes()[:3_000]
    accuracies = additive(codes)
    predictor = GaussianDelta(space)
    predictor.fit_accuracies(codes, accuracies)
    labels = len(predictor._process._designs[0])
    assert labels == TRUSTED_LABELS * MOST_LABELS
    best = np.argsort(-accuracies)[:5]
    np.testing.assert_allclose(predictor.believed(codes[best]), accuracies[best], atol=0.02)


@pytest.mark.parametrize(("decisions", "options", "most"), [(12, 3, 420), (128, 8, 3_000)])
def test_labels_that_no_kernel_sees_teach_what_is_additive(decisions, options, most):
    space = BlockSpace({f"decision {i}": list("abcdefgh")[:options] for i in range(decisions)})
    rng = np.random.default_rng(5)
    effects = rng.normal(size=(decisions, options))
    codes = space.sample_codes(most, rng)
    before = space.sample_codes(500, rng)
    after = before.copy()
    after[:, 7] = (before[:, 7] + 1) % options

    def accuracies(of):
        return 0.5 + 0.01 * effects[np.arange(decisions), of].sum(axis=1)

    noisy = accuracies(codes) + rng.normal(0, 0.02, len(codes))
    right = []
    for labels in (40, most):
        predictor = GaussianDelta(space, most_labels=20)
        predictor.fit_accuracies(codes[:labels], noisy[:labels])
        assert len(predictor._process._designs[0]) == 40
        wrong = predictor.predict(before, after).mean - (accuracies(after) - accuracies(before))
        right.append(np.sqrt(np.mean(wrong**2)))
    assert right[1] < 0.6 * right[0]


def test_of_a_large_generation_the_most_promising_are_asked_of_all_vectors():
    codes, accuracies = evaluated(40)
    predictor = GaussianDelta(SPACE)
    predictor.fit_accuracies(codes, accuracies)
    many = SPACE.all_codes()[: 3 * SCREENED]
    best = float(accuracies.max())
    gains = predictor.expected_improvement(many, best)
    assert np.count_nonzero(gains) <= SCREENED
    pieces = np.array_split(many, len(many) // 128)
    whole = np.concatenate([predictor.expected_improvement(each, best) for each in pieces])
    ten = np.argsort(-whole, kind="stable")[:10]
    assert (np.argsort(-gains, kind="stable")[:10] == ten).all()
    np.testing.assert_allclose(gains[ten], whole[ten], rtol=1e-9)


def test_as_many_labels_are_kept_as_the_user_allows():
    codes, accuracies = evaluated(60)
    predictor = GaussianDelta(SPACE, most_labels=30)
    predictor.fit_accuracies(codes, accuracies)
    assert len(predictor._process._designs[0]) == 60
    predictor.fit_accuracies(codes[:30], accuracies[:30])
    assert len(predictor._process._designs[0]) == 30
    with pytest.raises(PairsError, match="needs two evaluated architectures, got most_labels=1"):
        GaussianDelta(SPACE, most_labels=1)


def test_one_label_is_not_enough():
    codes, accuracies = evaluated(40)
    with pytest.raises(PairsError, match="needs two evaluated architectures, got 1"):
        GaussianDelta(SPACE).fit_accuracies(codes[:1], accuracies[:1])


def test_unfitted_it_says_what_to_call():
    codes, _ = evaluated(5)
    with pytest.raises(NotFittedError, match=r"call fit\(pairs\) first"):
        GaussianDelta(SPACE).predict(codes, codes)


def test_rows_that_do_not_match_are_refused():
    predictor = GaussianDelta(SPACE)
    codes, accuracies = evaluated(20)
    predictor.fit_accuracies(codes, accuracies)
    with pytest.raises(ShapeError, match="one row per pair"):
        predictor.predict(codes[:3], codes[:4])


def test_numbers_are_learned_with_fewer_labels_than_names():
    widths = [8, 16, 32, 64, 128, 256]
    numbers = BlockSpace({f"width {i}": widths for i in range(6)})
    names = BlockSpace({f"width {i}": [f"w{each}" for each in widths] for i in range(6)})
    codes = numbers.sample_codes(230, generator(6, "widths"))
    accuracies = 0.6 + 0.02 * np.sum(np.sqrt(codes), axis=1)  # wider is better, ever less so
    errors = {}
    for space in (numbers, names):
        predictor = GaussianDelta(space, design=UsualDesign(space, totals=False))
        predictor.fit_accuracies(codes[:30], accuracies[:30])
        error = predictor.believed(codes[30:]) - accuracies[30:]
        errors[space] = np.sqrt(np.mean(error**2))
    assert errors[numbers] < 0.7 * errors[names]


def test_the_number_that_matters_is_found_among_those_that_do_not(monkeypatch):
    space = BlockSpace({f"number {i}": list(range(8)) for i in range(5)})
    codes = space.sample_codes(540, generator(7, "matters"))
    accuracies = 0.5 + 0.1 * np.sin(codes[:, 2] / 7 * 6)
    spread = []
    for most in (MOST_RELEVANCES, 0):
        monkeypatch.setattr(design, "MOST_RELEVANCES", most)
        predictor = GaussianDelta(space)
        predictor.fit_accuracies(codes[:40], accuracies[:40])
        spread.append(np.std(predictor.believed(codes[40:]) - accuracies[40:]))
    assert spread[0] < 0.8 * spread[1]


@pytest.mark.parametrize(("numbers", "own"), [(1, 0), (2, 2), (8, 8), (9, 0)])
def test_few_numbers_have_relevances_of_their_own(numbers, own):
    space = BlockSpace({"act": ["relu", "gelu"], **{f"n{i}": [1, 2, 4] for i in range(numbers)}})
    *others, order = UsualDesign(space).groups
    assert order.relevances == own
    # Where they have none, their mean is seen, if there are three or more.
    assert [each.relevances for each in others] == [0] * (2 if numbers > MOST_RELEVANCES else 1)


def errors_with_and_without_totals(space, codes, accuracies):
    """Deviation of the error at unseen architectures, from twenty labels."""
    errors = []
    for totals in (True, False):
        predictor = GaussianDelta(space, design=UsualDesign(space, totals=totals))
        predictor.fit_accuracies(codes[:20], accuracies[:20])
        errors.append(np.std(predictor.believed(codes[20:]) - accuracies[20:]))
    return errors


def test_what_one_more_of_an_operation_is_worth_is_learned_from_all_places_together():
    space = BlockSpace({f"op {i}": ["conv", "pool", "none", "skip"] for i in range(12)})
    codes = space.sample_codes(520, generator(8, "counts"))
    convolutions, pools = (np.sum(codes == option, axis=1) for option in (0, 1))
    # More convolutions are better, up to a point; where they stand does not matter.
    accuracies = 0.9 - 0.01 * (convolutions - 5) ** 2 - 0.01 * pools
    seen, unseen = errors_with_and_without_totals(space, codes, accuracies)
    assert seen < 0.7 * unseen


def test_how_large_all_numbers_are_together_is_learned_with_fewer_labels():
    space = BlockSpace({f"width {i}": [8, 16, 32, 64, 128] for i in range(12)})
    codes = space.sample_codes(520, generator(9, "means"))
    seen, unseen = errors_with_and_without_totals(
        space, codes, 1 - np.exp(-3 * codes.mean(axis=1) / 4)
    )
    assert seen < 0.7 * unseen


def test_cells_are_not_counted_twice():
    groups = [len(UsualDesign(NasBench201(), totals=each).groups) for each in (True, False)]
    assert groups[0] == groups[1]


class Halved:
    """A design of one group: the first four choices and nothing else."""

    groups = [Group(exponential, (0.0, 0.5), linear=True)]  # noqa: RUF012 - never changed

    def encode(self, codes):
        return [0.25 * OneHot(SPACE).encode(codes)[:, :12]]


def test_it_sees_of_an_architecture_what_its_design_shows():
    predictor = GaussianDelta(SPACE, design=Halved())
    codes, accuracies = evaluated(40)
    predictor.fit_accuracies(codes, accuracies)
    hidden, shown = codes.copy(), codes.copy()
    hidden[:, 4:] = (hidden[:, 4:] + 1) % 3
    shown[:, 0] = (shown[:, 0] + 1) % 3
    np.testing.assert_allclose(predictor.predict(codes, hidden).mean, 0.0, atol=1e-12)
    assert np.abs(predictor.predict(codes, shown).mean).max() > 0.005


def test_without_averaging_the_likeliest_vector_predicts_alone():
    codes, accuracies = evaluated(40)
    averaged, alone = GaussianDelta(SPACE), GaussianDelta(SPACE, averaged=False)
    for predictor in (averaged, alone):
        predictor.fit_accuracies(codes, accuracies)
    assert len(averaged._process._kept) > 1
    (kept,) = alone._process._kept
    assert kept == averaged._process._kept[np.argmax(averaged._process._weights)]
    assert alone._process._weights.tolist() == [1.0]


def test_improvements_over_several_accuracies_are_those_over_each():
    predictor = GaussianDelta(SPACE)
    codes, accuracies = evaluated(20)
    predictor.fit_accuracies(codes, accuracies)
    points = SPACE.sample_codes(7, generator(4, "points"))
    levels = np.array([0.55, 0.61, 0.68])
    several = predictor.expected_improvements(points, levels)
    each = [predictor.expected_improvement(points, level) for level in levels.tolist()]
    np.testing.assert_allclose(several, np.stack(each, axis=1))


def test_more_rows_than_a_block_are_predicted_as_they_are_alone():
    predictor = GaussianDelta(SPACE)
    codes, accuracies = evaluated(20)
    predictor.fit_accuracies(codes, accuracies)
    points = SPACE.sample_codes(BLOCK + 40, generator(4, "points"))
    whole = predictor.believed(points)
    np.testing.assert_allclose(whole[:30], predictor.believed(points[:30]))
    np.testing.assert_allclose(whole[-30:], predictor.believed(points[-30:]))
    assert len(whole) == len(points)


def test_another_predictor_sees_the_same_and_knows_nothing():
    space = BlockSpace({"a": [1, 2, 3], "b": [1, 2, 3]}, costs=lambda each: {"size": each["a"]})
    codes = space.all_codes()
    accuracies = codes @ np.array([0.1, 0.03])
    first = GaussianDelta(space, averaged=False, most_labels=7)
    first.fit_accuracies(codes, accuracies)
    second = first.another()
    with pytest.raises(NotFittedError):
        second.believed(codes)
    second.fit_accuracies(codes, accuracies)
    assert np.array_equal(first.believed(codes), second.believed(codes))
    second.fit_accuracies(codes, -accuracies)
    assert first.believed(codes) @ accuracies > second.believed(codes) @ accuracies
