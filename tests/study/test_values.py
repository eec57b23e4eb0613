"""Optuna's values of a study of several objectives: its best trials are our front."""

import warnings

import numpy as np
import optuna
import pytest
from optuna.study import StudyDirection
from optuna.trial import TrialState

from deltanas.errors import StudyError
from deltanas.records import Evaluation, Status
from deltanas.search import ParetoEvolution
from deltanas.spaces import BlockSpace
from deltanas.study import Study
from deltanas.study import store as storing
from deltanas.study.objectives import complete
from tests.study.old_form import copy_in_old_form

HIGH, LOW = StudyDirection.MAXIMIZE, StudyDirection.MINIMIZE


def costs(architecture):
    return {"params_m": float(architecture["width"] * architecture["depth"])}


SPACE = BlockSpace(
    {"width": (1, 2, 4, 8), "depth": (1, 2, 3, 4, 6), "act": ("a", "b")}, costs=costs
)
SEVERAL = {"objectives": ["accuracy", "params", "robustness:max", "energy:min"], "seed": 3}
TWO = {"objectives": ["accuracy", "params"], "seed": 1}


def train(architecture):
    width, depth = architecture["width"], architecture["depth"]
    if depth == 3 and architecture["act"] == "b":
        raise ValueError("cannot be trained")
    accuracy = 1 - 1 / (1 + width * depth) - 0.05 * (architecture["act"] == "b")
    return {"accuracy": accuracy, "robustness": 1 / width, "energy": depth**2 + 0.1}


def theirs(path):
    return optuna.load_study(study_name="deltanas", storage=f"sqlite:///{path}")


def study_of(path, budget, settings=SEVERAL, function=train, space=SPACE):
    with Study(space, function, storage=path, **settings) as study:
        study.run(budget)
    return study


def values_by_hand(trial):
    """Accuracy, parameters, robustness and energy, worked out from the architecture."""
    told = train(trial.architecture)
    params = costs(trial.architecture)["params_m"]
    return [told["accuracy"], params, told["robustness"], told["energy"]]


def test_each_objective_has_a_direction_a_name_and_a_value(tmp_path):
    study = study_of(tmp_path / "s.db", 20)
    stored = theirs(tmp_path / "s.db")
    assert stored.directions == [HIGH, LOW, HIGH, LOW]
    assert stored.metric_names == ["accuracy", "params_m", "robustness", "energy"]
    states = [each.state for each in stored.trials]
    assert states.count(TrialState.FAIL) in range(1, 6), "some trainings raise"
    for each, trial in zip(stored.trials, study.trials, strict=True):
        failed = trial.accuracy is None
        assert each.state == (TrialState.FAIL if failed else TrialState.COMPLETE)
        assert each.values == (None if failed else values_by_hand(trial))


@pytest.mark.parametrize("settings", [SEVERAL, TWO])
def test_the_best_trials_of_optuna_are_the_front(tmp_path, settings):
    study = study_of(tmp_path / "s.db", 20, settings)
    best = theirs(tmp_path / "s.db").best_trials
    assert 2 < len(best) < len(study.trials)
    assert sorted(each.number for each in best) == sorted(each.number for each in study.front)
    architectures = {tuple(each.params.items()) for each in best}
    assert architectures == {tuple(trial.architecture.items()) for trial in study.front}


def test_optunas_plot_of_the_front_names_its_axes(tmp_path):
    study = study_of(tmp_path / "s.db", 12, TWO)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        axes = optuna.visualization.matplotlib.plot_pareto_front(theirs(tmp_path / "s.db"))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("accuracy", "params_m")
    dots = [tuple(dot) for part in axes.collections for dot in part.get_offsets().tolist()]
    assert {tuple(values_by_hand(trial)[:2]) for trial in study.front} <= set(dots)
    assert len(dots) == len(study.history.finished)


def test_a_study_with_one_objective_has_one_value(tmp_path):
    with Study(SPACE, train, storage=tmp_path / "s.db", method="random") as study:
        study.run(3)
    stored = theirs(tmp_path / "s.db")
    assert (stored.directions, stored.metric_names) == ([HIGH], ["accuracy"])
    assert stored.user_attrs["deltanas"]["format"] == 1
    assert [each.value for each in stored.trials] == [each.accuracy for each in study.trials]


def test_a_study_from_before_goes_on_as_it_was(tmp_path):
    study_of(tmp_path / "new.db", 9)
    old = copy_in_old_form(tmp_path / "new.db", tmp_path / "old.db")
    assert Study.open(old, SPACE).trials == Study.open(tmp_path / "new.db", SPACE).trials
    for path in (old, tmp_path / "new.db"):
        study_of(path, 14)
    resumed, whole = (study_of(path, 14) for path in (old, tmp_path / "new.db"))
    assert [each.proposal for each in resumed.trials] == [each.proposal for each in whole.trials]
    assert [each.number for each in resumed.front] == [each.number for each in whole.front]
    stored = theirs(old)
    assert (stored.directions, stored.metric_names) == ([HIGH], ["accuracy"])
    assert stored.user_attrs["deltanas"]["format"] == 1
    assert [each.value for each in stored.trials] == [each.accuracy for each in whole.trials]


