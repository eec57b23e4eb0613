"""A contract that nothing can break checks nothing: here each promise is broken once."""

import dataclasses
import itertools

import numpy as np
import pytest

from deltanas.errors import DeltaNasError
from deltanas.search import Choice, Searcher, random_unseen
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, SearchSpace
from deltanas.testing import SearcherContract, SpaceContract


class Plain(Searcher):
    """A searcher that keeps all promises, to be broken below."""

    def __init__(self, space, seed):
        super().__init__(space, seed=seed, starts=3)
        self.asked = itertools.count()

    def choose(self, history, n, rng):
        return [Choice(each) for each in random_unseen(self.space, set(history.keys), n, rng)]


class Repeating(Plain):
    def propose(self, history, n=1):
        first = super().propose(type(history)(), n)
        return [dataclasses.replace(each, number=len(history) + k) for k, each in enumerate(first)]


class Remembering(Plain):
    def choose(self, history, n, rng):
        del rng
        return super().choose(history, n, generator(next(self.asked), "own"))


class StartingElsewhere(Plain):
    def _starts(self):
        return random_unseen(self.space, set(), 3, generator(self.seed, "own"))


class Misattributing(Plain):
    def choose(self, history, n, rng):
        found = super().choose(history, n, rng)
        return [dataclasses.replace(choice, parent=0) for choice in found]


class GivingUp(Plain):
    def propose(self, history, n=1):
        failed = any(each.accuracy is None for each in history.trials)
        return [] if failed else super().propose(history, n)


class Stopping(Plain):
    def propose(self, history, n=1):
        return [] if len(history) >= 10 else super().propose(history, n)


class Overfilling(Plain):
    def propose(self, history, n=1):
        return super().propose(history, n + 1)


def searcher_contract(make_searcher):
    class Contract(SearcherContract):
        def make(self, space, seed):
            return make_searcher(space, seed)

    return Contract()


def space_contract(make_space):
    class Contract(SpaceContract):
        def make(self):
            return make_space()

    return Contract()


def keep_all(contract):
    promises = [name for name in dir(contract) if name.startswith("test_")]
    for name in promises:
        getattr(contract, name)()
    return len(promises)


def is_broken(contract, promise):
    try:
        getattr(contract, promise)()
    except (AssertionError, LookupError, DeltaNasError):
        return True
    return False


def test_a_searcher_that_keeps_its_promises_passes():
    assert keep_all(searcher_contract(Plain)) == 9


@pytest.mark.parametrize(
    ("searcher", "promise"),
    [
        (Repeating, "test_proposals_are_numbered_new_and_valid"),
        (Repeating, "test_batches_with_trials_under_way_hold_no_network_twice"),
        (Remembering, "test_a_fresh_searcher_continues_as_the_old_one"),
        (Remembering, "test_order_of_arrival_carries_no_information"),
        (StartingElsewhere, "test_first_proposals_are_the_same_for_all_searchers"),
        (Misattributing, "test_edits_lead_from_the_parent_to_the_child"),
        (GivingUp, "test_failures_do_not_stop_the_search"),
        (GivingUp, "test_nothing_finished_yet_is_no_obstacle"),
        (Stopping, "test_a_small_space_is_exhausted_and_then_nothing_is_left"),
        (Overfilling, "test_batches_with_trials_under_way_hold_no_network_twice"),
    ],
)
def test_a_searcher_that_breaks_a_promise_is_found_out(searcher, promise):
    assert is_broken(searcher_contract(searcher), promise)


OPTIONS = {"a": (1, 2, 3), "b": ("x", "y"), "c": (False, True)}


class Honest(SearchSpace):
    """A block space written out, to be broken below."""

    def __init__(self, size=12):
        decisions = BlockSpace(OPTIONS).decisions
        super().__init__("honest", decisions, size=size, feature_names=("sum",))

    def are_valid(self, codes):
        return np.all((codes >= 0) & (codes < self.option_counts), axis=1)

    def keys(self, codes):
        return ["-".join(map(str, code)) for code in codes.tolist()]

    def sample_codes(self, n, rng):
        return rng.integers(0, self.option_counts, size=(n, 3)).astype(np.int32)

    def features(self, codes):
        return codes.sum(axis=1, keepdims=True).astype(float)


class SamplingOutside(Honest):
    def are_valid(self, codes):
        return super().are_valid(codes) & (codes[:, 0] < 2)


class SamplingByItself(Honest):
    def sample_codes(self, n, rng):
        del rng
        return super().sample_codes(n, np.random.default_rng())


class SamplingOneThing(Honest):
    def sample_codes(self, n, rng):
        return super().sample_codes(n, rng) * 0


class CountingKeys(Honest):
    def keys(self, codes):
        return [f"{row}-{key}" for row, key in enumerate(super().keys(codes))]


class TellingTwinsApart(Honest):
    def keys(self, codes):
        return super().keys(codes[:, :2])


class DividingByZero(Honest):
    def features(self, codes):
        return np.where(codes[:, :1] == 1, np.inf, 0.0)


class Miscounting(Honest):
    def __init__(self):
        super().__init__(size=11)


def test_a_space_that_keeps_its_promises_passes():
    assert keep_all(space_contract(Honest)) == 12


@pytest.mark.parametrize(
    ("space", "promise"),
    [
        (SamplingOutside, "test_samples_are_members_of_the_space"),
        (SamplingByItself, "test_equal_generators_give_equal_samples"),
        (SamplingOneThing, "test_equal_generators_give_equal_samples"),
        (CountingKeys, "test_keys_do_not_depend_on_the_batch"),
        (TellingTwinsApart, "test_features_are_finite_and_equal_for_equal_networks"),
        (DividingByZero, "test_features_are_finite_and_equal_for_equal_networks"),
        (Miscounting, "test_size_counts_all_codes"),
    ],
)
def test_a_space_that_breaks_a_promise_is_found_out(space, promise):
    assert is_broken(space_contract(space), promise)
