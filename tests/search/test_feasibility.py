"""What brings no result is learned: failures, and metrics that only trainings tell."""

import numpy as np
import pytest

from deltanas.limits import Limit
from deltanas.records import ACCURACY, Evaluation, History, Proposal, Status, Trial
from deltanas.search import DeltaEvolution, ParetoEvolution, make
from deltanas.search.feasibility import LEAST, Feasibility
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace
from deltanas.study.objectives import complete

SPACE = BlockSpace({f"d{i}": [1, 2, 3, 4] for i in range(5)})
HOT = [Limit("heat", 24.0, is_told=True)]


def heat(architecture):
    return float(sum(value**2 for value in architecture.values()))


WEIGHTS = {"d0": 1.0, "d1": 1.3, "d2": 1.7, "d3": 2.1, "d4": 2.6}


def accuracy(architecture):
    return 0.5 + 0.01 * sum(WEIGHTS[name] * value for name, value in architecture.items())


def told(number, architecture, status=Status.FINISHED, **metrics):
    found = accuracy(architecture) if status is Status.FINISHED else None
    reason = None if found else "because"
    metrics = metrics or {"heat": heat(architecture)}
    evaluation = Evaluation(number, status, found, reason=reason, metrics=metrics)
    return Trial(Proposal(number, architecture), evaluation)


def sampled(n, seed=0):
    return SPACE.sample(n, generator(seed, "sample"))


def test_the_chance_to_keep_to_a_limit_follows_the_metric():
    feasibility = Feasibility(SPACE, HOT)
    feasibility.learn([told(n, each) for n, each in enumerate(sampled(60))], SPACE.all_codes()[:0])
    codes = SPACE.all_codes()
    heats = np.array([heat(each) for each in SPACE.from_codes(codes)])
    chances = feasibility.chances(codes)
    assert ((chances >= 0) & (chances <= 1)).all()
    assert chances[heats <= 14].min() > 0.9
    assert chances[heats >= 40].max() < 0.1
    assert np.corrcoef(chances, heats <= 24)[0, 1] > 0.8


@pytest.mark.parametrize(
    ("bounds", "kept"), [((10.0, 500.0), True), ((0.0, 1.0), False), ((200.0, 500.0), False)]
)
def test_bounds_beyond_everything_that_was_told_are_no_edge_of_the_scale(bounds, kept):
    limits = [Limit("heat", bounds[0], at_most=False, is_told=True)]
    limits += [Limit("heat", bounds[1], is_told=True)]
    trials = [told(n, each) for n, each in enumerate(sampled(40)) if 14 < heat(each) < 60]
    feasibility = Feasibility(SPACE, limits)
    feasibility.learn(trials, SPACE.all_codes()[:0])
    middle = [each for each in sampled(40, seed=1) if 25 < heat(each) < 50]
    chances = feasibility.chances(np.array([each.code for each in middle], dtype=np.int32))
    assert (chances > 0.9).all() if kept else (chances < 0.1).all()


def test_nothing_is_known_of_limits_before_two_trainings_told():
    feasibility = Feasibility(SPACE, HOT)
    (one,) = sampled(1)
    feasibility.learn([told(0, one), told(1, one, Status.FAILED, other=1.0)], SPACE.all_codes()[:0])
    assert not (feasibility.chances(SPACE.all_codes()) == 1).all()  # of failures one is enough
    feasibility.learn([told(0, one)], SPACE.all_codes()[:0])
    assert (feasibility.chances(SPACE.all_codes()) == 1).all()


def test_what_runs_is_believed_as_predicted():
    trials = [told(n, each) for n, each in enumerate(sampled(30))]
    running = np.array([each.code for each in sampled(3, seed=2)], dtype=np.int32)
    alone, together = Feasibility(SPACE, HOT), Feasibility(SPACE, HOT)
    alone.learn(trials, running[:0])
    together.learn(trials, running)
    assert alone.chances(running) == pytest.approx(together.chances(running), abs=0.2)


def test_failures_are_learned_wherever_they_are_alike():
    trials = [
        told(n, each, Status.FAILED if each["d0"] == 4 else Status.FINISHED)
        for n, each in enumerate(sampled(60))
    ]
    feasibility = Feasibility(SPACE, ())
    feasibility.learn(trials, SPACE.all_codes()[:0])
    codes = SPACE.all_codes()
    fails = np.array([each["d0"] == 4 for each in SPACE.from_codes(codes)])
    chances = feasibility.chances(codes)
    assert chances[fails].mean() < 0.15
    assert chances[~fails].mean() > 0.9
    assert chances.min() >= LEAST


