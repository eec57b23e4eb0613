import math

import numpy as np
import pytest

from deltanas.errors import AllTrialsFailedError, LimitError, StudyError, StudyMismatchError
from deltanas.records import Evaluation, History, Proposal, Status, Trial
from deltanas.search import ParetoEvolution, hypervolume, make
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace
from deltanas.study import Study
from deltanas.testing import SearcherContract


class OptionCosts:
    """The sum of the options' positions, where a space has no costs of its own."""

    metric_names = ("size_m",)

    def measure(self, metric, codes):
        assert metric == "size_m"
        return codes.sum(axis=1).astype(float)


class TestParetoEvolution(SearcherContract):
    steps = 10

    def make(self, space, seed):
        return ParetoEvolution(space, seed=seed, costs=["size"], metrics=OptionCosts())


def costs(architecture):
    return {"params_m": float(architecture["width"] * architecture["depth"]), "depth": 1.0}


SPACE = BlockSpace(
    {"width": (1, 2, 4, 8), "depth": (1, 2, 3, 4, 6), "act": ("a", "b")}, costs=costs
)


def train(architecture):
    size = architecture["width"] * architecture["depth"]
    return 1 - 1 / (1 + size) - 0.05 * (architecture["act"] == "b")


def test_the_compromises_of_a_study_are_those_that_brute_force_finds():
    study = Study(SPACE, train, objectives=["accuracy", "params"], seed=1)
    study.run(budget=20)
    seen = [(train(t.architecture), costs(t.architecture)["params_m"]) for t in study.trials]
    best = {
        point
        for point in seen
        if not any(a >= point[0] and c <= point[1] and (a, c) != point for a, c in seen)
    }
    front = [(trial.accuracy, costs(trial.architecture)["params_m"]) for trial in study.front]
    assert set(front) == best
    assert [accuracy for accuracy, _ in front] == sorted((a for a, _ in front), reverse=True)


def test_it_dominates_more_than_random_search_does():
    reference = (0.3, [48.0])
    volumes = {"ours": [], "random": []}
    for seed in range(4):
        ours = Study(SPACE, train, objectives=["accuracy", "params"], seed=seed)
        for name, study in (
            ("ours", ours),
            ("random", Study(SPACE, train, method="random", seed=seed)),
        ):
            study.run(budget=12)
            rows = [(t.accuracy, costs(t.architecture)["params_m"]) for t in study.trials]
            table = np.array(rows)
            volumes[name].append(hypervolume(table[:, 0], table[:, 1:], reference))
    assert np.mean(volumes["ours"]) > np.mean(volumes["random"])


def test_without_further_objectives_the_front_is_the_best():
    study = Study(SPACE, train, seed=1, method="random")
    assert study.front == ()
    study.run(budget=8)
    assert study.front[0] == study.best
    assert len({trial.accuracy for trial in study.front}) == 1


def test_a_study_of_several_objectives_goes_on_with_the_same_ones(tmp_path):
    first = Study(SPACE, train, objectives=["accuracy", "params"], storage=tmp_path / "s.db")
    first.run(budget=7)
    again = Study(SPACE, train, objectives=["accuracy", "params_m"], storage=tmp_path / "s.db")
    again.run(budget=9)
    whole = Study(SPACE, train, objectives=["accuracy", "params"])
    whole.run(budget=9)
    assert [t.proposal for t in again.trials] == [t.proposal for t in whole.trials]
    with pytest.raises(
        StudyMismatchError, match="made with objectives accuracy,params_m, got none"
    ):
        Study(SPACE, train, storage=tmp_path / "s.db")
    with pytest.raises(
        StudyMismatchError, match="objectives accuracy,params_m, got accuracy,depth"
    ):
        Study(SPACE, train, objectives=["accuracy", "depth"], storage=tmp_path / "s.db")


