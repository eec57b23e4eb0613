import itertools

import numpy as np
import pytest

from deltanas.compare.contestant import Contestant
from deltanas.compare.problem import Problem
from deltanas.compare.protocol import Identity, Protocol
from deltanas.compare.race import race
from deltanas.compare.roster import ROSTER, contestant
from deltanas.evaluation import Signal
from deltanas.records import History
from deltanas.search import RandomSearch

LIGHT = {
    "bananas": "bananas:epochs=3",
    "bananas-1": "bananas-1:epochs=3",
    "npenas": "npenas:epochs=3",
    "weaknas": "weaknas:width=8",
    "brp-nas": "brp-nas:steps=3",
    "nasbowl": "nasbowl:size=40",
}
"""Peers that learn for long, with little to learn."""


@pytest.fixture(scope="module")
def problem(twins):
    return Problem(twins, Protocol(budget=12, starts=4))


class Stubborn(Contestant):
    """Asks for the first thing it was told of, again and again."""

    def __init__(self):
        self.told = []

    def ask(self, n):
        return [self.told[0][0]] * n

    def tell(self, architecture, value):
        self.told.append((architecture, value))


def test_all_methods_start_from_the_same_architectures(problem):
    methods = ("random", "local-search", "tpe", "gp", "nasbowl")
    starts = {
        tuple(query.architecture for query in race(contestant(name, problem, 7), problem, 7)[:4])
        for name in methods
    }
    searcher = RandomSearch(problem.space, seed=7, starts=4)
    own = [problem.write(each.architecture) for each in searcher.propose(History(), 4)]
    assert starts == {tuple(own)}, "a study with this seed starts elsewhere"
    other = race(contestant("random", problem, 8), problem, 8)
    assert other[0].architecture != next(iter(starts))[0]


def test_queries_are_numbered_from_one_and_never_repeat(problem):
    for name in ("tpe", "gp", "regularized-evolution"):
        queries = race(contestant(name, problem, 1), problem, 1)
        assert [query.number for query in queries] == list(range(1, 13))
        assert len({query.architecture for query in queries}) == 12


def test_regret_is_that_of_the_best_so_far(problem):
    queries = race(contestant("random", problem, 2), problem, 2)
    best = list(itertools.accumulate((query.value for query in queries), max))
    assert [query.regret for query in queries] == pytest.approx(
        [problem.optimum - value for value in best]
    )
    assert queries[-1].test == pytest.approx(best[-1] - 0.03)


def test_with_one_noisy_run_the_incumbent_is_what_was_observed_best(twins):
    noisy = Problem(twins, Protocol(budget=30, starts=4, signal=Signal.ONE_RUN))
    queries = race(contestant("random", noisy, 3), noisy, 3)
    incumbent = max(queries, key=lambda query: query.value)
    assert queries[-1].regret == pytest.approx(noisy.optimum - incumbent.mean)
    assert any(query.value != query.mean for query in queries)


@pytest.mark.parametrize("patience", [200, 7])
def test_known_architectures_cost_nothing_but_only_so_often(problem, patience):
    stubborn = Stubborn()
    assert stubborn.patience == 200, "what a contestant has that says nothing"
    stubborn.patience = patience
    queries = race(stubborn, problem, 5)
    assert len({query.architecture for query in queries}) == 12
    # 8 queries after the starts, each random after all repeats but one were answered.
    assert all(query.repeats == patience - 1 for query in queries[4:])
    assert len(stubborn.told) == 12 + 8 * (patience - 1)
    assert {value for _, value in stubborn.told[4:][: patience - 1]} == {queries[0].value}


def test_a_run_may_end_at_the_optimum(twins):
    problem = Problem(twins, Protocol(budget=250, starts=4, until_optimum=True))
    queries = race(contestant("local-search", problem, 1), problem, 1)
    assert len(queries) < 250
    assert queries[-1].regret == 0.0
    assert all(query.regret > 0.0 for query in queries[:-1])


def test_classes_never_hold_two_functionally_equal_architectures(twins):
    problem = Problem(twins, Protocol(budget=250, starts=4, identity=Identity.CLASSES))
    queries = race(contestant("random", problem, 1), problem, 1)
    keys = {twins.space.read(query.architecture).key for query in queries}
    # There are no more than 208: the run ends when the space is exhausted.
    assert len(keys) == len(queries) == 208


def test_peers_are_told_of_twins_as_known_ones(twins):
    problem = Problem(twins, Protocol(budget=60, starts=4, identity=Identity.CLASSES))
    queries = race(contestant("tpe", problem, 1), problem, 1)
    assert len({twins.space.read(query.architecture).key for query in queries}) == 60


def test_batches_are_asked_for_at_once(problem):
    class Batch(Stubborn):
        batch = 3
        asked = ()

        def ask(self, n):
            self.asked = (*self.asked, n)
            rng = np.random.default_rng(len(self.told))
            return problem.space.sample(n, rng)

    one = Batch()
    assert len(race(one, problem, 1)) == 12
    assert one.asked == (3, 3, 2)


@pytest.mark.parametrize("name", [name for name, entry in ROSTER.items() if not entry.missing])
def test_every_peer_proposes_cells_and_the_same_ones_under_the_same_seed(cells, name):
    problem = Problem(cells, Protocol(budget=7, starts=4))
    method = LIGHT.get(name, name)
    one = race(contestant(method, problem, 2), problem, 2)
    again = race(contestant(method, problem, 2), problem, 2)
    assert len(one) == 7
    assert [query.architecture for query in one] == [query.architecture for query in again]
    assert sum(query.seconds for query in one) > 0.0


LEARNING = {
    "gp": "gp",
    "nasbowl": "nasbowl:size=60",
    "weaknas": "weaknas:predictor=forest:trees=20:top=10",
    "bananas": "bananas:epochs=40",
    "npenas": "npenas:epochs=40",
    "brp-nas": "brp-nas:steps=40",
}


@pytest.mark.parametrize("name", LEARNING)
def test_peers_learn(twins, name):
    if ROSTER[name].missing:
        pytest.skip(f"needs {', '.join(ROSTER[name].missing)} of the extra peers")
    problem = Problem(twins, Protocol(budget=30, starts=10))
    random = race(contestant("random", problem, 1), problem, 1)
    found = race(contestant(LEARNING[name], problem, 1), problem, 1)
    # Twenty choices each; what was chosen is better on average, not only the best of it.
    chosen = np.mean([query.value for query in found[10:]])
    assert chosen > np.mean([query.value for query in random[10:]]) + 0.02
