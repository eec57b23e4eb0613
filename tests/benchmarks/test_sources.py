from pathlib import Path

import platformdirs

from deltanas.benchmarks.sources import absence, data_folder, package_path, table_path


def test_the_folder_is_the_named_one_else_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    assert absence("a.npz") == f"DELTANAS_DATA={str(tmp_path)!r} does not hold it"
    for unset in ("", None):
        if unset is None:
            monkeypatch.delenv("DELTANAS_DATA")
        else:
            monkeypatch.setenv("DELTANAS_DATA", unset)
        users = Path(platformdirs.user_data_dir("deltanas", appauthor=False))
        assert data_folder() == users
        assert users.name == "deltanas"
        assert absence("a.npz") == f"DELTANAS_DATA is not set and {users} does not hold a.npz"


def test_a_table_is_a_file_in_that_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path))
    assert table_path("a.npz") is None
    (tmp_path / "a.npz").mkdir()
    assert table_path("a.npz") is None
    (tmp_path / "b.npz").touch()
    assert table_path("b.npz") == tmp_path / "b.npz"


def test_a_package_is_found_without_being_imported():
    assert package_path("deltanas").name == "deltanas"
    assert package_path("no_such_package_anywhere") is None
