"""What `tell` takes: what a training function may return, of a trial of this study."""

import numpy as np
import pytest

from deltanas.errors import ProtocolError, StudyError
from deltanas.records import Evaluation, Status
from deltanas.spaces import BlockSpace
from deltanas.study import Study
from deltanas.study.making import check_space
from deltanas.study.telling import told

SPACE = BlockSpace({"a": (1, 2, 3), "b": (1, 2, 3)})


def test_a_mapping_is_told_as_it_is_returned():
    study = Study(SPACE, objectives=["accuracy", "energy:min"])
    ended = study.tell(study.ask(), {"accuracy": 0.9, "energy": 3.0}, seconds=2)
    assert ended.evaluation == Evaluation(0, Status.FINISHED, 0.9, 2.0, metrics={"energy": 3.0})
    assert told(1, {"accuracy": 0.5}, metrics={"loss": 1.0}).metrics == {"loss": 1.0}


def test_the_reason_of_the_user_counts_where_there_is_no_number():
    assert told(0, float("nan"), reason="diverged\nat epoch 3").reason == "diverged at epoch 3"
    assert told(0, None, reason=ValueError("boom")).reason == "boom"
    assert told(0, float("nan")).reason.startswith("expected a finite number as accuracy, got nan")
    assert told(0, 0.5, reason="not needed") == Evaluation(0, Status.FINISHED, 0.5)


def test_metrics_that_are_no_numbers_are_left_out_of_failures_too():
    failed = told(0, None, metrics={"note": "oom", "x": None, "loss": np.float32(0.5)})
    assert failed.metrics == {"loss": 0.5}


@pytest.mark.parametrize("seconds", ["12.5", -1.0, float("nan"), [1.0]])
def test_seconds_are_a_number(seconds):
    with pytest.raises(ProtocolError, match="seconds is a finite number of at least 0, got"):
        told(0, 0.5, seconds=seconds)


def test_a_trial_of_another_study_is_refused():
    one, other = Study(SPACE, seed=0), Study(SPACE, seed=1)
    trial, own = one.ask(), other.ask()
    assert trial.architecture != own.architecture
    with pytest.raises(ProtocolError, match="got trial 0 of another study .*a=2, b=2.* here it is"):
        other.tell(trial, 0.9)
    assert other.tell(np.int64(0), 0.9).accuracy == 0.9


def test_numbers_of_numpy_are_stored_as_they_are_remembered(tmp_path):
    path = tmp_path / "numbers.db"
    with Study(SPACE, storage=path) as study:
        study.tell(study.ask(), np.float32(0.5), seconds=np.float32(3.5))
        study.tell(study.ask(), None, metrics={"loss": np.float64(2.0)})
        remembered = study.trials
    assert Study.open(path).history.trials == remembered


def test_what_is_no_space_is_refused():
    with pytest.raises(StudyError, match=r"space is a search space, got .*BlockSpace\(\{"):
        check_space({"a": [1, 2]})
