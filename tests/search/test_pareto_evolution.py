import numpy as np
import pytest

from deltanas.errors import LimitError, StudyError, StudyMismatchError
from deltanas.search import ParetoEvolution, hypervolume, make
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
    ],
)
def test_objectives_that_cannot_be_are_refused(objectives, error, words):
    with pytest.raises(error, match=words):
        Study(SPACE, train, objectives=objectives)


def test_other_methods_have_one_objective():
    with pytest.raises(StudyError, match="'delta-evolution' only, got method='random'"):
        Study(SPACE, train, objectives=["accuracy", "params"], method="random")
    assert make("random", SPACE, seed=0).starts == 10
