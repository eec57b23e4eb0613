"""Other programs read our studies with plain Optuna."""

import optuna
import pytest
from optuna.trial import TrialState

from deltanas.spaces import BlockSpace, NasBench201
from deltanas.study import Study

SPACE = BlockSpace({"depth": (1, 2, 3), "act": ("relu", None), "skip": (False, True)})


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("optuna") / "study.db"
    study = Study(SPACE, train, storage=path, method="regularized-evolution", seed=1)
    study.run(12)
    return path


def train(architecture):
    if architecture["depth"] == 2 and architecture["skip"]:
        raise MemoryError("too deep")
    return {"accuracy": architecture["depth"] / 4, "latency_ms": 2}


@pytest.fixture
def theirs(path):
    return optuna.load_study(study_name="deltanas", storage=f"sqlite:///{path}")


def test_values_parameters_and_states_are_there(path, theirs):
    ours = Study.open(path)
    assert theirs.direction == optuna.study.StudyDirection.MAXIMIZE
    assert theirs.metric_names == ["accuracy"]
    assert [each.number for each in theirs.trials] == [each.number for each in ours.trials]
    for each, trial in zip(theirs.trials, ours.trials, strict=True):
        assert each.value == trial.accuracy
        assert each.params == dict(trial.architecture)
        failed = trial.accuracy is None
        assert each.state == (TrialState.FAIL if failed else TrialState.COMPLETE)
        assert each.duration is not None
    assert theirs.best_value == 0.75
    assert theirs.trials[0].distributions["depth"].choices == (1, 2, 3)


def test_attributes_tell_the_rest(theirs):
    failed = next(each for each in theirs.trials if each.state == TrialState.FAIL)
    told = failed.user_attrs["evaluation"]
    assert told["status"] == "failed"
    assert told["reason"].startswith("MemoryError: too deep (test_optuna.py, line ")
    best = theirs.best_trial.user_attrs
    assert best["evaluation"]["metrics"] == {"latency_ms": 2.0}
    assert best["evaluation"]["seconds"] > 0
    assert theirs.user_attrs["deltanas"]["method"] == "regularized-evolution"
    edited = [each.user_attrs for each in theirs.trials if "parent" in each.user_attrs]
    assert edited
    assert all("→" in each["edit"] for each in edited)


def test_importances_can_be_worked_out(theirs):
    importances = optuna.importance.get_param_importances(theirs, evaluator=None, normalize=True)
    assert next(iter(importances)) == "depth"


def test_opening_a_study_announces_nothing(tmp_path, capsys):
    Study(NasBench201(), lambda _: 0.5, storage=tmp_path / "quiet.db", method="random").run(1)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""
    assert optuna.logging.get_verbosity() == optuna.logging.INFO
