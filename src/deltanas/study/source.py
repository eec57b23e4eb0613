"""Whether the training function is still the one whose accuracies a study holds.

A study belongs to the *name* of a training function, so a mistake in it can be corrected and the
study goes on. But then accuracies from before and after are mixed, so each edit is noted in the
store, with the number of trials that there were, and is told.
"""

import ast
import functools
import hashlib
import inspect
import io
import tokenize
from collections.abc import Callable
from typing import Final

SOURCES: Final = "deltanas sources"
"""Attribute of the Optuna study: pairs of a digest and the trials that there were before it."""
_UNSEEN: Final = (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING)

Sources = list[tuple[str, int]]


def digest_of(function: Callable[..., object] | None) -> str | None:
    """A digest of a function's source; comments and blank lines do not count.

    Only the function itself is looked at, or the class of an object that is called, not what it
    calls in turn. None where the source cannot be had: built-in functions, compiled ones, one of
    several lambdas in a statement.
    """
    while isinstance(function, functools.partial):
        function = function.func
    if function is None:
        return None
    found = inspect.unwrap(function)
    if not (inspect.isroutine(found) or inspect.isclass(found)):
        found = type(found)
    try:
        text = inspect.getsource(found)
        if getattr(found, "__name__", "") == "<lambda>":
            text = _only_lambda(text)
        tokens = tokenize.generate_tokens(io.StringIO(inspect.cleandoc(f"\n{text}")).readline)
        words = [each.string for each in tokens if each.type not in _UNSEEN]
    except (OSError, TypeError, SyntaxError, tokenize.TokenError):
        return None
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def _only_lambda(text: str) -> str:
    """The one lambda of a statement, whose other parts may change, such as a budget.

    Raises:
        SyntaxError: There are several, or the text is a part of a statement only.
    """
    tree = ast.parse(inspect.cleandoc(f"\n{text}"))
    lambdas = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda)]
    if len(lambdas) != 1:
        raise SyntaxError("which of the lambdas it is cannot be told")
    return ast.unparse(lambdas[0])


def noted(stored: object) -> Sources:
    """What was noted before; whatever is no such list is left out."""
    if not isinstance(stored, list):
        return []
    return [
        (each[0], each[1])
        for each in stored
        if isinstance(each, list) and len(each) == 2  # noqa: PLR2004 - digest and number
        if isinstance(each[0], str) and isinstance(each[1], int)
    ]


def edits_in(sources: Sources) -> tuple[int, ...]:
    """How many trials there were at each edit."""
    return tuple(number for _, number in sources[1:])


def edit_words(edits: tuple[int, ...]) -> str:
    """The warning; empty without edits."""
    if not edits:
        return ""
    after = ", ".join(map(str, edits))
    return (
        f"the training function was edited after {after} trials; accuracies before and after are "
        f"in one study and may not be comparable. If the edit changes them, begin a new study"
    )
