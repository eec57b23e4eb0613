"""Statements about decisions, read from text or given as Python: `heads divides width`.

Text is never executed: it is read into a tree of comparisons and arithmetic and worked out
here. A statement is asked for every combination of the options of the decisions that it
names, once, when a space is made, so what it costs does not matter later.
"""

import ast
import difflib
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, final

from deltanas.errors import SpaceError

PYTHON: Final = "python:"
"""How the words of a statement begin that is a Python function and cannot be read from text."""


def _of_numbers(act: Callable[[Any, Any], object]) -> Callable[[object, object], object]:
    """Arithmetic on numbers only: a text times a number could fill the memory."""

    def checked(one: object, other: object) -> object:
        if isinstance(one, int | float) and isinstance(other, int | float):
            return act(one, other)
        raise TypeError(f"arithmetic is on numbers, got {one!r:.40} and {other!r:.40}")

    return checked


_OPERATORS: Final[Mapping[type[ast.AST], Callable[..., object]]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: _of_numbers(operator.sub),
        ast.Mult: _of_numbers(operator.mul),
        ast.Div: _of_numbers(operator.truediv),
        ast.FloorDiv: _of_numbers(operator.floordiv),
        ast.Mod: _of_numbers(operator.mod),
        ast.BitOr: _of_numbers(lambda one, other: other % one == 0),  # one divides other
        ast.Eq: operator.eq,
        ast.NotEq: operator.ne,
        ast.Lt: operator.lt,
        ast.LtE: operator.le,
        ast.Gt: operator.gt,
        ast.GtE: operator.ge,
        ast.In: lambda one, several: one in several,
        ast.NotIn: lambda one, several: one not in several,
        ast.Not: operator.not_,
        ast.USub: operator.neg,
    }
)
_WORDS: Final = ("and", "or", "not", "in", "True", "False", "None")
_EXAMPLE: Final = 'write for example "depth >= 7 and act == \'relu\'" or "heads divides width"'


@final
@dataclass(frozen=True, slots=True)
class Rule:
    """Something that is true or false of the options of some decisions."""

    words: str
    """The rule as text, for messages and stores."""
    names: tuple[str, ...]
    """Decisions that it is about, none twice."""
    function: Callable[..., object]
    """Takes one value for each name, gives True or False."""
    of_labels: bool = True
    """Whether the function wants labels, which text can name, and not the options themselves."""
    texts: tuple[tuple[str, str], ...] = ()
    """Decisions, and texts that they are compared with: each should be one of its options."""


