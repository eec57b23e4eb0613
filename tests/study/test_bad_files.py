"""Files that are no study, or cannot be written: told in words, and left as they were."""

import contextlib
import os
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path

import optuna
import pytest
import sqlalchemy

from deltanas.errors import StudyError, StudyLockedError
from deltanas.spaces import BlockSpace
from deltanas.study import Study

SPACE = BlockSpace({"depth": (1, 2, 3), "width": (8, 16), "act": ("relu", "gelu")})


def train(architecture):
    return architecture["depth"] / (4 + architecture["width"])


def make(path, **settings):
    return Study(SPACE, train, storage=path, method="random", **settings)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    path = tmp_path_factory.mktemp("finished") / "study.db"
    make(path).run(4)
    return path


@pytest.fixture
def path(finished, tmp_path):
    return Path(shutil.copy(finished, tmp_path / "study.db"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"hello, this is a text and no database " * 100, "file is not a database"),
        (b"{}", "file is not a database"),
        (b"SQLite format 3\0", "file is not a database"),
    ],
)
def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path, content, words):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    for attempt in (make, Study.open):
        with pytest.raises(StudyError, match=r"notes.txt failed: ") as error:
            attempt(path)
        assert words in str(error.value)
        assert "name another file" in str(error.value)
    assert path.read_bytes() == content


@pytest.mark.parametrize("share", [0.1, 0.4, 0.7, 0.95])
def test_a_truncated_study_is_refused_and_left_alone(path, share):
    whole = path.read_bytes()
    # At a page boundary and within a page.
    for length in (int(len(whole) * share) // 4096 * 4096, int(len(whole) * share) + 17):
        path.write_bytes(whole[:length])
        for attempt in (make, Study.open):
            with pytest.raises(StudyError, match="malformed"):
                attempt(path)
        assert path.read_bytes() == whole[:length]


def test_an_empty_file_becomes_a_study_but_cannot_be_read_as_one(tmp_path):
    path = tmp_path / "empty.db"
    path.touch()
    with pytest.raises(StudyError, match="holds no study: it is empty; name another file"):
        Study.open(path)
    make(path).run(1)
    assert len(Study.open(path).trials) == 1


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "photos.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE photos (name TEXT)")
        connection.commit()
    before = path.read_bytes()
    for attempt in (make, Study.open):
        with pytest.raises(StudyError, match="holds no study: it has the tables photos; name"):
            attempt(path)
    assert path.read_bytes() == before


def test_a_study_of_optuna_alone_is_refused(tmp_path):
    path = tmp_path / "optuna.db"
    optuna.create_study(storage=f"sqlite:///{path}", study_name="theirs")
    for attempt in (make, Study.open):
        with pytest.raises(
            StudyError, match=r"no study 'deltanas' in .*, its studies are: 'theirs'"
        ):
            attempt(path)
    optuna.load_study(study_name="theirs", storage=f"sqlite:///{path}").optimize(
        lambda trial: trial.suggest_float("x", 0, 1), n_trials=1
    )
    for attempt in (make, Study.open):
        with pytest.raises(
            StudyError, match=r"'theirs' in .* was not made by deltanas; name another"
        ):
            attempt(path, name="theirs")


def test_a_trial_of_another_program_is_refused(path):
    optuna.load_study(study_name=None, storage=f"sqlite:///{path}").ask()
    for attempt in (make, Study.open):
        with pytest.raises(StudyError, match=r"trial 4 of the study .* was not stored by deltanas"):
            attempt(path)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("architecture", '"{}"', "trial 2 of the study"),
        ("architecture", '"not json"', "trial 2 of the study"),
        ("parent", '"one"', "trial 2 of the study"),
        ("evaluation", "5", "the evaluation of trial 2 of the study"),
        ("evaluation", '{"status": "great"}', "the evaluation of trial 2"),
    ],
)
def test_an_altered_trial_is_refused(path, key, value, words):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "DELETE FROM trial_user_attributes WHERE trial_id = 3 AND key = ?", (key,)
        )
        connection.execute(
            "INSERT INTO trial_user_attributes (trial_id, key, value_json) VALUES (3, ?, ?)",
            (key, value),
        )
        connection.commit()
    with pytest.raises(StudyError) as error:
        make(path)
    assert words in str(error.value)


def test_a_study_of_a_newer_deltanas_is_refused(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "UPDATE study_user_attributes SET value_json = replace(value_json, ?, ?)",
            ('"format": 1', '"format": 3'),
        )
        connection.commit()
    for attempt in (make, Study.open):
        with pytest.raises(StudyError, match=r"stored in format 3 .* reads up to 2; upgrade"):
            attempt(path)


