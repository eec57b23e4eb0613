import numpy as np
import pytest

from bench import scaling_options
from bench.random_blocks import landscape
from bench.scaling import (
    GRID,
    OPTIONS,
    agreement,
    counted,
    different,
    known_without_context,
    labels_needed,
    one_edit_changes,
    slopes,
    table,
)
from bench.scaling_predictors import (
    PREDICTORS,
    context_free,
    main_effects,
    ridge_on_accuracies,
)
from deltanas.spaces import edit_distance


def test_what_is_counted_is_what_theorem_1_says():
    # r = 4: 4 x 3 differences a decision; 4^4 architectures listed, 4^32 computed.
    assert counted(4) == (2, 48, 256, True)
    assert counted(32) == (2, 384, 4**32, False)


@pytest.mark.parametrize("first", [4, 60, 2_048])
def test_labels_are_found_from_wherever_the_search_begins(first):
    asked = []

    def agreed(labels):
        asked.append(labels)
        return 0.5 + 0.1 * np.log2(labels / 4)  # .8 at 32 labels

    assert labels_needed(agreed, first, 2_048) == pytest.approx(32)
    assert set(asked) <= set(GRID)
    # .75 lies between .7 (16 labels) and .8 (32), halfway up: at 16 sqrt(2) labels.
    assert labels_needed(agreed, first, 2_048, wanted=0.75) == pytest.approx(22.6, abs=0.1)


def test_a_longer_grid_finds_what_is_beyond_the_first():
    # .8 at 4,096 labels, twice the most of the grid.
    def agreed(labels):
        return 0.4 + 0.04 * np.log2(labels / 4)

    assert labels_needed(agreed, 60, 8_192) is None
    assert labels_needed(agreed, 60, 8_192, grid=scaling_options.GRID) == pytest.approx(4_096)


@pytest.mark.parametrize("options", [3, 8])
def test_landscapes_of_other_numbers_of_options_are_asked_about_all_of_them(options):
    made = landscape(5, options, interaction=0.05, seed=1)
    asked = []

    def fit(space, codes, accuracies, seed):
        del space, codes, accuracies, seed

        def ask(before, after):
            asked.append(after)
            return made.accuracies(after) - made.accuracies(before)

        return ask

    # Whoever knows the truth has all directions right.
    assert agreement(made, made.space.all_codes()[:1], fit, 0) == 1.0
    assert set(np.unique(asked[0])) == set(range(options))


def test_what_is_never_reached_has_no_number_and_counts_as_many():
    assert labels_needed(lambda labels: 0.7, 60, 2_048) is None
    lines = [
        {"decisions": str(n), "seed": str(seed), "predictor": "p", "labels": labels}
        for n, three in ((4, ("10", "", "30")), (8, ("20", "40", "60")))
        for seed, labels in enumerate(three)
    ]
    sizes, labels = table(lines, "p", 4)
    assert sizes == [4, 8]
    assert labels.tolist() == [[10, 20], [4_096, 40], [30, 60]]


def test_the_exponent_of_a_power_is_found_with_its_interval():
    lines = [
        {"decisions": str(n), "seed": str(s), "predictor": "p", "labels": str((3 + s) * n**1.2)}
        for n in (8, 16, 64)
        for s in range(4)
    ]
    np.testing.assert_allclose(slopes(lines, "p", 4), 1.2)


def test_changes_are_one_edit_apart_and_reach_every_other_option():
    codes = np.zeros((4_000, 3), dtype=np.int32)
    changed = one_edit_changes(codes, OPTIONS, np.random.default_rng(0))
    assert set(edit_distance(codes, changed)) == {1}
    assert {tuple(code) for code in changed} == {
        tuple(option if place == i else 0 for i in range(3))
        for place in range(3)
        for option in (1, 2, 3)
    }


def test_labels_are_different_architectures_and_half_of_a_space_at_most():
    rng = np.random.default_rng(0)
    assert len(different(landscape(3, 4), 2_048, rng)) == 32
    codes = different(landscape(8, 4), 100, rng)
    assert len(np.unique(codes, axis=0)) == 100


def test_the_ridge_on_accuracies_is_the_twin_of_that_on_differences():
    made = landscape(8, 4, interaction=0.25)
    codes = different(made, 120, np.random.default_rng(1))
    before = made.space.sample_codes(500, np.random.default_rng(2))
    after = one_edit_changes(before, 4, np.random.default_rng(3))
    said = [
        fit(made.space, codes, made.accuracies(codes), 0)(before, after)
        for fit in (context_free, ridge_on_accuracies)
    ]
    assert np.corrcoef(said)[0, 1] > 0.98


@pytest.mark.parametrize("name", PREDICTORS)
def test_every_predictor_knows_directions_after_enough_labels(name):
    made = landscape(4, 4, interaction=0.05)
    codes = different(made, 120, np.random.default_rng(1))
    assert agreement(made, codes, PREDICTORS[name][0], 0) > 0.8


def test_main_effects_are_the_means_over_all_architectures_with_an_option():
    made = landscape(4, 4, interaction=0.5, seed=3)
    codes = made.space.all_codes()
    y = made.accuracies(codes)
    means = np.array([[y[codes[:, i] == o].mean() for o in range(4)] for i in range(4)])
    found = main_effects(made)
    np.testing.assert_allclose(found - found[:, :1], means - means[:, :1])


def test_without_context_much_but_not_all_is_known():
    assert 0.8 < np.mean([known_without_context(32, seed) for seed in range(5)]) < 0.9
