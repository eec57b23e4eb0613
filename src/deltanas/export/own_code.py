"""What a builder of the user's needs beside the weights: its file, what that imports, its space."""

import ast
import contextlib
import hashlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from deltanas.errors import ExportError, SpaceError
from deltanas.spaces import Architecture, BlockSpace, SearchSpace
from deltanas.training import Project
from deltanas.training.project import module_of

MODULE: Final = "project"
"""What the builder's file is called beside `network.py`."""
TAKEN: Final = (MODULE, "network")
"""Names of modules that the folder has already."""


@final
@dataclass(frozen=True, slots=True)
class OwnSpace:
    """The space as the builder's file has it: what is stored are the names of its options."""

    space: SearchSpace
    """The space, with the options themselves."""
    name: str
    """Its name in that file."""
    is_made: bool
    """Whether it is a space of deltanas there; a mapping from decisions to options otherwise."""

    def expression(self, architecture: Architecture) -> str:
        """What the builder was given, as Python that `network.py` evaluates from `choices`."""
        if self.is_made:
            return f"{MODULE}.{self.name}.architecture(choices)"
        if all(_is_literal(architecture[each]) for each in architecture):
            return "choices"
        places = {
            each.name: position
            for each, position in zip(architecture.decisions, architecture.code, strict=True)
            if each.name in architecture
        }
        # The places of the options in the file, as their names alone would not give them back.
        rows = "\n".join(
            f"            {name!r}: list({MODULE}.{self.name}[{name!r}])[{place}],"
            for name, place in places.items()
        )
        return f"\n        {{\n{rows}\n        }}\n    "


def own_space(project: Project, file: str, fingerprint: str, name: str) -> OwnSpace | None:
    """The space of a study in a file of the user's; None if it stands elsewhere.

    Args:
        project: Runs the file, once.
        file: The builder or training function there, `my_project.py:build`.
        fingerprint: What the study stores of its space.
        name: The space's name there.
    """
    for each, value in project.values(file).items():
        found: object = value
        if isinstance(value, Mapping) and value:
            try:
                found = BlockSpace(value, name=name)
            except (SpaceError, TypeError, ValueError, AttributeError):
                continue
        if isinstance(found, SearchSpace) and found.fingerprint() == fingerprint:
            return OwnSpace(found, each, is_made=found is value)
    return None


def code_of(file: Path, names: Sequence[str]) -> dict[str, str]:
    """Texts of `project.py` and of all files of the user's that it needs, by path.

    Args:
        file: File of the builder.
        names: What `network.py` takes from it.

    Raises:
        ExportError: One has a name that the folder needs itself.
    """
    root, name = module_of(file)
    if root == file.parent:
        return {f"{MODULE}.py": file.read_text(encoding="utf-8"), **modules_of(file)}
    # A file of a package imports by where it stands: the package lies beside, and is imported.
    texts = {each.relative_to(root).as_posix(): text for each, text in _package(file).items()}
    said = '"""The builder, in the package that it was written in."""'
    front = f"{said}\n\nfrom {name} import {', '.join(names)}\n"
    return {f"{MODULE}.py": front, **texts}


def modules_of(file: Path) -> dict[str, str]:
    """Texts of the files beside one that it imports, and those that they import, by path.

    Raises:
        ExportError: One has a name that the folder needs itself.
    """
    found = _beside(file)
    for each in found:
        if each.parent == file.parent and each.stem in TAKEN:
            raise ExportError(
                f"{each} cannot lie beside the exported network, whose own files are "
                f"{' and '.join(f'{name}.py' for name in TAKEN)}; give it another name"
            )
    return {each.relative_to(file.parent).as_posix(): text for each, text in found.items()}


def _beside(file: Path) -> dict[Path, str]:
    """Texts of the files beside one that it imports, and those that they import."""
    found: dict[Path, str] = {}
    waiting = [file]
    while waiting:
        for each in _imported(waiting.pop(), file.parent):
            if each not in found and each != file:
                found[each] = each.read_text(encoding="utf-8")
                waiting.append(each)
    return found


def _package(file: Path) -> dict[Path, str]:
    """Texts of all files of the package that a file stands in; none if it stands in none."""
    root, name = module_of(file)
    if root == file.parent:
        return {}
    files = sorted((root / name.partition(".")[0]).rglob("*.py"))
    return {each: each.read_text(encoding="utf-8") for each in files}


def edition_of(function: Callable[..., object] | str) -> str:
    """Digest of the code of a function: its file, and the files of the user's that it imports.

    Args:
        function: The function, or `my_project.py:train`.

    Returns:
        Eight hexadecimal digits; empty where that cannot be told.
    """
    name = function.rpartition(":")[0] if isinstance(function, str) else ""
    if inspect.isroutine(function):
        # What a `functools.partial` or an object holds beside its code cannot be told.
        with contextlib.suppress(TypeError):
            name = inspect.getsourcefile(inspect.unwrap(function)) or ""
    file = Path(name)
    if not file.is_file():
        return ""
    try:
        texts = [file.read_text("utf-8"), *_beside(file).values(), *_package(file).values()]
    except (OSError, ValueError, SyntaxError):
        return ""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:8]


def imports_us(texts: Mapping[str, str]) -> list[str]:
    """Names of the files that import deltanas."""
    return [name for name, text in texts.items() if "deltanas" in _roots(ast.parse(text))]


def _imported(file: Path, folder: Path) -> Iterator[Path]:
    """Files in a folder that a file of it imports; of a package, all of its files."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for root in _roots(tree):
        if root in sys.stdlib_module_names:
            continue
        if (folder / f"{root}.py").is_file():
            yield folder / f"{root}.py"
        elif (folder / root / "__init__.py").is_file():
            yield from sorted((folder / root).rglob("*.py"))


def _roots(tree: ast.AST) -> set[str]:
    """First words of everything that is imported by its whole name, wherever in a file."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


def _is_literal(option: object) -> bool:
    """Whether an option reads back as it is written."""
    try:
        return bool(ast.literal_eval(repr(option)) == option)
    except (ValueError, SyntaxError, TypeError):
        return False
