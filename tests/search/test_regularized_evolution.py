import pytest

from deltanas.errors import ProtocolError
from deltanas.records import Evaluation, History, Proposal, Status, Trial
from deltanas.search import RegularizedEvolution
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace
from deltanas.testing import SearcherContract

SPACE = BlockSpace({"a": range(9), "b": range(9), "c": (0, 1)})


class TestRegularizedEvolution(SearcherContract):
    def make(self, space, seed):
        return RegularizedEvolution(space, seed=seed, starts=4, population=6, sample=3)


def history(accuracies):
    """Trials on the diagonal a = b = number, with these accuracies; None failed."""
    trials = []
    for number, accuracy in enumerate(accuracies):
        architecture = SPACE.architecture({"a": number, "b": number, "c": 0})
        status = Status.FAILED if accuracy is None else Status.FINISHED
        evaluation = Evaluation(number, status, accuracy)
        trials.append(Trial(Proposal(number, architecture), evaluation))
    return History(trials)


def parents(accuracies, population, sample, n=40):
    searcher = RegularizedEvolution(SPACE, seed=0, starts=1, population=population, sample=sample)
    choices = searcher.choose(history(accuracies), n, generator(0, "test"))
    assert len(choices) == n
    return [choice.parent for choice in choices]


def test_only_the_most_recent_finished_trials_have_children():
    # Trial 0 is the best but too old: of the finished 0, 1, 2, 4, 5 the last three are alive.
    assert set(parents([0.9, 0.8, 0.1, None, 0.3, 0.2], population=3, sample=1)) == {2, 4, 5}


def test_a_large_tournament_is_won_by_the_best_of_the_living():
    # 60 draws with replacement from three miss the best with probability (2/3)^60 < 1e-10.
    # Trial 4 has 8 + 8 + 1 = 17 children, so ask for no more.
    assert set(parents([0.9, 0.8, 0.1, None, 0.3, 0.2], population=3, sample=60, n=17)) == {4}


def test_of_equal_winners_the_oldest_has_the_children():
    assert set(parents([0.5, 0.5, 0.5], population=3, sample=60, n=17)) == {0}


def test_tournaments_are_drawn_with_replacement():
    # Two members, tournaments of two: the worse one wins if drawn twice, in 1/4 of all.
    # 400 tournaments: 100 expected, standard deviation 8.7.
    searcher = RegularizedEvolution(SPACE, seed=0, starts=1, population=2, sample=2)
    rng = generator(0, "test")
    known = history([0.2, 0.6])
    won = [searcher.choose(known, 1, rng)[0].parent for _ in range(400)]
    assert 70 < won.count(0) < 130


def test_the_decision_is_drawn_before_the_option():
    # Decision c has one other option, a and b have eight each; still c changes in 1/3 of all.
    # 300 mutations: 100 expected, standard deviation 8.2.
    searcher = RegularizedEvolution(SPACE, seed=0, starts=1)
    rng = generator(1, "test")
    changed = [searcher.choose(history([0.5]), 1, rng)[0].edits[0].decision for _ in range(300)]
    assert 70 < changed.count("c") < 130


def test_accuracies_below_zero_compete_too():
    assert set(parents([-0.5, -0.2, -0.4], population=3, sample=60, n=17)) == {1}


@pytest.mark.parametrize("name", ["population", "sample"])
def test_an_empty_population_or_tournament_is_refused(name):
    with pytest.raises(ProtocolError, match=f"needs {name} >= 1, got 0"):
        RegularizedEvolution(SPACE, seed=0, **{name: 0})
