"""The names of the package itself: loaded when used, known to type checkers."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

import deltanas


def test_every_public_name_can_be_loaded_and_is_listed():
    for name in deltanas.__all__:
        assert getattr(deltanas, name).__name__ == name
        assert name in dir(deltanas)


def test_type_checkers_see_the_same_names():
    stub = Path(deltanas.__file__).with_suffix(".pyi").read_text("utf-8")
    found = {
        (alias.asname or alias.name, node.module)
        for node in ast.walk(ast.parse(stub))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    rooms = {(name, f"deltanas.{room}") for name, room in deltanas._ROOM_OF.items()}
    assert found == rooms
    assert sorted(deltanas.__all__) == sorted(deltanas._ROOM_OF)


@pytest.mark.parametrize("room", ["networks", "training"])
def test_rooms_that_load_torch_late_show_type_checkers_what_they_have(room):
    package = import_module(f"deltanas.{room}")
    stub = ast.parse(Path(package.__file__).with_suffix(".pyi").read_text("utf-8"))
    shown = {node.target.id for node in stub.body if isinstance(node, ast.AnnAssign)}
    for node in stub.body:
        if isinstance(node, ast.ImportFrom) and node.names[0].asname:
            (name,) = (alias.name for alias in node.names)
            assert getattr(package, name) is getattr(import_module(node.module), name)
            shown.add(name)
    assert shown == set(package.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'deltanas' has no attribute 'Stuy'"):
        _ = deltanas.Stuy


def test_the_package_says_that_it_has_types():
    assert Path(deltanas.__file__).with_name("py.typed").exists()