@pytest.mark.parametrize("status", [Status.FAILED, Status.TIMED_OUT])
def test_a_training_that_fails_counts_as_failed_but_a_refused_one_as_none(status):
    finished = [told(n, each) for n, each in enumerate(sampled(10))]
    architecture = sampled(1, seed=3)[0]
    code = np.array([architecture.code], dtype=np.int32)
    feasibility = Feasibility(SPACE, ())
    feasibility.learn([*finished, told(10, architecture, status)], code[:0])
    assert feasibility.chances(code)[0] < 0.9
    feasibility.learn([*finished, told(10, architecture, Status.INFEASIBLE)], code[:0])
    assert feasibility.chances(code)[0] == 1
    trained = told(10, architecture, Status.INFEASIBLE, heat=99.0, **{ACCURACY: 0.7})
    feasibility.learn([*finished, trained], code[:0])
    assert feasibility.chances(code)[0] == 1


def searched(searcher, budget, evaluate):
    trials = []
    for _ in range(budget):
        (proposal,) = searcher.propose(History(trials))
        trials.append(Trial(proposal, evaluate(proposal)))
    return trials


def heated(searcher):
    def evaluate(proposal):
        metrics = {"heat": heat(proposal.architecture)}
        right = accuracy(proposal.architecture)
        found = Evaluation(proposal.number, Status.FINISHED, right, metrics=metrics)
        return complete(found, searcher, HOT)

    return evaluate


def breaking(proposal):
    """Everything with two fours fails: there the best would be."""
    if sum(value == 4 for value in proposal.architecture.values()) > 1:
        return Evaluation(proposal.number, Status.FAILED, reason="out of memory")
    return Evaluation(proposal.number, Status.FINISHED, accuracy(proposal.architecture))


def best_of(trials):
    return max((trial.accuracy or 0.0) for trial in trials)


def test_the_best_within_a_told_limit_is_found():
    within = [accuracy(each) for each in SPACE.from_codes(SPACE.all_codes()) if heat(each) <= 24]
    searcher, other = DeltaEvolution(SPACE, seed=0).under(HOT), make("random", SPACE, seed=0)
    assert best_of(searched(searcher, 20, heated(searcher))) == pytest.approx(max(within))
    assert best_of(searched(other, 20, heated(other))) < max(within) - 0.01


def test_a_search_leaves_the_region_where_trainings_fail():
    trials = searched(DeltaEvolution(SPACE, seed=0), 30, breaking)
    # One four, where it weighs most.
    best = 0.5 + 0.01 * (3 * sum(WEIGHTS.values()) + max(WEIGHTS.values()))
    assert best_of(trials) >= best - 0.01
    assert sum(trial.accuracy is None for trial in trials[15:]) < 12


def test_compromises_are_sought_within_told_limits_too():
    def evaluate(proposal):
        architecture = proposal.architecture
        metrics = {"heat": heat(architecture), "size": float(architecture["d0"])}
        right = accuracy(architecture)
        found = Evaluation(proposal.number, Status.FINISHED, right, metrics=metrics)
        return complete(found, searcher, HOT)

    searcher = ParetoEvolution(SPACE, seed=0, costs=["size:min"]).under(HOT)
    trials = searched(searcher, 25, evaluate)
    everything = SPACE.from_codes(SPACE.all_codes())
    possible = [accuracy(each) for each in everything if each["d0"] == 1 and heat(each) <= 24]
    found = [trial.accuracy or 0 for trial in trials if trial.architecture["d0"] == 1]
    assert max(found) >= max(possible) - 0.02


def test_before_anything_is_within_the_limits_they_are_sought():
    narrow = [Limit("heat", 8.0, is_told=True)]

    def evaluate(proposal):
        metrics = {"heat": heat(proposal.architecture)}
        found = Evaluation(proposal.number, Status.FINISHED, 0.5, metrics=metrics)
        return complete(found, searcher, narrow)

    searcher = DeltaEvolution(SPACE, seed=0).under(narrow)
    trials = searched(searcher, 20, evaluate)
    heats = [heat(trial.architecture) for trial in trials]
    assert min(heats[:2]) > 8
    assert min(heats) <= 8


def test_limits_belong_to_the_copy():
    plain = DeltaEvolution(SPACE, seed=0)
    limited = plain.under(HOT)
    assert limited is not plain
    assert vars(plain).keys() == vars(limited).keys()
    searcher = make("random", SPACE, seed=0)
    assert searcher.under(HOT) is searcher
