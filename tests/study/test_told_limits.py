"""Studies under limits on what only the training tells."""

import optuna
import pytest
from optuna.trial import TrialState

from deltanas.errors import LimitError, ReportError, StudyError, StudyMismatchError
from deltanas.limits import Limit
from deltanas.records import ACCURACY, Status
from deltanas.report import report, summarize
from deltanas.report.summary import Subject
from deltanas.search import DeltaEvolution
from deltanas.spaces import BlockSpace
from deltanas.study import Halving, Study

SPACE = BlockSpace({f"d{i}": [1, 2, 3, 4] for i in range(4)})
LIMITS = ["heat:told<=20"]


def heat(architecture):
    return float(sum(value**2 for value in architecture.values()))


def train(architecture):
    return {"accuracy": 0.5 + 0.01 * sum(architecture.values()), "heat": heat(architecture)}


def studied(storage=None, budget=15, limits=LIMITS, function=train, **settings):
    with Study(SPACE, function, limits=limits, storage=storage, seed=1, **settings) as study:
        study.run(budget)
    return study


def test_what_is_beyond_a_told_limit_is_no_result():
    study = studied()
    beyond = [trial for trial in study.trials if heat(trial.architecture) > 20]
    assert beyond
    for trial in study.trials:
        metrics, right = trial.evaluation.metrics, train(trial.architecture)["accuracy"]
        if trial in beyond:
            assert trial.evaluation.status is Status.INFEASIBLE
            assert trial.accuracy is None
            assert trial.trained_accuracy == metrics[ACCURACY] == right
            assert trial.evaluation.reason == (
                f"its training told heat {heat(trial.architecture):.4g}, the limit is heat ≤ 20"
            )
        else:
            assert trial.accuracy == trial.trained_accuracy == right
            assert ACCURACY not in metrics
    assert study.best.accuracy == max(trial.accuracy or 0 for trial in study.trials)
    assert set(study.front).isdisjoint(beyond)


def test_an_interrupted_study_equals_one_that_was_not(tmp_path):
    studied(tmp_path / "s.db", 6)
    continued = studied(tmp_path / "s.db", 15)
    whole = studied(budget=15)
    assert [each.architecture.key for each in continued.trials] == [
        each.architecture.key for each in whole.trials
    ]
    assert Study.open(tmp_path / "s.db", SPACE).description.limits == ("heat:told<=20.0",)
    for other in ([], ["heat:told<=21"], ["heat:told>=20"]):
        with pytest.raises(StudyMismatchError, match="limits"):
            studied(tmp_path / "s.db", 15, other)


def test_optuna_has_constraints(tmp_path):
    study = studied(tmp_path / "s.db", 15, ["heat:told<=20", "heat:told>=6"])
    theirs = optuna.load_study(study_name="deltanas", storage=f"sqlite:///{tmp_path / 's.db'}")
    assert theirs.best_trial.number == study.best.number
    for ours, trial in zip(study.trials, theirs.trials, strict=True):
        assert trial.state == TrialState.COMPLETE
        assert trial.values == [ours.trained_accuracy]
        value = heat(ours.architecture)
        assert list(trial.constraints.values()) == [value - 20, 6 - value]
        assert (ours.accuracy is not None) == all(x <= 0 for x in trial.constraints.values())


@pytest.mark.parametrize("missing", [{}, {"heat": float("nan")}])
def test_a_training_that_does_not_tell_has_failed(missing):
    study = Study(SPACE, limits=LIMITS, seed=0)
    trial = study.ask()
    told = study.tell(trial, {"accuracy": 0.9, "size": 2.0, **missing})
    assert told.evaluation.status is Status.FAILED
    assert "the metric of a limit 'heat' is missing" in told.evaluation.reason
    assert "'size'" in told.evaluation.reason


def test_a_failed_training_needs_no_metric():
    study = Study(SPACE, limits=LIMITS, seed=0)
    told = study.tell(study.ask(), None, reason="out of memory")
    assert told.evaluation.reason == "out of memory"


def test_told_and_known_limits_go_together():
    space = BlockSpace(
        {f"d{i}": [1, 2, 3, 4] for i in range(4)},
        costs=lambda a: {"size": float(sum(a.values()))},
    )
    with Study(space, train, limits=["heat:told<=30", "size<=9"], seed=1) as study:
        study.run(12)
    assert all(sum(trial.architecture.values()) <= 9 for trial in study.trials)
    assert study.description.limits == ("heat:told<=30.0", "size<=9.0")
    with pytest.raises(LimitError, match="leave ':told' out"):
        Study(space, train, limits=["size:told<=9"])


