"""A project of the user's: space and training function by name, from a Python file.

A space may stand in a TOML or YAML file as well.

The file is run once, as `import` would run it: its folder is on the path, and it finds its own
classes again when something is unpickled.
"""

import difflib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final, final

from deltanas.errors import DeltaNasError, ProjectError
from deltanas.spaces import BlockSpace, SearchSpace
from deltanas.spaces.space_file import read_space
from deltanas.training.travel import arrived, travelling

SPACE_FILE: Final = (".toml", ".yaml", ".yml")
"""How the names of space files end."""


def is_reference(text: str) -> bool:
    """Whether a text means something in a file: `my_project.py:space`, `space.toml`."""
    file, colon, _ = text.rpartition(":")
    return text.endswith(SPACE_FILE) or (file if colon else text).endswith(".py")


@final
class Project:
    """Reads names from Python files; each file is run once."""

    def __init__(self) -> None:
        """Begin with no file read."""
        self._modules: dict[Path, ModuleType] = {}

    def space(self, reference: str) -> SearchSpace:
        """The search space that a reference means.

        Args:
            reference: `file.py:name`. The name stands for a space, for a mapping from
                decisions to their options, or for a function that returns one of the two. Or
                a space file, `space.toml` or `space.yaml`.

        Raises:
            ProjectError: The file or the name is not there, or it is no space.
            SpaceError: The space file describes no space.
        """
        if reference.endswith(SPACE_FILE):
            return read_space(reference)
        found = self.made(reference)
        if isinstance(found, SearchSpace):
            return found
        if isinstance(found, Mapping):
            return BlockSpace(found, name=_names(reference)[0].stem)
        raise ProjectError(
            f"expected a search space under {reference}, got {_shown(found)}; make it a "
            f"deltanas.BlockSpace, a mapping such as {{'depth': [2, 4]}}, or a function that "
            f"returns one"
        )

    def made(self, reference: str) -> object:
        """What a reference means: a value, or what a function without arguments returns.

        Raises:
            ProjectError: The file or the name is not there, or the function raises.
        """
        found = self._get(reference)
        if callable(found) and not isinstance(found, SearchSpace):
            return self._called(found, reference)
        return found

    def function(
        self,
        reference: str,
        wanted: str = "a training function",
        remedy: str = "define `def train(architecture, context)` that returns an accuracy",
    ) -> Callable[..., object]:
        """The function that a reference means.

        Args:
            reference: `file.py:name`.
            wanted: What it should be, for the message if it is none.
            remedy: How to make it one, for the same.

        Raises:
            ProjectError: The file or the name is not there, or it is no function.
        """
        found = self._get(reference)
        if not callable(found) or isinstance(found, SearchSpace):
            raise ProjectError(
                f"expected {wanted} under {reference}, got {_shown(found)}; {remedy}"
            )
        return found

    def values(self, reference: str) -> dict[str, object]:
        """All that stands in the file of a reference under a public name, but for modules.

        Raises:
            ProjectError: The file is not there, or raises.
        """
        module = self._module(_names(reference)[0], reference)
        return {
            name: value
            for name, value in vars(module).items()
            if not name.startswith("_") and not isinstance(value, ModuleType)
        }

    def _get(self, reference: str) -> object:
        path, name = _names(reference)
        module = self._module(path, reference)
        if not hasattr(module, name):
            names = list(self.values(reference))
            near = difflib.get_close_matches(name, names, n=2, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}? " if near else ""
            raise ProjectError(
                f"there is no {name!r} in {path}; {hint}it defines "
                f"{', '.join(names[:12]) or 'nothing'}"
            )
        found: object = getattr(module, name)
        return found

    def _module(self, path: Path, reference: str) -> ModuleType:
        whole = path.absolute()
        if whole in self._modules:
            return self._modules[whole]
        if not whole.is_file():
            raise ProjectError(
                f"there is no file {path}, which {reference} names; mind the folder that you are "
                f"in, {Path.cwd()}"
            )
        root, name = module_of(whole)
        if str(root) not in sys.path:
            sys.path.insert(0, str(root))
        try:
            module = _imported(whole, name)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the user's code raises
            if isinstance(error, DeltaNasError) and error.__cause__ is None:
                # Its message says all that there is to say; a traceback would be of our code.
                line = line_in(whole, error) or "it"
                raise ProjectError(
                    f"{path} could not be imported, because of {line}: {error}"
                ) from None
            _show_own(error, whole)
            raise ProjectError(
                f"{path} could not be imported, it raised {type(error).__name__} (its traceback "
                f"stands above); correct that, `python {_started(path, name)}` should run through"
            ) from None
        self._modules[whole] = module
        return module

    def _called(self, function: Callable[..., object], reference: str) -> object:
        try:
            return function()
        except DeltaNasError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the user's code raises
            _show_own(error, _names(reference)[0].absolute())
            raise ProjectError(
                f"{reference} could not be made, it raised {type(error).__name__} (its "
                f"traceback stands above); it is called without arguments"
            ) from None


@final
@dataclass(frozen=True, slots=True)
class Named:
    """Gives a function of a file; travels to other processes as a name."""

    reference: str
    """`my_project.py:train`."""

    def __call__(self) -> Callable[..., object]:
        """Run the file and take the function.

        Raises:
            ProjectError: The file or the name is not there, or it is no function.
        """
        arrived(str(_names(self.reference)[0]))
        return Project().function(self.reference)

    def __reduce__(self) -> tuple[object, ...]:
        """Travel with a path that holds in other folders and on other machines."""
        path, name = _names(self.reference)
        return Named, (f"{travelling(str(path))}:{name}",)


def _names(reference: str) -> tuple[Path, str]:
    """File and name of a reference.

    Raises:
        ProjectError: One of the two is missing.
    """
    file, _, name = reference.rpartition(":")
    if not file.endswith(".py") or not name.isidentifier():
        raise ProjectError(
            f"expected a file and a name such as my_project.py:train, got {reference!r}; write the "
            f"two with a colon between them"
        )
    return Path(file).expanduser(), name


def module_of(file: Path) -> tuple[Path, str]:
    """The folder that a file is imported from, and its name there: `tr`, in a package `pkg.tr`."""
    folder, parts = file.parent, [file.stem]
    while (folder / "__init__.py").is_file() and folder.name.isidentifier():
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts)


def _imported(file: Path, name: str) -> ModuleType:
    """The module of a file, run once: as itself if its name is free, or taken by that very file.

    Raises:
        Exception: Whatever the file raises.
    """
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) == str(file):
        return known
    if "." in name:
        return importlib.import_module(name)
    if known is not None:
        name = f"deltanas_project_{name}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} cannot be read as Python; name a file that ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _started(path: Path, name: str) -> str:
    return f"-m {name}" if "." in name else str(path)


def line_in(file: Path, error: BaseException) -> str:
    """The last line of the user's file on the way to an error, `line 12`; empty if it has none."""
    steps = traceback.extract_tb(error.__traceback__)
    return next((f"line {each.lineno}" for each in steps[::-1] if each.filename == str(file)), "")


def _show_own(error: BaseException, file: Path) -> None:
    """Print a traceback from the user's file on; what lies above it is ours."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != str(file):
        trace = trace.tb_next
    traceback.print_exception(type(error), error, trace or None, file=sys.stderr)


def _shown(value: object) -> str:
    return f"{str(value)[:60]!r} ({type(value).__name__})"
