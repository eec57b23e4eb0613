"""YAML as far as a space file needs it: plain values, nothing twice, nothing executed.

Three things of YAML 1.1 surprise people and are left out: `on`, `off`, `yes` and `no` are texts
here, not truth values; numbers with colons and dates are texts; and aliases, by which a small
file can stand for a huge one, are refused.
"""

import re
from typing import ClassVar, Final, final

import yaml

from deltanas.errors import SpaceError

_PLAIN: Final = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan",
        "-+0123456789.",
    ),
    ("null", r"~|null|Null|NULL|", "~nN"),
)
"""What a text without quotes may stand for, and how it begins; the core schema of YAML 1.2."""
_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str", *(each[0] for each in _PLAIN))
)
"""Kinds of values that are read."""


@final
class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # it has no types
    """PyYAML's safe loader, stricter."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[object]]] = {}

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        """Read a value; aliases, and what is no plain value, are refused."""
        if self.check_event(yaml.AliasEvent):
            raise _problem("aliases (*) are not read", self.peek_event().start_mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        if node is not None and node.tag not in _TAGS:
            raise _problem(f"values of the kind {node.tag!r} are not read", node.start_mark)
        if isinstance(node, yaml.MappingNode):
            _check_keys(node)
        return node


def _check_keys(node: yaml.MappingNode) -> None:
    """Refuse a key that is there twice, or no single value."""
    seen: set[object] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _problem("a key is one text, not several values", key.start_mark)
        if key.value in seen:
            raise _problem(f"the key {key.value!r} is there twice", key.start_mark)
        seen.add(key.value)


def _problem(words: str, mark: yaml.Mark) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=words, problem_mark=mark)


for _name, _pattern, _first in _PLAIN:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_name}", re.compile(rf"^(?:{_pattern})$"), [*_first, ""]
    )


def read_yaml(text: str, name: str) -> object:
    """The value in a YAML text.

    Args:
        text: One document.
        name: Name of the file, for messages.

    Raises:
        SpaceError: It is no YAML, or uses what is left out here; the message has the line.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, see above
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = "" if mark is None else f"line {mark.line + 1}: "
        problem = f"{line}{error.problem or error.context}"
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        problem = str(error)
    raise SpaceError(f"{name} is no YAML that is read here: {problem}; correct that line")
