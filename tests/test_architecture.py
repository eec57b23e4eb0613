"""The plan of the house, enforced: who may import whom, and how large a room gets.

A room is the first name under src/deltanas: a folder, or a file that may become one.
The rules read source text only, so they hold for code that no test runs.
"""

import ast
import graphlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent / "src" / "deltanas"

MAY_IMPORT = {
    "errors": set(),
    # What is shown of texts from outside: every room that shows something asks it.
    "texts": set(),
    # How accuracies are shown: every room that shows some.
    "scale": set(),
    # Files of arrays: every room that reads some.
    "archives": {"errors"},
    "seeds": {"errors"},
    "spaces": {"errors"},
    "records": {"errors", "spaces"},
    "encoding": {"errors", "spaces"},
    "pairs": {"errors", "archives", "spaces", "records", "encoding"},
    # spaces: a predictor is asked about codes, and codes are a value of spaces.
    "predictor": {"errors", "seeds", "spaces", "encoding", "pairs"},
    # What may be proposed: below everything that searches, stores or looks up.
    "limits": {"errors", "spaces"},
    "search": {
        *("errors", "seeds", "spaces", "records", "encoding", "pairs", "predictor"),
        "limits",  # costs that are objectives have the names that limits know
    },
    "evaluation": {"errors", "seeds", "spaces", "records"},
    "benchmarks": {
        *("errors", "archives", "seeds", "spaces", "records", "limits", "evaluation"),
    },
    # Networks as torch modules: what trains and what counts costs builds them.
    "networks": {"errors", "spaces"},
    # seeds and limits: what takes long is measured for a sample, near the limits of a study.
    "costs": {"errors", "seeds", "spaces", "networks", "limits"},
    # Scores of untrained networks, as features of their space.
    "scores": {"errors", "seeds", "spaces", "networks"},
    # Real trainings; whoever searches hands them to an evaluator.
    "training": {
        *("archives",),
        "errors",
        "seeds",
        "spaces",
        "records",
        "evaluation",
        "networks",
        "costs",
    },
    "study": {"errors", "scale", "seeds", "spaces", "records", "limits", "search", "evaluation"},
    # Tools that watch a study, and know what it tells; tools that search a space in their own
    # studies, where a part of a trial may be drawn at random.
    "integrations": {"errors", "seeds", "spaces", "records", "limits", "search", "study"},
    "report": {
        "errors",
        "seeds",
        "spaces",
        "records",
        "encoding",
        "pairs",
        "predictor",
        "limits",
        "search",
        "study",
        "texts",
        "scale",
    },
}
"""Room -> the rooms it may import, besides itself."""

MAY_IMPORT["testing"] = {
    *("errors", "seeds", "spaces", "records", "encoding", "pairs"),
    *("predictor", "limits", "search", "evaluation", "benchmarks"),
}
MAY_IMPORT["compare"] = set(MAY_IMPORT)
# The winner as a plain model: it reads a study, trains again and counts costs.
MAY_IMPORT["export"] = {
    *("errors", "seeds", "spaces", "records", "evaluation", "study"),
    *("networks", "costs", "training", "texts", "scale"),
}
MAY_IMPORT["cli"] = set(MAY_IMPORT)

ENTRANCE = ("__init__", "__main__")
"""Files of the house itself; they show what is in the rooms and may import all of them."""

MAY_USE = {
    "matplotlib": ("report",),
    "optuna": ("study", "integrations", "compare.peers"),
    # One file downloads; what it must never do is easier to see there.
    "pooch": ("benchmarks.fetching",),
    # Comes with pooch.
    "requests": ("benchmarks.fetching",),
    "ray": ("evaluation.ray", "integrations.ray_tune"),
    "mnist1d": ("training.sources",),
    "onnx": ("export",),
    "onnxruntime": ("export",),
    "safetensors": ("export",),
    "sklearn": ("compare.peers", "training.sources"),
    "smac": ("compare.peers",),
    "threadpoolctl": ("search.one_thread",),
    # One file reads YAML; that it never executes anything is easier to see there.
    "yaml": ("spaces.space_yaml",),
    "torch": (
        *("spaces", "predictor", "evaluation", "compare"),
        *("networks", "costs", "scores", "training", "export"),
        "integrations.tensorboard",
    ),
}
"""Large package -> the rooms or files that may import it, at the top or inside a function."""

NO_NAMES = {"common", "core", "helper", "helpers", "misc", "util", "utils"}
"""Names that say nothing about what is inside."""

LINES = 300

LONGER: dict[str, str] = {}
"""File of more than `LINES` lines -> why it is not two files."""