@pytest.mark.parametrize(
    ("objectives", "error", "words"),
    [
        (["accuracy"], StudyError, r"'accuracy' and at least one cost, .* got \['accuracy'\]"),
        (["params"], StudyError, "'accuracy' and at least one cost"),
        (["accuracy", "params", "params"], StudyError, "none twice"),
        (["accuracy", "latency"], LimitError, "objective 'latency' .* metrics are params_m, depth"),
        (["accuracy:min", "params"], StudyError, "'accuracy' and at least one cost"),
        (["accuracy", "accuracy:min"], StudyError, "'accuracy' and at least one cost"),
        (["accuracy", "params", "params_m:max"], StudyError, "two of them on 'params_m'"),
    ],
)
def test_objectives_that_cannot_be_are_refused(objectives, error, words):
    with pytest.raises(error, match=words):
        Study(SPACE, train, objectives=objectives)


def measured(architecture, scale=1.0):
    """Energy that only a training tells: it grows with depth, and is bumpy in the width."""
    energy = architecture["depth"] ** 2 + 3 * (architecture["width"] == 4)
    return {"accuracy": train(architecture), "energy": energy * scale}


def test_compromises_with_what_only_trainings_tell():
    study = Study(SPACE, measured, objectives=["accuracy", "params", "energy:min"], seed=2)
    study.run(budget=11)
    rows = [
        (t.accuracy, costs(t.architecture)["params_m"], measured(t.architecture)["energy"])
        for t in study.trials
    ]
    best = {
        row
        for row in rows
        if not any(
            a >= row[0] and c <= row[1] and e <= row[2] and (a, c, e) != row for a, c, e in rows
        )
    }
    front = [
        (t.accuracy, costs(t.architecture)["params_m"], t.evaluation.metrics["energy"])
        for t in study.front
    ]
    assert set(front) == best
    assert study.description.settings["objectives"] == "accuracy,params_m,energy"


def test_it_dominates_more_than_random_search_though_no_cost_is_known():
    volumes = {"ours": [], "random": []}
    for seed in range(2):
        ours = Study(SPACE, measured, objectives=["accuracy", "energy:min"], seed=seed)
        for name, study in (
            ("ours", ours),
            ("random", Study(SPACE, measured, method="random", seed=seed)),
        ):
            study.run(budget=10)
            rows = np.array([(t.accuracy, t.evaluation.metrics["energy"]) for t in study.trials])
            volumes[name].append(hypervolume(rows[:, 0], rows[:, 1:], (0.3, [40.0])))
    assert np.mean(volumes["ours"]) > np.mean(volumes["random"])


@pytest.mark.parametrize(
    ("objective", "scale"), [("energy:min", 2.0**40), ("energy:max", -(2.0**-30))]
)
def test_neither_unit_nor_sign_of_a_metric_matter(objective, scale):
    plain = Study(SPACE, measured, objectives=["accuracy", "energy:min"])
    plain.run(budget=8)
    other = Study(SPACE, lambda a: measured(a, scale), objectives=["accuracy", objective])
    other.run(budget=8)
    assert [t.proposal for t in other.trials] == [t.proposal for t in plain.trials]
    assert [t.number for t in other.front] == [t.number for t in plain.front]


def test_a_study_whose_trainings_tell_an_objective_is_continued_bit_for_bit(tmp_path):
    settings = {"objectives": ["accuracy", "energy:min"], "seed": 3}
    with Study(SPACE, measured, storage=tmp_path / "s.db", **settings) as first:
        first.run(budget=6)
        asked = first.ask()
    again = Study(SPACE, measured, storage=tmp_path / "s.db", **settings)
    again.run(budget=8)
    whole = Study(SPACE, measured, **settings)
    whole.run(budget=8)
    assert [t.proposal for t in again.trials] == [t.proposal for t in whole.trials]
    assert asked.proposal == again.trials[6].proposal
    assert [t.number for t in again.front] == [t.number for t in whole.front]
    with pytest.raises(
        StudyMismatchError, match="objectives accuracy,energy, got accuracy,energy:max"
    ):
        Study(SPACE, measured, objectives=["accuracy", "energy:max"], storage=tmp_path / "s.db")


