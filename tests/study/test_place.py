from pathlib import Path

import pytest

from deltanas.errors import StudyError
from deltanas.study.place import Place


def test_paths_and_urls_of_sqlite_are_files():
    for storage in ("runs/x.db", Path("runs/x.db"), "sqlite:///runs/x.db"):
        assert Place.of(storage) == Place(path=Path("runs/x.db").absolute())
    assert Place.of("~/x.db").path == Path.home() / "x.db"


@pytest.mark.parametrize("storage", [None, "sqlite://", "sqlite:///:memory:"])
def test_memory_is_no_place(storage):
    assert Place.of(storage) == Place()
    assert Place.of(storage).shown == "in memory"


def test_a_password_is_never_shown():
    place = Place.of("postgresql://ann:secret@host:5432/studies")
    assert place.url == "postgresql://ann:secret@host:5432/studies"
    assert place.shown == "postgresql://ann:***@host:5432/studies"


@pytest.mark.parametrize("storage", ["", 5, 0.5, ["a"]])
def test_anything_else_is_refused(storage):
    with pytest.raises(StudyError, match=r"kept in a file or a database, got .*; give a path such"):
        Place.of(storage)


def test_a_broken_url_is_refused_without_repeating_it():
    with pytest.raises(StudyError, match="is no database URL; write it like") as error:
        Place.of("postgresql://ann:secret@host:port/studies")
    assert "secret" not in str(error.value)


def test_files_of_different_names_have_different_folders():
    names = ["s.db", "s", "s.sqlite", "s.sqlite.db", "lr0.1", "lr0.2", "lr0.2.db"]
    folders = [Place.of(Path("runs") / name).trials for name in names]
    assert folders[0] == Path("runs/s-trials").absolute()
    assert len(set(folders)) == len(names)
    assert all(folder.parent == Path("runs").absolute() for folder in folders)
    assert Place.of("postgresql://host/studies").trials is None


def test_two_names_of_one_file_are_one_place(tmp_path):
    (tmp_path / "real.db").touch()
    (tmp_path / "link.db").symlink_to(tmp_path / "real.db")
    (tmp_path / "folder").symlink_to(tmp_path)
    place = Place.of(tmp_path / "real.db")
    assert Place.of(tmp_path / "link.db") == place
    assert Place.of(f"sqlite:///{tmp_path}/folder/real.db") == place
