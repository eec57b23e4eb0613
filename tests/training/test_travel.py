"""Files of the user's find their way to other machines, or are missed in words."""

import pickle
from pathlib import Path

import pytest

from deltanas.errors import ProjectError
from deltanas.training.project import Named
from deltanas.training.recipe import usual_recipe
from deltanas.training.remade import BuiltIn
from deltanas.training.travel import arrived, travelling


@pytest.fixture
def here(tmp_path, monkeypatch):
    folder = tmp_path / "here"
    (folder / "sub").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def test_what_is_shipped_goes_by_its_path_from_the_folder_and_what_is_not_by_its_whole_path(here):
    assert travelling("mine.py") == "mine.py"
    assert travelling(str(here / "sub" / "mine.py")) == str(Path("sub", "mine.py"))
    assert travelling("sub/../mine.py") == "mine.py"
    assert travelling("../mine.py") == str(here.parent / "mine.py")
    assert travelling("/data/mine.npz") == "/data/mine.npz"


def test_functions_and_data_travel_with_such_paths(here):
    outside = pickle.loads(pickle.dumps(Named("../mine.py:train")))
    assert outside.reference == f"{here.parent / 'mine.py'}:train"
    whole = str(here / "rows.csv")
    built = BuiltIn(whole, usual_recipe("table", None, None), outside)
    assert pickle.loads(pickle.dumps(built)).data == "rows.csv"
    named = BuiltIn("digits", built.recipe, None)
    assert pickle.loads(pickle.dumps(named)) == named


def test_what_did_not_arrive_is_named_with_what_to_do(here):
    (here / "mine.py").touch()
    assert arrived("mine.py") == "mine.py"
    with pytest.raises(ProjectError, match=r"expected other.py on .*, where .* git ignores, and"):
        Named("other.py:train")()
    with pytest.raises(ProjectError, match=r"expected /no/mine.npz on .*; keep it on a disk that"):
        BuiltIn("/no/mine.npz", usual_recipe("table", None, None), None)()
