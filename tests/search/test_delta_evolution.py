"""The modified evolution: its promises, and that predictions really choose the children."""

import math
from functools import partial

import numpy as np
import pytest

from deltanas.errors import ObjectiveError, ProtocolError
from deltanas.predictor import AdditiveDelta, GaussianDelta, MeanPerEdit, Prediction, Relatives
from deltanas.records import Evaluation, History, Proposal, Status, Trial
from deltanas.search import delta_evolution
from deltanas.search.base import check_counts
from deltanas.search.breeding import checked_advisor
from deltanas.search.delta_evolution import DeltaEvolution
from deltanas.search.pareto_evolution import ParetoEvolution
from deltanas.search.random_search import RandomSearch
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, NasBench201, edits_between
from deltanas.study import Study
from deltanas.testing import SearcherContract

SPACE = BlockSpace({f"decision {i}": ["a", "b", "c"] for i in range(8)})
EFFECT = generator(5, "effects").normal(size=(8, 3)) * 0.02


def accuracy(architecture):
    """Additive, so that its optimum is known: the best option of each decision."""
    return float(0.6 + EFFECT[np.arange(8), architecture.code].sum())


def run(searcher, budget, history=None):
    trials = list(history.trials) if history else []
    while len(trials) < budget:
        proposals = searcher.propose(History(trials), 1)
        if not proposals:
            break
        trials += [measured(proposal) for proposal in proposals]
    return History(trials)


def measured(proposal):
    evaluation = Evaluation(proposal.number, Status.FINISHED, accuracy(proposal.architecture))
    return Trial(proposal, evaluation)


class TestDeltaEvolution(SearcherContract):
    def make(self, space, seed):
        return DeltaEvolution(space, seed=seed, starts=4)


def test_it_finds_the_known_optimum_in_a_fraction_of_random_search():
    optimum = 0.6 + EFFECT.max(axis=1).sum()
    found = run(DeltaEvolution(SPACE, seed=3), 30)
    assert found.best.accuracy == pytest.approx(optimum)
    # 30 of 6,561 random points: the chance to hit the optimum is below 1 in 200.
    assert run(RandomSearch(SPACE, seed=3, starts=5), 30).best.accuracy < optimum


def test_every_proposal_after_the_starts_says_what_it_expects():
    history = run(DeltaEvolution(SPACE, seed=1), 14)
    by_number = {trial.number: trial for trial in history.trials}
    for trial in history.trials[5:]:
        proposal = trial.proposal
        parent = by_number[proposal.parent]
        assert parent.number < trial.number
        assert proposal.edits == edits_between(
            SPACE.decisions, parent.architecture.code, trial.architecture.code
        )
        assert proposal.spread > 0
        assert np.isfinite(proposal.predicted_delta)


def test_predictions_point_the_right_way_once_it_has_learned():
    history = run(DeltaEvolution(SPACE, seed=2), 40)
    by_number = {trial.number: trial for trial in history.trials}
    right = [
        np.sign(trial.proposal.predicted_delta)
        == np.sign(trial.accuracy - by_number[trial.proposal.parent].accuracy)
        for trial in history.trials[20:]
    ]
    assert np.mean(right) > 0.7


def test_pending_trials_change_what_is_proposed_next():
    history = run(DeltaEvolution(SPACE, seed=4), 12)
    searcher = DeltaEvolution(SPACE, seed=4)
    first = searcher.propose(history, 1)[0]
    waiting = History([*history.trials, Trial(first)])
    second = DeltaEvolution(SPACE, seed=4).propose(waiting, 1)[0]
    assert second.architecture.key != first.architecture.key
    assert second.number == first.number + 1


def test_a_batch_holds_different_networks():
    history = run(DeltaEvolution(SPACE, seed=4), 12)
    batch = DeltaEvolution(SPACE, seed=4).propose(history, 6)
    assert len({proposal.architecture.key for proposal in batch}) == 6
    assert [proposal.number for proposal in batch] == [12, 13, 14, 15, 16, 17]


def test_with_one_result_only_it_goes_on_at_random():
    space = NasBench201()
    searcher = DeltaEvolution(space, seed=0, starts=1)
    start = searcher.propose(History(), 1)[0]
    assert len(searcher.propose(History([measured_as(start, 0.7)]), 2)) == 2


def test_equal_accuracies_do_not_break_it():
    searcher = DeltaEvolution(SPACE, seed=6)
    trials = []
    for _ in range(9):
        proposal = searcher.propose(History(trials), 1)[0]
        trials.append(measured_as(proposal, 0.5))
    assert len({trial.architecture.key for trial in trials}) == 9


class Counting:
    """Believes that an architecture is as good as its options are late; learns nothing."""

    def fit_accuracies(self, codes, accuracies):
        self.learned = len(codes)

    def predict(self, before, after):
        delta = self.believed(after) - self.believed(before)
        return Prediction(delta, np.full(len(delta), 0.5))

    def believed(self, codes):
        return 0.01 * codes.sum(axis=1)

    def expected_improvement(self, codes, incumbent):
        return self.believed(codes) - incumbent


def test_another_predictor_can_choose_the_children():
    history = run(RandomSearch(SPACE, seed=4, starts=2), 12)
    predictor = Counting()
    searcher = DeltaEvolution(SPACE, seed=4, generations=8, predictor=predictor)
    proposal = searcher.propose(history, 1)[0]
    assert predictor.learned == 12
    # Eight generations of one edit each reach the architecture of all last options.
    assert proposal.architecture.code == (2,) * 8
    parent = history.trials[proposal.parent].architecture.code
    assert proposal.predicted_delta == pytest.approx(0.01 * (16 - sum(parent)))
    assert proposal.spread == 0.5