@dataclass(frozen=True)
class Import:
    """One imported name."""

    name: str
    """Dotted, e.g. `deltanas.spaces.Edit`, whichever way it was written."""
    line: int
    local: bool
    """Whether it stands inside a function."""


@dataclass(frozen=True)
class Source:
    """One file of the house."""

    module: str
    """Dotted and without `deltanas`, e.g. `spaces.base`; a package ends in `.__init__`."""
    text: str

    @property
    def room(self) -> str:
        return self.module.partition(".")[0]

    @property
    def is_entrance(self) -> bool:
        return self.module in ENTRANCE

    @property
    def imports(self) -> list[Import]:
        return list(_imports(ast.parse(self.text), local=False))


def _imports(node: ast.AST, *, local: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import(names=names):
                yield from (Import(alias.name, child.lineno, local) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                start = "." * level + (module or "")
                yield from (Import(f"{start}.{a.name}", child.lineno, local) for a in names)
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__")
                | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield Import(name, child.lineno, local)
        function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from _imports(child, local=local or function)


def _within(name: str, place: str) -> bool:
    return f"{name}.".startswith(f"{place}.")


def forbidden_rooms(source: Source) -> list[str]:
    if source.is_entrance:
        return []
    offences = []
    for each in source.imports:
        if not _within(each.name, "deltanas"):
            continue
        room = f"{each.name}..".split(".")[1]
        if room != source.room and room not in MAY_IMPORT.get(source.room, ()):
            offences.append(f"{source.module}:{each.line} imports {each.name}")
    return offences


def forbidden_packages(source: Source) -> list[str]:
    return [
        f"{source.module}:{each.line} imports {each.name}"
        for each in source.imports
        for package, places in MAY_USE.items()
        if _within(each.name, package) and not any(_within(source.module, p) for p in places)
    ]


def hidden_imports(source: Source) -> list[str]:
    # The command line loads a command's rooms when it runs it, and a package may load its
    # names when they are first used; both keep `--help` and `import deltanas` fast.
    may_wait = source.room == "cli" or source.module.endswith("__init__")
    return [
        f"{source.module}:{each.line} imports {each.name}"
        + (" inside a function" if each.local else " with dots")
        for each in source.imports
        if (each.local and not may_wait and _within(each.name, "deltanas"))
        or each.name.startswith(".")
    ]


def type_checking_blocks(source: Source) -> list[str]:
    # Whole words of the syntax tree; a comment or a docstring may speak of it.
    word = "TYPE_CHECKING"
    return [
        f"{source.module}:{node.lineno} uses {word}"
        for node in ast.walk(ast.parse(source.text))
        if (isinstance(node, ast.Name) and node.id == word)
        or (isinstance(node, ast.Attribute) and node.attr == word)
        or (isinstance(node, ast.alias) and node.name == word)
    ]


def names_that_say_nothing(source: Source) -> list[str]:
    return [source.module for part in source.module.split(".") if part.lstrip("_") in NO_NAMES]


def circle(sources: list[Source]) -> list[str]:
    """Modules that import each other in a circle, the first one repeated; empty if none do."""
    modules = {f"deltanas.{source.module}".removesuffix(".__init__") for source in sources}

    def file_of(name: str) -> str | None:
        while name and name not in modules:
            name = name.rpartition(".")[0]
        return name or None

    graph = {
        f"deltanas.{source.module}".removesuffix(".__init__"): {
            target for each in source.imports if not each.local and (target := file_of(each.name))
        }
        for source in sources
        if not source.is_entrance
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


def _read(path: Path) -> Source:
    module = ".".join(path.relative_to(HOUSE).with_suffix("").parts)
    return Source(module, path.read_text(encoding="utf-8"))


SOURCES = [_read(path) for path in sorted(HOUSE.rglob("*.py"))]


def _planted(module: str, text: str) -> Source:
    return Source(module, text)


def test_the_house_has_rooms_to_check():
    assert {"errors", "seeds", "spaces"} <= {source.room for source in SOURCES}


def test_every_room_is_in_the_table():
    rooms = {source.room for source in SOURCES if not source.is_entrance}
    assert sorted(rooms - set(MAY_IMPORT)) == [], "new room? say in MAY_IMPORT whom it may import"


def test_the_table_has_no_circle():
    order = list(graphlib.TopologicalSorter(MAY_IMPORT).static_order())
    assert order[0] == "errors"
    assert set(order) == set(MAY_IMPORT)


@pytest.mark.parametrize(
    "rule",
    [
        forbidden_rooms,
        forbidden_packages,
        hidden_imports,
        type_checking_blocks,
        names_that_say_nothing,
    ],
)
def test_every_file_keeps_the_rule(rule):
    assert [offence for source in SOURCES for offence in rule(source)] == []


def test_no_modules_import_each_other_in_a_circle():
    assert circle(SOURCES) == []


def test_a_file_is_short_or_says_why_not():
    long = {
        f"{source.module}: {len(source.text.splitlines())} lines"
        for source in SOURCES
        if len(source.text.splitlines()) > LINES and source.module not in LONGER
    }
    assert sorted(long) == [], f"more than {LINES} lines: make it a folder, or say why in LONGER"


def test_every_exception_to_the_length_is_still_needed():
    lines = {source.module: len(source.text.splitlines()) for source in SOURCES}
    assert [module for module in LONGER if lines.get(module, 0) <= LINES] == []


# A rule that finds nothing proves nothing: each one finds an offence planted here.


@pytest.mark.parametrize(
    "line",
    [
        "import deltanas.study",
        "import deltanas.study as s",
        "from deltanas import study",
        "from deltanas.study import Study",
        "from deltanas import Study",  # the entrance knows everything: no short cut through it
        "def f():\n    from deltanas.study import Study",
        "importlib.import_module('deltanas.study')",
    ],
)
def test_a_room_that_imports_a_higher_one_is_found(line):
    assert len(forbidden_rooms(_planted("spaces.cells", line))) == 1


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("spaces.cells", "from deltanas.errors import SpaceError"),
        ("spaces.cells", "from deltanas.spaces.edits import Edit"),
        ("spaces.cells", "import deltanastic.study"),
        ("cli.app", "from deltanas.study import Study"),
        ("__init__", "from deltanas.study import Study"),
    ],
)
def test_a_room_that_imports_a_lower_one_is_left_alone(module, line):
    assert forbidden_rooms(_planted(module, line)) == []


def test_search_and_evaluation_never_see_each_other():
    assert forbidden_rooms(_planted("search.base", "from deltanas.evaluation import Evaluator"))
    assert forbidden_rooms(_planted("evaluation.base", "from deltanas.search import Searcher"))


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("search.base", "import torch"),
        ("search.base", "from torch.nn import Linear"),
        ("search.base", "def f():\n    import optuna"),
        ("study_page.draw", "import optuna"),  # begins like a room that may, but is another one
        ("cli.app", "import matplotlib.pyplot as plt"),
        ("evaluation.rays", "import ray"),
    ],
)
def test_a_large_package_outside_its_place_is_found(module, line):
    assert len(forbidden_packages(_planted(module, line))) == 1


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("study", "import optuna"),
        ("study.store", "import optuna"),
        ("report.figures", "import matplotlib.pyplot as plt"),
        ("evaluation.ray", "import ray"),
        ("search.base", "import torchless"),
    ],
)
def test_a_large_package_in_its_place_is_left_alone(module, line):
    assert forbidden_packages(_planted(module, line)) == []