@pytest.mark.parametrize("is_old", [False, True])
def test_a_result_stored_just_before_a_kill_gets_its_values(tmp_path, monkeypatch, is_old):
    path = tmp_path / "s.db"
    study_of(path, 6)
    path = copy_in_old_form(path, tmp_path / "old.db") if is_old else path

    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(storing.Store, "_close", die)
    with pytest.raises(KeyboardInterrupt):
        study_of(path, 7)
    monkeypatch.undo()
    assert theirs(path).trials[6].state == TrialState.RUNNING
    known = Study.open(path, SPACE).trials[6]
    assert known.accuracy is not None, "a report already knows it"
    study_of(path, 6)
    found = theirs(path).trials[6]
    assert found.state == TrialState.COMPLETE
    assert found.values == values_by_hand(known)[: 1 if is_old else 4]


def test_what_another_program_ended_has_its_objectives_too(tmp_path):
    with Study(SPACE, storage=tmp_path / "s.db", **SEVERAL) as study:
        asked = [study.ask() for _ in range(3)]
    theirs(tmp_path / "s.db").tell(0, [0.75, 4.0, 0.5, 2.0])
    theirs(tmp_path / "s.db").tell(1, [0.5, 1.0, 0.25, float("inf")])
    ended, endless, open_one = Study.open(tmp_path / "s.db", SPACE).trials
    metrics = {"params_m": 4.0, "robustness": 0.5, "energy": 2.0}
    assert ended.evaluation == Evaluation(0, Status.FINISHED, 0.75, metrics=metrics)
    assert endless.evaluation.metrics == {"params_m": 1.0, "robustness": 0.25}
    assert open_one == asked[2]
    with Study(SPACE, storage=tmp_path / "s.db", **SEVERAL) as study:
        assert [each.number for each in study.front] == [0]


class Unmeasured:
    """Latency of all networks but those of depth 6."""

    metric_names = ("latency_ms",)

    def measure(self, metric, codes):
        return np.where(codes[:, 1] == 4, np.nan, codes[:, 1] + 1.5)


def test_a_trial_whose_cost_nobody_knows_is_none_of_the_best(tmp_path):
    settings = {"objectives": ["accuracy", "latency"], "metrics": Unmeasured()}
    with Study(SPACE, storage=tmp_path / "s.db", **settings) as study:
        while len(study.history) < 12:
            study.tell(study.ask(), 0.5 + 0.01 * len(study.history))
        deepest = [each.number for each in study.trials if each.architecture["depth"] == 6]
        front = sorted(each.number for each in study.front)
    stored = theirs(tmp_path / "s.db")
    assert deepest
    failed = [each.number for each in stored.trials if each.state == TrialState.FAIL]
    assert failed == deepest
    assert sorted(each.number for each in stored.best_trials) == front
    reread = Study.open(tmp_path / "s.db", SPACE).trials
    assert all(each.accuracy is not None for each in reread)


@pytest.mark.parametrize("energy", [float("inf"), float("nan")])
def test_an_objective_that_a_study_cannot_store_is_missing(energy):
    searcher = ParetoEvolution(SPACE, seed=0, costs=["energy:min"])
    told = Evaluation(4, Status.FINISHED, 0.5, metrics={"energy": energy, "memory": 1.0})
    found = complete(told, searcher, ())
    assert found.status is Status.FAILED
    assert "the objective 'energy' is missing from the result, or is no finite" in found.reason
    finite = Evaluation(4, Status.FINISHED, 0.5, metrics={"energy": 1.5})
    assert complete(finite, searcher, ()) == finite


def test_an_empty_study_of_other_objectives_is_refused(tmp_path):
    path = tmp_path / "s.db"
    optuna.create_study(
        study_name="deltanas", storage=f"sqlite:///{path}", directions=["maximize", "maximize"]
    )
    words = r"begun for maximize, maximize, got accuracy, params_m \(maximize, minimize\); name ano"
    with pytest.raises(StudyError, match=words):
        Study(SPACE, train, storage=path, **TWO)
    with pytest.raises(StudyError, match=r"begun for maximize, maximize, got accuracy \(maximize"):
        Study(SPACE, train, storage=path)
    optuna.delete_study(study_name="deltanas", storage=f"sqlite:///{path}")
    optuna.create_study(
        study_name="deltanas", storage=f"sqlite:///{path}", directions=["maximize", "minimize"]
    )
    study_of(path, 6, TWO)
    assert theirs(path).metric_names == ["accuracy", "params_m"]