def test_objectives_are_sought_within_told_limits():
    study = studied(objectives=["accuracy", "heat:min"], limits=["heat:told<=20"], budget=20)
    assert study.front
    assert all(trial.evaluation.metrics["heat"] <= 20 for trial in study.front)


def test_a_searcher_of_the_users_learns_of_the_limits_too():
    mine = DeltaEvolution(SPACE, seed=1)
    by_name = studied()
    with Study(SPACE, train, limits=LIMITS, method=mine) as study:
        study.run(15)
    assert [t.architecture.key for t in study.trials] == [
        t.architecture.key for t in by_name.trials
    ]


@pytest.mark.parametrize("method", ["random", "local-search", "regularized-evolution"])
def test_other_methods_leave_out_what_is_beyond(method):
    study = studied(method=method)
    assert all(trial.accuracy is None for trial in study.trials if heat(trial.architecture) > 20)
    assert heat(study.best.architecture) <= 20


def test_a_study_without_a_result_says_that_limits_are_why(tmp_path):
    study = studied(tmp_path / "s.db", 6, ["heat:told<=3"])
    with pytest.raises(StudyError, match="none of its 6 trials finished within its limits"):
        _ = study.best


def test_the_report_says_what_the_best_has_and_how_many_were_beyond(tmp_path):
    study = studied(tmp_path / "s.db")
    page = report(study, tmp_path / "report").read_text(encoding="utf-8")
    beyond = sum(trial.accuracy is None for trial in study.trials)
    assert f"({beyond} beyond a limit)" in page
    assert "its training told heat" in page
    value = study.best.evaluation.metrics["heat"]
    assert f"heat ≤ 20; the best has {value:.4g}" in page


def test_what_failed_is_told_apart_from_what_was_beyond():
    def fails(architecture):
        if architecture["d0"] == 4:
            raise ValueError("broken")
        return train(architecture)

    study = studied(function=fails)
    subject = Subject(SPACE, study.history, "delta-evolution", 1, limits=("heat:told<=20.0",))
    summary = summarize(subject)
    statuses = [trial.evaluation.status for trial in study.trials]
    assert summary.failed == statuses.count(Status.FAILED) > 0
    assert summary.beyond == statuses.count(Status.INFEASIBLE) > 0


def test_a_limit_may_be_an_object():
    limit = Limit("heat", 20.0, is_told=True)
    assert [t.architecture.key for t in studied(limits=[limit]).trials] == [
        t.architecture.key for t in studied().trials
    ]


def test_a_search_goes_on_where_trainings_only_fail_or_are_beyond():
    def fails(architecture):
        if architecture["d0"] % 2:
            raise MemoryError("not enough")
        return {"accuracy": 0.5, "heat": 99.0}

    study = studied(function=fails, budget=16)
    assert {trial.evaluation.status for trial in study.trials} == {
        Status.FAILED,
        Status.INFEASIBLE,
    }


def test_halving_is_refused(tmp_path):
    with pytest.raises(LimitError, match="successive halving stops .* 'heat:told<=20.0' too"):
        Study(SPACE, train, limits=LIMITS, halving=Halving(1, 2))


def test_what_another_program_ends_is_held_to_the_limits(tmp_path):
    path = tmp_path / "s.db"
    settings = {"objectives": ["accuracy", "heat:min"], "limits": LIMITS, "seed": 1}
    with Study(SPACE, storage=path, **settings) as study:
        for _ in range(3):
            study.ask()
    theirs = optuna.load_study(study_name="deltanas", storage=f"sqlite:///{path}")
    theirs.tell(0, [0.9, 99.0])
    theirs.tell(1, [0.8, 12.0])
    with Study(SPACE, storage=path, **settings) as study:
        statuses = [t.evaluation and t.evaluation.status for t in study.trials]
        assert statuses == [Status.INFEASIBLE, Status.FINISHED, None]
        assert study.best.number == 1
    read = Study.open(path, SPACE)
    assert [t.evaluation and t.evaluation.status for t in read.trials] == statuses


def test_a_searcher_keeps_limits_of_its_own():
    mine = DeltaEvolution(SPACE, seed=1).under([Limit("heat", 20.0, is_told=True)])
    study = Study(SPACE, train, method=mine)
    assert study._searcher is mine


def test_the_report_of_a_study_without_a_result_says_that_limits_are_why(tmp_path):
    study = studied(tmp_path / "s.db", 6, ["heat:told<=3"])
    with pytest.raises(ReportError, match="none finished within its limits; go on with the search"):
        report(study, tmp_path / "report")