@pytest.mark.parametrize("energy", [{}, {"energy": float("nan")}, {"energy": "low"}])
def test_a_training_that_does_not_tell_an_objective_has_failed(energy):
    def sometimes(architecture):
        told = energy if architecture["act"] == "b" else {"energy": architecture["depth"]}
        return {"accuracy": train(architecture), "memory": 1.0, **told}

    study = Study(SPACE, sometimes, objectives=["accuracy", "energy:min"], seed=1)
    study.run(budget=10)
    failed = [trial for trial in study.trials if trial.accuracy is None]
    assert 0 < len(failed) < 10
    assert {trial.architecture["act"] for trial in failed} == {"b"}
    assert failed[0].evaluation.reason == (
        "the objective 'energy' is missing from the result, or is no finite number there; the "
        "result has 'accuracy', 'memory'"
    )
    assert failed[0].evaluation.metrics == {"memory": 1.0}
    trial = study.ask()
    assert study.tell(trial, 0.9, metrics={"energy": np.nan}).accuracy is None
    assert study.tell(study.ask(), 0.9, metrics={"energy": 2.0}).accuracy == 0.9


def test_a_study_without_the_objective_ends_with_the_reason():
    study = Study(SPACE, train, objectives=["accuracy", "energy:min"])
    with pytest.raises(AllTrialsFailedError, match="5 failures .*the objective 'energy'"):
        study.run(budget=20)


def test_other_methods_have_one_objective():
    with pytest.raises(StudyError, match="'delta-evolution' only, got method='random'"):
        Study(SPACE, train, objectives=["accuracy", "params"], method="random")
    assert make("random", SPACE, seed=0).starts == 10


def test_the_dear_end_is_reached_where_a_random_sample_has_nothing():
    # The most accurate one costs 96; random ones cost 60 on average, and hardly ever above 75.
    space = BlockSpace(
        {f"d{place}": (1, 2, 3, 4) for place in range(24)},
        costs=lambda each: {"params": float(sum(each.values()))},
    )
    study = Study(
        space,
        lambda each: 1 - math.exp(-sum(each.values()) / 40),
        objectives=["accuracy", "params"],
        seed=0,
    )
    study.run(40)
    assert max(sum(trial.architecture.values()) for trial in study.front) > 90


class SomeCosts(OptionCosts):
    """Nobody knows the costs where the first decision has its last option."""

    def measure(self, metric, codes):
        found = super().measure(metric, codes)
        return np.where(codes[:, 0] == 3, np.nan, found)


def test_costs_that_nobody_knows_gain_nothing_and_stop_nothing():
    searcher = ParetoEvolution(SPACE, seed=0, costs=["size"], metrics=SomeCosts(), starts=4)
    trials = []
    for _ in range(16):
        (proposal,) = searcher.propose(History(trials))
        accuracy = train(proposal.architecture)
        trials.append(Trial(proposal, Evaluation(proposal.number, Status.FINISHED, accuracy)))
    chosen = [trial.architecture["width"] for trial in trials[4:]]
    assert chosen.count(8) <= 3
    assert all(math.isfinite(trial.proposal.predicted_delta) for trial in trials[4:])


def test_many_objectives_have_no_more_boxes_than_time():
    space = BlockSpace({f"d{place}": (1, 2, 3, 4) for place in range(8)})
    names = ["a:min", "b:min", "c:min", "d:min"]
    searcher = ParetoEvolution(space, seed=0, costs=names)
    rng = generator(0, "many")
    trials = []
    for number, architecture in enumerate(space.sample(40, rng)):
        told = dict(zip("abcd", rng.random(4).tolist(), strict=True))
        found = Evaluation(number, Status.FINISHED, float(rng.random()), metrics=told)
        trials.append(Trial(Proposal(number, architecture), found))
    (proposal,) = searcher.propose(History(trials))
    assert proposal.parent is not None
