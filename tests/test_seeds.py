import numpy as np
import pytest

from deltanas.seeds import SeedError, checked_seed, generator


def numbers(seed, *key):
    return generator(seed, *key).integers(0, 2**62, size=4).tolist()


def test_streams_are_the_same_in_every_version():
    # Stores are resumed with these streams, so a change here breaks them.
    assert generator(7, "proposal", 17).integers(0, 10**6, size=3).tolist() == [
        93244,
        551376,
        636445,
    ]


def test_equal_arguments_give_equal_streams():
    assert numbers(3, "starts", 1) == numbers(3, "starts", 1)
    assert numbers(3, "starts", np.int32(1)) == numbers(3, "starts", 1)


@pytest.mark.parametrize(
    "other",
    [
        (4, "starts", 1),
        (3, "starts", 2),
        (3, "starts", "1"),
        (3, "starts"),
        (3, 1, "starts"),
        (3, "starts", 1, 1),
        (3,),
    ],
)
def test_another_seed_or_key_gives_another_stream(other):
    assert numbers(*other) != numbers(3, "starts", 1)


def test_keys_are_not_glued_together():
    assert numbers(0, "a", "b") != numbers(0, "a\x1fb")
    assert numbers(0, "a", "b") != numbers(0, 'a", "b')
    assert numbers(0, "ab") != numbers(0, "a", "b")


def test_drawing_from_one_does_not_shift_another():
    first, second = generator(1, "a"), generator(1, "b")
    expected = numbers(1, "b")
    first.random(1_000)
    assert second.integers(0, 2**62, size=4).tolist() == expected


def test_neighbouring_keys_are_uncorrelated():
    # 50 streams of 400 normal numbers: correlations have a standard deviation of 1/20.
    streams = np.array([generator(0, "trial", number).normal(size=400) for number in range(50)])
    correlations = np.corrcoef(streams)[np.triu_indices(50, 1)]
    assert np.abs(correlations).max() < 5 / 20
    assert np.std(correlations) == pytest.approx(1 / 20, rel=0.1)


@pytest.mark.parametrize("seed", [-1, 0.5, "0", None, True, float("nan")])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(SeedError, match=r"a seed is a whole number of 0 or more, got .*seed=0"):
        checked_seed(seed)


def test_numbers_of_numpy_are_seeds():
    assert checked_seed(np.uint8(5)) == 5
    assert type(checked_seed(np.int64(2**40))) is int