def test_a_database_of_another_optuna_is_refused(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'v9.9.9.a'")
        connection.commit()
    with pytest.raises(StudyError, match="no longer compatible"):
        make(path)


def test_a_missing_folder_is_made_to_write_and_not_to_read(tmp_path):
    path = tmp_path / "runs" / "today" / "study.db"
    with pytest.raises(StudyError, match="there is no study"):
        Study.open(path)
    assert not path.parent.parent.exists()
    make(path).run(1)
    assert len(Study.open(path).trials) == 1


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(StudyError, match="needs the folder .*runs, which cannot be made: "):
        make(tmp_path / "runs" / "study.db")


def test_a_folder_in_the_files_place_is_refused(tmp_path):
    with pytest.raises(StudyError, match="should be a file, got a folder; name a file in it"):
        make(tmp_path)


@pytest.fixture
def bound(finished):
    """A study in a folder, seen by a user whom permissions bind: root may write everywhere."""
    folder = Path(tempfile.mkdtemp())
    shutil.copy(finished, folder / "study.db")
    is_root = os.geteuid() == 0
    if is_root:
        for each in (folder, folder / "study.db"):
            os.chown(each, 65534, -1)
        os.seteuid(65534)
    yield folder / "study.db"
    folder.chmod(0o700)
    if is_root:
        os.seteuid(0)
    shutil.rmtree(folder)


def test_a_read_only_study_is_refused_but_read(bound):
    bound.chmod(0o444)
    with pytest.raises(StudyError, match="is read-only, and a search writes to it; make it writ"):
        make(bound)
    assert len(Study.open(bound).trials) == 4


def test_a_read_only_folder_is_refused_but_read(bound):
    bound.parent.chmod(0o555)
    for path in (bound, bound.with_name("new.db")):
        with pytest.raises(StudyError, match="cannot be written, because its folder is read-only"):
            make(path)
    assert len(Study.open(bound).trials) == 4


def test_a_file_that_may_not_be_read_is_told(bound):
    bound.chmod(0)
    with pytest.raises(StudyError, match="failed: unable to open database file"):
        Study.open(bound)


@contextlib.contextmanager
def full_disk(path):
    """Let the file grow no further: SQLite then answers as on a full disk."""
    pages = path.stat().st_size // 4096

    def limit(connection, _):
        connection.execute(f"PRAGMA max_page_count = {pages}")

    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", limit)
    try:
        yield
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "connect", limit)


def test_a_full_disk_loses_nothing_that_was_stored(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda _: None)  # Optuna waits between its attempts
    path = tmp_path / "study.db"
    space = BlockSpace({"depth": tuple(range(1, 40)), "width": (8, 16), "act": ("relu", "gelu")})
    study, whole = (
        Study(space, train, storage=storage, method="random") for storage in (path, None)
    )
    with full_disk(path), pytest.raises(StudyError, match=r"disk is full.*untouched; free some sp"):
        study.run(40)
    kept = Study.open(path).trials
    assert 4 <= len(kept) < 40
    study.run(40)
    whole.run(40)
    assert [each.proposal for each in study.trials] == [each.proposal for each in whole.trials]
    assert [each.accuracy for each in study.trials] == [each.accuracy for each in whole.trials]


def test_a_result_that_cannot_be_saved_is_in_the_message(path, monkeypatch):
    study = make(path)
    trial = study.ask()
    monkeypatch.setattr(
        "deltanas.study.store.Store._close",
        lambda *_: (_ for _ in ()).throw(sqlite3.OperationalError("database or disk is full")),
    )
    with pytest.raises(StudyError, match=r"saving accuracy 0.125 of trial 4 to the study"):
        study.tell(trial, 0.125)


def test_a_file_that_vanishes_during_a_run_is_not_made_anew(path):
    study = make(path)
    path.unlink()
    with pytest.raises(StudyError, match="No such file"):
        study.run(6)
    assert not path.exists()


def test_what_another_program_wrote_meanwhile_is_read(path):
    study = make(path)
    study.ask()
    optuna.load_study(study_name=None, storage=f"sqlite:///{path}").tell(4, 0.75)
    assert study.run(5) == "nothing left to do"
    assert study.trials[4].accuracy == 0.75
    make(path)  # nothing is left to tell, so nothing is locked


def test_a_trial_that_another_program_failed_has_failed(path):
    study = make(path)
    study.ask()
    optuna.load_study(study_name=None, storage=f"sqlite:///{path}").tell(
        4, state=optuna.trial.TrialState.FAIL
    )
    assert (
        Study.open(path).trials[4].evaluation.reason == "another program ended it without a value"
    )


def test_a_lock_of_this_process_is_told_too(path):
    study = make(path)
    trial = study.ask()
    with pytest.raises(StudyLockedError, match="by another process, or by another Study of this"):
        make(path)
    study.tell(trial, 0.5)
    make(path)


def test_odd_file_names_are_only_names(tmp_path):
    path = tmp_path / "a {b} %20 ?mode=ro #1 'ü'.db"
    make(path).run(2)
    assert len(Study.open(path).trials) == 2
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".db"] == [path.name]


def test_a_sqlite_url_is_a_file(path):
    assert len(Study.open(f"sqlite:///{path}").trials) == 4
    study = make(f"sqlite:///{path}")
    study.ask()
    with pytest.raises(StudyLockedError):
        make(path)


def test_what_is_no_file_is_refused_and_left_alone(tmp_path):
    place = tmp_path / "pipe"
    os.mkfifo(place)
    with pytest.raises(StudyError, match="should be a file, got a device or a pipe; name a file"):
        Study(SPACE, storage=place)
    assert place.is_fifo()


def test_a_link_that_leads_nowhere_yet_stays_and_its_file_is_made(tmp_path):
    (tmp_path / "link.db").symlink_to(tmp_path / "real.db")
    Study(SPACE, storage=tmp_path / "link.db").close()
    assert (tmp_path / "link.db").is_symlink()
    assert not (tmp_path / "real.db").is_symlink()
    with Study(SPACE, storage=tmp_path / "real.db") as study:
        study.ask()
        with pytest.raises(StudyLockedError):
            Study(SPACE, storage=tmp_path / "link.db").ask()
