"""A block space in a TOML or YAML file: decisions, conditions, rules, written without Python.

    name = "tiny-gpt"

    [decisions]
    width = [192, 384, 768]
    depth = [10, 11, 12]

    [decisions."heads {layer}"]
    options = [4, 8, 12]
    repeat = { layer = [1, 12] }
    when = "depth >= {layer}"

    [[rules]]
    rule = "heads {layer} divides width"
    repeat = { layer = [1, 12] }

YAML says the same with its own signs. Every error names the file, the line and the key.
"""

import itertools
import math
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, final

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr
from pydantic import ValidationError as NotAsDescribed

from deltanas.errors import SpaceError
from deltanas.spaces.blocks import BlockSpace
from deltanas.spaces.rules import RuleReader
from deltanas.spaces.space_yaml import read_yaml
from deltanas.spaces.tabulated import forbidden_words

Option = StrictBool | StrictInt | StrictFloat | StrictStr
Span = Annotated[list[StrictInt], Field(min_length=2, max_length=2)]
YAML: Final = (".yaml", ".yml")
"""How names of YAML files end; every other file is TOML."""
NO_OPTION: Final = ("bool_type", "int_type", "float_type", "string_type")
"""What pydantic calls a value that is none of these."""
MOST_REPEATS: Final = 10_000
"""Decisions or rules that one entry may stand for."""
LARGEST: Final = 1_000_000
"""Bytes of a file that is read."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


@final
class _Decision(_Entry):
    """One decision, or several that differ in a number."""

    options: list[Option]
    repeat: dict[str, Span] = {}
    when: StrictStr | None = None


@final
class _Rule(_Entry):
    """One rule, or several that differ in a number."""

    rule: StrictStr
    repeat: dict[str, Span] = {}


@final
class _File(_Entry):
    """A whole file."""

    name: StrictStr
    decisions: dict[str, list[Option] | _Decision]
    rules: list[StrictStr | _Rule] = []
    forbidden: list[dict[str, Option | list[Option]]] = []


def read_space(path: str | os.PathLike[str]) -> BlockSpace:
    """The space that a TOML or YAML file describes.

    Args:
        path: The file, YAML if its name ends in .yaml or .yml, else TOML;
            `docs/block_space.md` says what may stand in it.

    Raises:
        SpaceError: It cannot be read, is no TOML or YAML, or does not describe a space; the message
            has the line and the key.
    """
    file = Path(path)
    text = _text(file)
    record = read_yaml(text, str(file)) if file.suffix in YAML else _toml(text, file)
    try:
        made = _File.model_validate(record)
    except NotAsDescribed as error:
        raise _first_of(error, text, file) from None
    return _Builder(made, text, file).space()


def _toml(text: str, file: Path) -> object:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # among them TOMLDecodeError
        other = "" if file.suffix == ".toml" else ", or give a file that ends in .toml or .yaml"
        raise SpaceError(f"{file} is no TOML: {error}; correct that line{other}") from None


@final
class _Builder:
    """Writes out what is repeated, and says where it stood when something is wrong."""

    def __init__(self, made: _File, text: str, file: Path) -> None:
        self._made, self._text, self._file = made, text, file
        self._stood: dict[str, tuple[str, ...]] = {}

    def space(self) -> BlockSpace:
        """The space."""
        options, conditions = self._decisions()
        reader = RuleReader(self._made.name, list(options))
        for name, when in conditions.items():
            self._check(reader, when, (*self._stood[name], "when"))
        rules = self._rules()
        for rule in rules:
            self._check(reader, rule, self._stood[rule])
        self._note_forbidden()
        try:
            return BlockSpace(
                options,
                name=self._made.name,
                conditions=conditions,
                rules=rules,
                forbidden=self._made.forbidden,
            )
        except SpaceError as error:
            words = re.findall(r"'([^']+)'|\"([^\"]+)\"", str(error))
            quoted = sorted(("".join(each) for each in words), key=len, reverse=True)
            known = [self._stood[word] for word in quoted if word in self._stood]
            found = [(word,) for word in quoted if word in self._text and word != self._made.name]
            raise self._error([*known, *found, ()][0], str(error)) from None

    def _decisions(self) -> tuple[dict[str, Sequence[object]], dict[str, str]]:
        """Options and conditions by name."""
        options: dict[str, Sequence[object]] = {}
        conditions: dict[str, str] = {}
        for pattern, each in self._made.decisions.items():
            entry = each if isinstance(each, _Decision) else _Decision(options=each)
            keys = ("decisions", pattern)
            for name, when in self._written_out((pattern, entry.when or ""), entry.repeat, keys):
                if name in options:
                    raise self._error(keys, f"the decision {name!r} is there twice; rename one")
                options[name] = entry.options
                self._stood[name] = keys
                if entry.when is not None:
                    conditions[name] = when
        return options, conditions

    def _rules(self) -> list[str]:
        rules = []
        for each in self._made.rules:
            entry = each if isinstance(each, _Rule) else _Rule(rule=each)
            keys = ("rules", entry.rule)
            for (rule,) in self._written_out((entry.rule,), entry.repeat, keys):
                self._stood[rule] = keys
                rules.append(rule)
        return rules

    def _note_forbidden(self) -> None:
        """Where each combination stands: its last option has a line of its own."""
        for each in self._made.forbidden:
            keys = ["forbidden"]
            for name, given in each.items():
                keys += [name, *map(str, given if isinstance(given, list) else [given])]
            self._stood[forbidden_words(each)] = tuple(keys)

    def _written_out(
        self, patterns: tuple[str, ...], repeat: Mapping[str, Sequence[int]], keys: tuple[str, ...]
    ) -> Iterator[tuple[str, ...]]:
        """The texts with every combination of the numbers in place of `{name}`."""
        ranges = [range(first, last + 1) for first, last in repeat.values()]
        if not 0 < math.prod(map(len, ranges)) <= MOST_REPEATS:
            raise self._error(
                keys,
                f"repeat is a first and a last number, at most {MOST_REPEATS:,} in all, got "
                f"{dict(repeat)}; write for example repeat = {{ layer = [1, 12] }}",
            )
        for numbers in itertools.product(*ranges):
            texts = patterns
            for name, number in zip(repeat, numbers, strict=True):
                texts = tuple(text.replace(f"{{{name}}}", str(number)) for text in texts)
            yield texts

    def _check(self, reader: RuleReader, words: str, keys: tuple[str, ...]) -> None:
        try:
            reader.read(words, "a rule" if keys[0] == "rules" else "`when`")
        except SpaceError as error:
            raise self._error(keys, str(error)) from None

    def _error(self, keys: Sequence[str], words: str) -> SpaceError:
        return _error(keys, words, self._text, self._file)


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST:
            raise SpaceError(
                f"{file} has {file.stat().st_size:,} bytes, more than the {LARGEST:,} that a space "
                f"takes; use `repeat` for decisions that differ in a number"
            )
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise SpaceError(
            f"the space file {file} cannot be read ({error.strerror}); give the path of a "
            f"TOML or YAML file"
        ) from None
    except UnicodeDecodeError:
        raise SpaceError(
            f"the space file {file} is not text in UTF-8; give the path of a TOML or YAML file"
        ) from None


def _first_of(error: NotAsDescribed, text: str, file: Path) -> SpaceError:
    """The first thing that is wrong, at the deepest key that is in the file."""
    found: Any = max(error.errors(), key=lambda each: len(each["loc"]))
    keys = [part for part in found["loc"] if isinstance(part, str) and part in text]
    given = "" if found["type"] == "missing" else f", got {str(found['input'])[:60]!r}"
    missing = [part for part in found["loc"] if isinstance(part, str)][-1:]
    name = f" {missing[0]!r}" if found["type"] in ("missing", "extra_forbidden") else ""
    if found["type"] in NO_OPTION and found["loc"][0] == "decisions" and "repeat" not in keys:
        null = found["input"] is None
        given = ', got null; write "null" for one of that name' if null else given
        return _error(keys, f"an option is a word, a number, true or false{given}", text, file)
    return _error(
        keys,
        f"{found['msg'].lower()}{name}{given}; a space has `name`, `decisions` (a list, or "
        f"`options` with `repeat` and `when`), `rules` and `forbidden`",
        text,
        file,
    )


def _error(keys: Sequence[str], words: str, text: str, file: Path) -> SpaceError:
    where = f"{file}, line {_line(keys, text)}" if keys else str(file)
    key = f", key {'.'.join(keys)!r}" if keys else ""
    return SpaceError(f"{where}{key}: {words}")


def _line(keys: Sequence[str], text: str) -> int:
    """Number of the line where the last of some nested keys stands."""
    lines = text.splitlines()
    place = 0
    for key in keys:
        quoted = re.escape(key)
        pattern = re.compile(rf"(?<![\w-]){quoted}(?![\w-])")
        for number in range(place, len(lines)):
            if pattern.search(lines[number].partition(" #")[0]):
                place = number
                break
    return place + 1
