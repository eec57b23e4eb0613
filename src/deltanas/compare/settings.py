"""Settings of methods as text, `name:setting=value`: read, and checked before anything runs."""

import inspect
from collections.abc import Callable
from typing import Final, Literal, get_args, get_origin

from deltanas.compare.own_method import check_call, is_own_method, split
from deltanas.compare.protocol import ComparisonError
from deltanas.errors import UnknownNameError
from deltanas.search import DeltaEvolution

GIVEN: Final = ("space", "seed", "starts")
"""What methods are made with besides settings; the comparison gives it, the same to all."""


def settings_of(method: str) -> dict[str, object]:
    """Settings after the name; numbers and true/false become what they say.

    Raises:
        ComparisonError: A part is no setting.
    """
    settings: dict[str, object] = {}
    for part in split(method)[1]:
        name, equals, text = part.partition("=")
        if not equals:
            raise ComparisonError(
                f"expected settings as 'name:setting=value', got {part!r} in {method!r}"
            )
        settings[name] = _read(text)
    return settings


def check_settings(method: str, maker: Callable[..., object]) -> None:
    """Refuse settings that a method does not have, and values that they cannot take.

    A method of the user's own takes what its signature takes.

    Args:
        method: Name and settings.
        maker: What makes it, annotated: settings are whole numbers, or a `Literal` of words.

    Raises:
        UnknownNameError: There is no setting of that name.
        ComparisonError: A value is no whole number, or none of the words; or a method of the
            user's own cannot be called so.
    """
    if is_own_method(method):
        check_call(method, maker, settings_of(method))
        return
    possible = possible_settings(maker)
    for name, value in settings_of(method).items():
        if name not in possible:
            raise UnknownNameError(
                f"method {method.partition(':')[0]!r} has no setting {name!r} to compare; "
                f"it has {', '.join(possible) or 'none'}"
            )
        words = get_args(possible[name]) if get_origin(possible[name]) is Literal else ()
        if value not in words if words else type(value) is not int:
            expected = f"one of {', '.join(words)}" if words else "a whole number"
            raise ComparisonError(f"expected {name} as {expected}, got {value!r} in {method!r}")


def possible_settings(maker: Callable[..., object]) -> dict[str, object]:
    """Annotation of each setting by name, a whole number or a `Literal` of words.

    Ablations hand on what is the evolution's. What no text can say, such as its advisor, is
    no setting.
    """
    found: dict[str, object] = {}
    for name, parameter in inspect.signature(maker).parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            found |= possible_settings(DeltaEvolution)
        elif name not in GIVEN and _is_typed(parameter.annotation):
            found[name] = parameter.annotation
    return found


def _is_typed(annotation: object) -> bool:
    return annotation is int or get_origin(annotation) is Literal


def _read(text: str) -> object:
    if text in ("true", "false"):
        return text == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text