@final
class RuleReader:
    """Reads what users write about the decisions of one space."""

    def __init__(self, space: str, names: Sequence[str]) -> None:
        """Prepare for some decisions.

        Args:
            space: Name of the space, for messages.
            names: Names of its decisions. Those of letters, digits and blanks may stand in a
                rule as they are, others between backticks.
        """
        self._space = space
        self._names = tuple(names)
        plain = sorted((name for name in names if re.fullmatch(r"\w[\w ]*", name)), key=len)
        known = "|".join(rf"{re.escape(name)}(?!\w)" for name in reversed(plain)) or r"(?!)"
        words = "|".join(rf"{word}\b" for word in (*_WORDS, "divides"))
        self._token = re.compile(
            r"\s*(?:(?P<text>\"[^\"]*\"|'[^']*')|`(?P<quoted>[^`]*)`"
            rf"|(?P<word>{words})|(?P<name>{known})|(?P<other>[A-Za-z_]\w*)"
            r"|(?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
            r"|(?P<sign>==|!=|<=|>=|//|[-+*/%<>()\[\],]))"
        )

    def read(self, given: object, what: str) -> Rule:
        """The rule that a user means.

        Args:
            given: Text, or the names of some decisions and a function of their options.
            what: What it is, for messages: `condition of 'heads 7'`.

        Raises:
            SpaceError: It is neither, names a decision that is not there, or cannot be read.
        """
        if isinstance(given, str):
            return self._parsed(given, what)
        match given:
            case (str() | list() | tuple() as names, function) if callable(function):
                named = (names,) if isinstance(names, str) else tuple(map(str, names))
                for name in named:
                    self._check(name, what)
                called = getattr(function, "__qualname__", type(function).__qualname__)
                words = f"{PYTHON} {called}({', '.join(named)})"
                return Rule(words, tuple(dict.fromkeys(named)), function, of_labels=False)
        raise SpaceError(
            f"{what} of space {self._space!r} is a text, or the names of decisions and a function "
            f"of their options, got {given!r}; {_EXAMPLE}, or give "
            f"(['heads', 'width'], lambda heads, width: width % heads == 0)"
        )

    def _parsed(self, text: str, what: str) -> Rule:
        source, names = self._source(text, what)
        try:
            tree = ast.parse(source, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise SpaceError(
                f"{what} of space {self._space!r} cannot be read, got {text!r}; {_EXAMPLE}"
            ) from None
        if not names:
            raise SpaceError(
                f"{what} of space {self._space!r} names no decision, got {text!r}; its decisions "
                f"are {', '.join(self._names[:12])}"
            )

        def answer(*values: object) -> object:
            return _worked_out(tree, dict(zip(names, values, strict=True)))

        return Rule(text.strip(), tuple(names.values()), answer, texts=tuple(_texts(tree, names)))

    def _source(self, text: str, what: str) -> tuple[str, dict[str, str]]:
        """Python source with stand-ins for names, and the names of the stand-ins."""
        pieces: list[str] = []
        stand_ins: dict[str, str] = {}
        place = 0
        while text[place:].strip():
            token = self._token.match(text, place)
            if token is None:
                raise SpaceError(
                    f"{what} of space {self._space!r} cannot be read at "
                    f"{text[place:].strip()[:20]!r} in {text!r}; {_EXAMPLE}"
                )
            place = token.end()
            kind, piece = str(token.lastgroup), token[str(token.lastgroup)]
            if kind in ("quoted", "name", "other"):
                self._check(piece, what)
                piece = stand_ins.setdefault(piece, f"_{len(stand_ins)}")
            pieces.append("|" if piece == "divides" else piece)
        return " ".join(pieces), {stand_in: name for name, stand_in in stand_ins.items()}

    def _check(self, name: str, what: str) -> None:
        if name not in self._names:
            near = difflib.get_close_matches(name, self._names, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise SpaceError(
                f"{what} of space {self._space!r} names {name!r}, which is no decision; {hint}"
                f"Its decisions are {', '.join(self._names[:12])}; texts stand in quotes"
            )


def _texts(tree: ast.expr, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Decisions, and the texts that they are compared with by == and !=, or that `in` lists."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        sides = (node.left, *node.comparators)
        for act, one, other in zip(node.ops, sides, sides[1:], strict=False):
            if isinstance(act, ast.Eq | ast.NotEq):
                pairs = [(one, other), (other, one)]
            elif isinstance(other, ast.List | ast.Tuple):
                pairs = [(one, each) for each in other.elts]
            else:
                continue
            for name, said in pairs:
                match name, said:
                    case ast.Name(id=stand_in), ast.Constant(value=str(text)):
                        yield names[stand_in], text


def _worked_out(  # noqa: PLR0911  one return for each kind of node
    node: ast.expr, values: Mapping[str, object]
) -> object:
    """What a tree is worth; only what `_OPERATORS` knows is ever done."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return values[name]
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [_no_list(_worked_out(each, values)) for each in elements]
        case ast.UnaryOp(op=act, operand=operand):
            return _OPERATORS[type(act)](_worked_out(operand, values))
        case ast.BinOp(left=left, op=act, right=right):
            return _OPERATORS[type(act)](_worked_out(left, values), _worked_out(right, values))
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_worked_out(each, values) for each in parts)
        case ast.BoolOp(values=parts):
            return any(_worked_out(each, values) for each in parts)
        case ast.Compare(left=left, ops=acts, comparators=others):
            sides = [_no_list(_worked_out(left, values))]
            for sign, each in zip(acts, others, strict=True):
                side = _worked_out(each, values)
                sides.append(side if isinstance(sign, ast.In | ast.NotIn) else _no_list(side))
            return all(
                _OPERATORS[type(sign)](sides[place], sides[place + 1])
                for place, sign in enumerate(acts)
            )
    raise TypeError("only comparisons, arithmetic, and, or, not, in and divides are understood")


def _no_list(value: object) -> object:
    """The value; options that are tuples are known by their labels, which are texts."""
    if isinstance(value, list):
        text = f"({', '.join(map(repr, value))})"
        raise TypeError(
            f"a list stands behind `in` only; an option like that is {text!r}, in quotes"
        )
    return value
