"""Optuna's constraints: the sampler learns them, and searches as our own study does."""

import optuna

from deltanas.integrations.optuna_sampler import DeltaSampler
from deltanas.records import Status
from deltanas.spaces import BlockSpace
from deltanas.study import Study

SPACE = BlockSpace({f"d{i}": [1, 2, 3, 4] for i in range(4)})


def heat(architecture):
    return float(sum(value**2 for value in architecture.values()))


def accuracy(architecture):
    return sum(value / 2**place for place, value in enumerate(architecture.values()))


def optimized(trials, bound=20.0, directions=("maximize",), sampler=None):
    sampler = sampler or DeltaSampler(SPACE, seed=1)

    def objective(trial):
        architecture = sampler.suggest(trial)
        trial.set_constraint("heat", heat(architecture) - bound)
        values = (accuracy(architecture), heat(architecture))[: len(directions)]
        return values if len(values) > 1 else values[0]

    study = optuna.create_study(directions=list(directions), sampler=sampler)
    study.optimize(objective, n_trials=trials)
    return study, sampler


def test_trials_are_those_of_our_own_study():
    study, _ = optimized(16)
    ours = Study(
        SPACE,
        lambda each: {"accuracy": accuracy(each), "heat": heat(each)},
        limits=["heat:told<=20"],
        seed=1,
    )
    ours.run(16)
    assert [trial.params for trial in study.trials] == [
        dict(trial.architecture) for trial in ours.trials
    ]
    assert study.best_trial.number == ours.best.number


def test_what_is_beyond_a_constraint_is_known_and_no_result():
    study, sampler = optimized(12)
    history = sampler._proposer.history(study)
    statuses = [trial.evaluation.status for trial in history.trials]
    assert statuses == [
        Status.INFEASIBLE if heat(trial.params) > 20 else Status.FINISHED for trial in study.trials
    ]
    assert Status.INFEASIBLE in statuses
    assert [t.trained_accuracy for t in history.trials] == [t.value for t in study.trials]


def test_constraints_hold_for_several_objectives_too():
    study, sampler = optimized(16, directions=("maximize", "minimize"))
    assert study.best_trials
    assert all(heat(trial.params) <= 20 for trial in study.best_trials)
    history = sampler._proposer.history(study)
    assert any(trial.accuracy is None for trial in history.trials)


def test_a_study_without_constraints_is_searched_as_before():
    study, _ = optimized(10, bound=1_000.0)
    plain = optuna.create_study(
        direction="maximize", sampler=(sampler := DeltaSampler(SPACE, seed=1))
    )
    plain.optimize(lambda trial: accuracy(sampler.suggest(trial)), n_trials=10)
    # Far from the limit nothing is less likely to hold it, so choices are the same.
    assert [trial.params for trial in study.trials] == [trial.params for trial in plain.trials]


def test_constraints_of_failed_and_pruned_trials_are_learned():
    def objective(trial):
        architecture = sampler.suggest(trial)
        trial.set_constraint("heat", heat(architecture) - 20)
        if heat(architecture) > 20:
            raise optuna.TrialPruned if trial.number % 2 else ValueError
        return accuracy(architecture)

    sampler = DeltaSampler(SPACE, seed=1)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(objective, n_trials=20, catch=(ValueError,))
    history = sampler._proposer.history(study)
    assert all("constraint heat" in trial.evaluation.metrics for trial in history.trials)
    assert {trial.evaluation.status for trial in history.trials} == {
        Status.FINISHED,
        Status.PRUNED,
        Status.FAILED,
    }
    assert sum(heat(trial.params) <= 20 for trial in study.trials) > 3


def test_reports_of_a_trial_beyond_a_constraint_are_known():
    def objective(trial):
        architecture = sampler.suggest(trial)
        trial.report(0.25, 1)
        trial.set_constraint("heat", float("inf"))
        return accuracy(architecture)

    sampler = DeltaSampler(SPACE, seed=1)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(objective, n_trials=3)
    for trial in sampler._proposer.history(study).trials:
        assert trial.evaluation.status is Status.INFEASIBLE
        assert trial.evaluation.rungs == {1: 0.25}
    sampler.suggest(study.ask())
