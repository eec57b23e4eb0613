import pytest
import sqlalchemy

from deltanas.errors import StudyError, StudyMismatchError
from deltanas.spaces import BlockSpace, NasBench201, NasBenchGraph, TransNasMicro
from deltanas.study import Study

OPTIONS = {"depth": (1, 2, 3), "act": (abs, len)}
SPACE = BlockSpace(OPTIONS, name="mine")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("record") / "study.db"
    study = Study(SPACE, lambda each: each["depth"] / 8, storage=path, method="random", seed=5)
    study.run(4)
    return path


def test_a_study_is_read_with_its_space(path):
    record = Study.open(path, SPACE)
    assert record.space is SPACE
    assert record.place == str(path)
    assert (record.description.method, record.description.seed) == ("random", 5)
    assert len(record.trials) == len(record.history) == 4
    assert record.best.accuracy == max(each.accuracy for each in record.trials)
    assert record.trials[0].architecture["act"] in (abs, len)


def test_without_its_space_options_are_labels(path):
    record = Study.open(path)
    assert record.space.fingerprint() == SPACE.fingerprint()
    assert record.trials[0].architecture["act"] in ("abs", "len")
    keys = [each.architecture.key for each in record.trials]
    assert keys == [each.architecture.key for each in Study.open(path, SPACE).trials]


@pytest.mark.parametrize("space", [NasBench201, NasBenchGraph, TransNasMicro])
def test_a_published_space_is_known_by_its_description(tmp_path, space):
    Study(space(), lambda _: 0.5, storage=tmp_path / "cells.db", method="random").run(1)
    assert isinstance(Study.open(tmp_path / "cells.db").space, space)


def test_another_space_is_refused(path):
    with pytest.raises(StudyMismatchError, match="searches space 'mine', got NasBench201"):
        Study.open(path, NasBench201())


def test_a_study_in_memory_cannot_be_opened():
    with pytest.raises(StudyError, match="in memory cannot be opened again; give a file or a URL"):
        Study.open("sqlite://")


def test_a_study_without_a_finished_trial_has_no_best(tmp_path):
    study = Study(SPACE, storage=tmp_path / "study.db")
    for each in (study, Study.open(tmp_path / "study.db")):
        with pytest.raises(StudyError, match="no best trial, because none of its 0 trials finish"):
            _ = each.best
    assert study.record.trials == ()


def test_the_record_of_a_running_study_is_the_same_as_the_stored_one(path):
    study = Study(SPACE, storage=path, method="random", seed=5)
    assert study.record.trials == Study.open(path, SPACE).trials
    assert study.record.description == Study.open(path).description


def test_a_study_is_read_in_as_many_statements_however_many_trials_it_has(path, tmp_path):
    small = tmp_path / "small.db"
    Study(SPACE, lambda _: 0.5, storage=small, method="random").run(1)
    assert statements(small) == statements(path)


def statements(path):
    """How many SQLite executes while a study is read."""
    said = []
    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", lambda *e: said.append(e))
    Study.open(path)
    return len(said)