def test_imports_hidden_in_functions_or_dots_are_found():
    local = "def f():\n    from deltanas.errors import SpaceError"
    method = "class A:\n    def f(self):\n        import deltanas.errors"
    assert hidden_imports(_planted("spaces.cells", local))
    assert hidden_imports(_planted("spaces.cells", method))
    assert hidden_imports(_planted("spaces.cells", "from .edits import Edit"))
    assert hidden_imports(_planted("spaces.cells", "from deltanas.errors import SpaceError")) == []
    assert hidden_imports(_planted("cli.search", local)) == []
    assert hidden_imports(_planted("__init__", local)) == []


def test_imports_for_the_type_checker_only_are_found():
    assert type_checking_blocks(_planted("pairs", "from typing import TYPE_CHECKING"))
    assert type_checking_blocks(_planted("pairs", "if typing.TYPE_CHECKING: import x"))
    assert type_checking_blocks(_planted("pairs", "'''No TYPE_CHECKING here.'''")) == []


def test_a_name_that_says_nothing_is_found():
    assert names_that_say_nothing(_planted("utils.paths", ""))
    assert names_that_say_nothing(_planted("spaces._helpers", ""))
    assert names_that_say_nothing(_planted("spaces.corelation", "")) == []


def test_a_circle_is_found_but_a_table_of_contents_is_none():
    contents = _planted("spaces.__init__", "from deltanas.spaces.base import SearchSpace")
    base = _planted("spaces.base", "from deltanas.spaces.edits import Edit")
    edits = _planted("spaces.edits", "import dataclasses")
    assert circle([contents, base, edits]) == []
    backwards = _planted("spaces.edits", "from deltanas.spaces.base import SearchSpace")
    assert set(circle([contents, base, backwards])) == {
        "deltanas.spaces.base",
        "deltanas.spaces.edits",
    }
    through_the_door = _planted("spaces.edits", "from deltanas.spaces import SearchSpace")
    assert "deltanas.spaces" in circle([contents, base, through_the_door])