def test_of_many_evaluated_ones_only_the_best_are_asked_who_is_to_be_beaten(monkeypatch):
    history = run(DeltaEvolution(SPACE, seed=4), 12)
    predictor, asked = Counting(), []
    believed = predictor.believed
    monkeypatch.setattr(predictor, "believed", lambda codes: asked.append(codes) or believed(codes))
    for most in (12, 3):
        monkeypatch.setattr(delta_evolution, "CONTENDERS", most)
        DeltaEvolution(SPACE, seed=4, predictor=predictor).propose(history, 1)
    alone = [codes for codes in asked if len(codes) in (12, 3)]
    best = sorted(history.trials, key=lambda trial: -trial.accuracy)[:3]
    best = [trial.architecture.code for trial in sorted(best, key=lambda trial: trial.number)]
    assert alone[0].tolist() == [list(trial.architecture.code) for trial in history.trials]
    assert alone[-1].tolist() == [list(code) for code in best]


def measured_as(proposal: Proposal, value: float) -> Trial:
    return Trial(proposal, Evaluation(proposal.number, Status.FINISHED, value))


def test_a_thousand_decisions_are_searched():
    space = BlockSpace({f"d{i}": ("a", "b", "c") for i in range(1_000)})
    effects = generator(6, "effects").normal(size=(1_000, 3)) * 0.003
    searcher = DeltaEvolution(space, seed=1)
    trials = []
    while len(trials) < 8:
        for proposal in searcher.propose(History(trials), 1):
            value = 0.6 + float(effects[np.arange(1_000), proposal.architecture.code].sum())
            evaluation = Evaluation(proposal.number, Status.FINISHED, value)
            trials.append(Trial(proposal, evaluation))
    starts, children = trials[: searcher.starts], trials[searcher.starts :]
    assert len({trial.architecture.key for trial in trials}) == 8
    assert all(0 < len(trial.proposal.edits) <= searcher.generations for trial in children)
    best = max(trial.accuracy for trial in starts)
    assert max(trial.accuracy for trial in children) > best


@pytest.mark.parametrize("counts", [{"parents": 0}, {"generations": 0}])
@pytest.mark.parametrize("made", [DeltaEvolution, partial(ParetoEvolution, costs=["p"])])
def test_settings_that_count_are_whole_numbers_of_one_or_more(made, counts):
    space = BlockSpace({"a": (1, 2), "b": (1, 2)}, costs=lambda each: {"p": each["a"]})
    with pytest.raises(ProtocolError, match=f"delta-evolution needs {next(iter(counts))} >= 1"):
        made(space, seed=0, **counts)


@pytest.mark.parametrize("value", [2.5, True, "3", None, -1])
def test_what_counts_is_no_fraction_and_no_text(value):
    check_counts("a search", parents=1, sample=np.int64(3))
    with pytest.raises(ProtocolError, match=rf"a search needs parents >= 1, got {value!r}"):
        check_counts("a search", parents=value)


def test_a_predictor_that_is_no_advisor_is_refused():
    space = BlockSpace({"a": (1, 2), "b": (1, 2)})
    with pytest.raises(ProtocolError, match=r"asks an Advisor, .* by Relatives\(space, predictor"):
        checked_advisor(AdditiveDelta(space), space)
    assert checked_advisor(advisor := GaussianDelta(space), space) is advisor


def test_a_predictor_that_needs_closer_pairs_than_there_are_changes_nothing():
    space = BlockSpace({f"d{place}": (1, 2, 3, 4) for place in range(6)})
    codes = np.array([[0] * 6, [1] * 6], dtype=np.int32)
    advisor = Relatives(space, MeanPerEdit())
    advisor.fit_accuracies(codes, np.array([0.5, 0.7]))
    assert advisor.predict(codes, codes[::-1]).mean.tolist() == [0.0, 0.0]
    advisor.fit_accuracies(np.array([[0] * 6, [1] + [0] * 5]), np.array([0.5, 0.7]))
    assert advisor.predict(codes[:1], np.array([[1] + [0] * 5])).mean[0] > 0.0


def test_costs_that_are_products_of_many_factors_do_not_end_a_search():
    space = BlockSpace(
        {f"m{place}": (0.5, 1, 2) for place in range(30)},
        costs=lambda each: {"params": math.prod(each.values()) ** 2},
    )
    study = Study(space, lambda each: sum(map(math.log, each.values())) / 50, seed=0)
    study.run(30)
    assert len(study.history.finished) == 30


def test_a_predictor_of_another_space_is_refused():
    space, other = BlockSpace({"a": (1, 2)}), BlockSpace({"a": (1, 2, 3), "b": (1, 2)})
    with pytest.raises(ProtocolError, match="predictor was made for .*for the same space"):
        DeltaEvolution(space, seed=0, predictor=GaussianDelta(other))


def test_settings_hold_for_several_objectives_too():
    space = BlockSpace({"a": (1, 2)})
    found = DeltaEvolution(space, seed=4, starts=9, parents=3, generations=2).for_costs(["b:min"])
    assert (found.seed, found.starts, found.parents, found.generations) == (4, 9, 3, 2)
    assert DeltaEvolution(space, seed=0).for_costs(["b:min"]).starts == 5
    given = DeltaEvolution(space, seed=0, predictor=GaussianDelta(space))
    with pytest.raises(ObjectiveError, match="have predictors of their own"):
        given.for_costs(["b:min"])
