from collections import Counter

import pytest

from deltanas.errors import DeltaNasError, ProtocolError
from deltanas.limits import limited
from deltanas.records import Evaluation, History, Status, Trial
from deltanas.search import Choice, RandomSearch, Searcher, random_unseen
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, NasBench201
from deltanas.testing.searchers import finished, run

SPACE = BlockSpace({"a": (1, 2, 3), "b": ("x", "y")})


class Stubborn(Searcher):
    """Chooses the same architecture whatever happened."""

    def choose(self, history, n, rng):
        del history, n, rng
        favourite = SPACE.architecture({"a": 2, "b": "y"})
        return [Choice(favourite, parent=0), Choice(favourite, parent=0)]


def test_a_choice_that_is_known_is_replaced_by_a_random_new_one():
    searcher = Stubborn(SPACE, seed=0, starts=1)
    trials = [*map(finished, searcher.propose(History()))]
    batch = searcher.propose(History(trials), 3)
    assert [proposal.number for proposal in batch] == [1, 2, 3]
    keys = {proposal.architecture.key for proposal in batch} | {trials[0].architecture.key}
    assert len(keys) == 4
    assert [proposal.parent for proposal in batch].count(0) <= 1


def test_starts_are_a_prefix_of_more_starts():
    for space in (SPACE, NasBench201()):
        few = RandomSearch(space, seed=3, starts=5).propose(History(), 5)
        many = RandomSearch(space, seed=3, starts=12).propose(History(), 5)
        assert [each.architecture for each in few] == [each.architecture for each in many]


def test_a_batch_may_reach_beyond_the_starts():
    batch = RandomSearch(SPACE, seed=0, starts=2).propose(History(), 5)
    assert len({proposal.architecture.key for proposal in batch}) == 5


def test_more_starts_than_networks_are_all_networks():
    searcher = RandomSearch(SPACE, seed=0, starts=100)
    assert len(run(searcher, finished, 10)) == 6


def test_a_space_of_one_network_is_searched_in_one_step():
    searcher = RandomSearch(BlockSpace({"a": ("only",)}), seed=0, starts=3)
    trials = run(searcher, finished, 3)
    assert len(trials) == 1


def test_numbers_go_on_from_the_highest_even_after_a_gap():
    first = RandomSearch(SPACE, seed=0).propose(History(), 2)
    history = History([Trial(first[1], Evaluation(1, Status.FAILED, reason="lost"))])
    assert RandomSearch(SPACE, seed=0).propose(history)[0].number == 2


def test_who_numbers_trials_otherwise_gets_the_proposals_of_that_number():
    searcher = RandomSearch(SPACE, seed=0, starts=3)
    starts = searcher.propose(History(), 3)
    assert [searcher.propose(History(), number=n)[0] for n in (2, 0)] == [starts[2], starts[0]]
    later = finished(searcher.propose(History(), number=2)[0])
    assert searcher.propose(History([later]), number=1)[0] == starts[1]


@pytest.mark.parametrize("n", [0, -2])
def test_asking_for_nothing_is_refused(n):
    with pytest.raises(ProtocolError, match=rf"propose\(\) needs n of at least 1, got {n}"):
        RandomSearch(SPACE, seed=0).propose(History(), n)


@pytest.mark.parametrize("starts", [0, -1, True])
def test_a_search_without_starts_is_refused(starts):
    with pytest.raises(ProtocolError, match=rf"needs starts >= 1, got {starts}; give a whole"):
        RandomSearch(SPACE, seed=0, starts=starts)


@pytest.mark.parametrize("seed", [-1, True])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(DeltaNasError, match="a seed is a whole number of 0 or more"):
        RandomSearch(SPACE, seed=seed)


def test_random_unseen_gives_fewer_only_when_no_more_exist():
    seen = {architecture.key for architecture in list(SPACE)[:4]}
    found = random_unseen(SPACE, seen, 5, generator(0, "test"))
    assert {architecture.key for architecture in found} == (
        {architecture.key for architecture in SPACE} - seen
    )
    assert len(seen) == 4


def test_random_unseen_finds_the_last_network_of_a_large_space():
    space = NasBench201()
    codes = space.all_codes()
    keys = space.keys(codes)
    ((commonest, many), *_, (rarest, once)) = Counter(keys).most_common()
    assert once == 1 < many
    for left in (commonest, rarest):
        found = random_unseen(space, set(keys) - {left}, 2, generator(1, "test"))
        assert [architecture.key for architecture in found] == [left]


def test_random_unseen_draws_where_a_space_cannot_be_listed():
    space = BlockSpace({f"layer {place}": (0, 1, 2) for place in range(12)})
    assert not space.is_enumerable
    seen = set(space.keys(space.sample_codes(400, generator(2, "test"))))
    found = random_unseen(space, seen, 30, generator(2, "test"))
    assert len({architecture.key for architecture in found} - seen) == 30


class Stray(Searcher):
    """Chooses what it was given."""

    chosen: object

    def choose(self, history, n, rng):
        del history, n, rng
        return [self.chosen]


@pytest.mark.parametrize(
    "chosen",
    [
        Choice(BlockSpace({"a": (1, 2, 3), "c": ("x", "y")}).architecture({"a": 2, "c": "y"})),
        Choice(BlockSpace({"a": (1, 2, 3), "b": ("x", "y", "z")}).architecture({"a": 2, "b": "z"})),
        SPACE.architecture({"a": 2, "b": "y"}),
        "a=2, b=y",
        None,
    ],
)
def test_a_choice_of_anything_else_is_refused_before_a_study_keeps_it(chosen):
    searcher = Stray(SPACE, seed=0, starts=1)
    searcher.chosen = chosen
    (start,) = searcher.propose(History())
    with pytest.raises(ProtocolError, match=r"Stray chose .*, which is no Choice of an archi"):
        searcher.propose(History([finished(start)]))


def test_a_choice_that_breaks_a_limit_of_the_space_is_refused():
    whole = BlockSpace({"a": (1, 2, 3)}, costs=lambda each: {"params": each["a"]})
    searcher = Stray(limited(whole, ["params<=2"]), seed=0, starts=1)
    searcher.chosen = Choice(whole.architecture({"a": 3}))
    (start,) = searcher.propose(History())
    with pytest.raises(ProtocolError, match="no Choice of an architecture"):
        searcher.propose(History([finished(start)]))


def test_few_starts_are_the_first_of_many_also_where_decisions_depend_on_others():
    space = BlockSpace(
        {"d": (1, 2, 3), "h1": (2, 4, 8), "h2": (2, 4, 8), "h3": (2, 4), "w": (16, 32, 48)},
        conditions={"h2": "d>=2", "h3": "d>=3"},
        rules=["h2 <= h1"],
    )
    few = RandomSearch(space, seed=0, starts=2).propose(History(), 2)
    many = RandomSearch(space, seed=0, starts=30).propose(History(), 30)
    assert [each.architecture for each in few] == [each.architecture for each in many[:2]]


def test_more_starts_than_networks_leave_none_out_from_a_later_number_on():
    space = BlockSpace({"a": (1, 2, 3)})
    found = RandomSearch(space, seed=0, starts=10).propose(History(), 5, number=3)
    assert {each.architecture["a"] for each in found} == {1, 2, 3}
