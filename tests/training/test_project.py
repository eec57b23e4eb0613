import sys

import pytest

from deltanas.errors import ProjectError, SpaceError
from deltanas.spaces import BlockSpace
from deltanas.training import Project, is_reference

FILE = """
import dataclasses
import sibling_of_the_project
from deltanas import BlockSpace

space = BlockSpace({"depth": [1, 2], "width": [8, 16, 32]}, name="mine")
options = {"depth": [1, 2]}

@dataclasses.dataclass
class Thing:
    depth: int

def make():
    return space

def broken():
    raise ZeroDivisionError("no way")

def empty():
    return BlockSpace({})

def train(architecture, context):
    return sibling_of_the_project.ACCURACY

LOADS.append(1)
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    (tmp_path / "sibling_of_the_project.py").write_text("ACCURACY = 0.75\nLOADS = []")
    text = FILE.replace("LOADS.append", "sibling_of_the_project.LOADS.append")
    path = tmp_path / "some_project.py"
    path.write_text(text)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield path
    for name in ("some_project", "sibling_of_the_project"):
        sys.modules.pop(name, None)


def test_space_and_function_come_from_one_run_of_the_file(file):
    project = Project()
    space = project.space(f"{file}:space")
    train = project.function(f"{file}:train")
    assert (space.name, space.size) == ("mine", 6)
    assert train(None, None) == 0.75
    assert sys.modules["sibling_of_the_project"].LOADS == [1]


def test_a_mapping_and_a_function_that_returns_one_are_spaces_too(file):
    project = Project()
    space = project.space(f"{file}:options")
    assert isinstance(space, BlockSpace)
    assert (space.name, space.size) == ("some_project", 2)
    assert project.space(f"{file}:make") is project.space(f"{file}:space")


def test_the_error_of_a_space_that_cannot_be_is_ours_as_it_is(file):
    with pytest.raises(SpaceError, match="has no decisions"):
        Project().space(f"{file}:empty")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("spac", "there is no 'spac' in .*some_project.py; did you mean space"),
        ("train", "train could not be made, it raised TypeError"),
        ("broken", "broken could not be made, it raised ZeroDivisionError"),
        ("Thing", "Thing could not be made"),
    ],
)
def test_what_is_no_space_is_refused(file, name, words):
    with pytest.raises(ProjectError, match=words):
        Project().space(f"{file}:{name}")


@pytest.mark.parametrize("name", ["space", "options"])
def test_what_is_no_function_is_refused(file, name):
    with pytest.raises(ProjectError, match="expected a training function under .*; define `def tr"):
        Project().function(f"{file}:{name}")


def test_a_file_that_is_not_there_is_named_with_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProjectError, match=f"no file nope.py, which nope.py:x .* in, {tmp_path}"):
        Project().space("nope.py:x")


@pytest.mark.parametrize("reference", ["nope.py", "nope.py:", "nope:train", "nope.py:a b", ""])
def test_a_reference_without_its_parts_is_refused(reference):
    with pytest.raises(ProjectError, match="expected a file and a name such as my_project.py:tr"):
        Project().function(reference)


@pytest.mark.parametrize("line", ["1 / 0", "import not_a_module", "raise SystemExit(3)", "a b"])
def test_a_file_that_raises_shows_its_own_traceback_and_one_line_of_ours(tmp_path, capsys, line):
    file = tmp_path / "raising_project.py"
    file.write_text(f"x = 1\n{line}\n")
    with pytest.raises(ProjectError, match="could not be imported, it raised .* stands above"):
        Project().space(f"{file}:x")
    said = capsys.readouterr().err
    assert "raising_project.py" in said
    assert "line 2" in said
    assert "deltanas" not in said.replace(str(tmp_path), "")
    assert "importlib" not in said
    assert "raising_project" not in sys.modules


def test_a_space_described_wrongly_is_told_by_its_line_and_message_alone(tmp_path, capsys):
    file = tmp_path / "wrong_space.py"
    file.write_text(
        "from deltanas.spaces import CellSpace\n\ndef made():\n"
        "    return CellSpace(nodes=3, operations=['conv', 'conv'])\n\nspace = made()\n"
    )
    words = r"wrong_space.py could not be imported, because of line 4: decision 'vertex 1' has the "
    with pytest.raises(ProjectError, match=words):
        Project().space(f"{file}:space")
    assert capsys.readouterr().err == ""
    assert "wrong_space" not in sys.modules


def test_a_rule_of_a_space_that_raises_shows_where(tmp_path, capsys):
    file = tmp_path / "raising_rule.py"
    file.write_text(
        "from deltanas.spaces import CellSpace\n\ndef valid(cell):\n    return cell['nothing']\n\n"
        "space = CellSpace(2, ['conv'], valid=valid)\n"
    )
    with pytest.raises(ProjectError, match="it raised SpaceError .its traceback stands above"):
        Project().space(f"{file}:space")
    said = capsys.readouterr().err
    assert "line 4, in valid" in said
    assert "valid of space 'cell' raised KeyError" in said


def test_references_are_told_from_names_of_benchmarks():
    assert is_reference("my_project.py:space")
    assert is_reference("folder/my_project.py")
    assert not is_reference("nasbench201:cifar10")
    assert not is_reference("cnn-cell")


def test_a_space_file_is_a_reference_to_its_space(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("name = 'mine'\n[decisions]\ndepth = [2, 4]\nwidth = [8, 16, 32]\n")
    assert is_reference(str(file))
    assert Project().space(str(file)).size == 6  # 2 depths, 3 widths
    file.write_text("[decisions]\n")
    with pytest.raises(SpaceError, match=r"mine\.toml"):
        Project().space(str(file))


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A file that imports its neighbour by where it stands, two folders deep."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    for folder in (tmp_path / "outer_one", tmp_path / "outer_one" / "inner_one"):
        folder.mkdir()
        (folder / "__init__.py").touch()
    (folder / "sizes.py").write_text("space = {'w': [8, 16]}\n")
    (folder / "way.py").write_text("from .sizes import space\n\ndef train(a): return 0.5\n")
    yield folder / "way.py"
    for name in [each for each in sys.modules if each.startswith("outer_one")]:
        del sys.modules[name]


def test_a_file_of_a_package_is_imported_as_a_part_of_it(package):
    project = Project()
    assert project.space(f"{package}:space").decisions[0].options == (8, 16)
    assert project.function(f"{package}:train").__module__ == "outer_one.inner_one.way"


def test_a_file_that_another_one_imported_is_not_run_again(package, tmp_path):
    count = tmp_path / "count"
    (tmp_path / "once_only.py").write_text(
        f"with open({str(count)!r}, 'a') as file:\n    file.write('x')\ndef build(a): return a\n"
    )
    (tmp_path / "takes_it.py").write_text("from once_only import build\n")
    project = Project()
    taken = project.function(f"{tmp_path / 'takes_it.py'}:build")
    assert project.function(f"{tmp_path / 'once_only.py'}:build") is taken
    assert count.read_text() == "x"
    for name in ("once_only", "takes_it"):
        del sys.modules[name]


def test_a_package_that_raises_names_the_command_that_runs_it(package, capsys):
    (package.parent / "sizes.py").write_text("1 / 0\n")
    with pytest.raises(ProjectError, match="`python -m outer_one.inner_one.way` should"):
        Project().space(f"{package}:space")
    capsys.readouterr()
