"""Numbers as users type them; the messages repeat what came, which typer's own do not."""

import math

import typer


def whole(text: str | int) -> int:
    """A whole number; typer's own message does not repeat what came."""
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(
            f"expected a whole number, got {text!r}; give digits alone, for example 7"
        ) from None


def positive(text: str | int) -> int:
    """A whole number of 1 or more."""
    number = whole(text)
    if number < 1:
        raise typer.BadParameter(f"expected 1 or more, got {number}; give for example 4")
    return number


def shape(text: str) -> str:
    """Sizes with commas between them, each 1 or more."""
    if not text:
        return text
    sizes = [each.strip() for each in text.split(",")]
    if not all(each.isdecimal() and int(each) for each in sizes):
        raise typer.BadParameter(
            f"expected the shape of one input without the batch, got {text!r}; give for example "
            f"3,32,32"
        )
    return ",".join(sizes)


def seconds(text: str | float) -> float:
    """Seconds, more than none."""
    return _above_zero(text, "a number of seconds", "600")


def share(text: str | float) -> float:
    """How much of something a training gets; more than none."""
    return _above_zero(text, "a number", "0.5")


def _above_zero(text: str | float, what: str, example: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not (found > 0 and math.isfinite(found)):
        raise typer.BadParameter(
            f"expected {what} above 0, got {text!r}; give for example {example}"
        )
    return found
