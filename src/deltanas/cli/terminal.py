"""What the commands print with, and how they fail: in words, with the right exit code.

Nothing that comes from outside (names, options, reasons in a store) can steer the terminal.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deltanas.errors import DeltaNasError, StudyMismatchError, UnknownNameError
from deltanas.texts import harmless, one_line

BAD_INPUT = 2
"""Exit code where what was typed is wrong: a name, a number, a cell, another study's file."""
FAILURE = 1
"""Exit code where something is in the way: a file, a lock, missing data, a full disk."""
INTERRUPTED = 130
"""Exit code of a process that Ctrl-C ended, as shells have it."""

_TYPED = (StudyMismatchError, UnknownNameError, ValueError)
"""Those of our errors that say so; ours that are a ValueError are about a value given."""


def out() -> Console:
    """Where results go; made anew each time, because tests and pipes exchange `sys.stdout`."""
    return Console(file=sys.stdout)


def say(*parts: str | tuple[str, str]) -> None:
    """Print one line that is never broken, so that it can be copied.

    Args:
        parts: Texts, or texts with a style of rich; no markup is read in them, and whatever
            steers a terminal is taken out.
    """
    line = Text()
    for part in parts:
        text, style = (part, "") if isinstance(part, str) else part
        line.append(harmless(text), style)
    out().print(line, soft_wrap=True, highlight=False)


def table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, numbers: Sequence[str] = ()
) -> None:
    """Print rows under their headings; in a pipe they are as wide as they need.

    Args:
        columns: Headings.
        rows: Values, one per column.
        numbers: Headings of the columns that stand flush right.
    """
    shown = Table(box=None, header_style="bold", pad_edge=False)
    for place, column in enumerate(columns):
        shown.add_column(
            Text(one_line(column)),
            overflow="fold",
            # A name that is broken cannot be read, nor copied.
            no_wrap=place == 0,
            justify="right" if column in numbers else "left",
        )
    for row in rows:
        shown.add_row(*(each if isinstance(each, Text) else Text(one_line(each)) for each in row))
    console = out()
    if not console.is_terminal:
        console = Console(file=sys.stdout, width=200)
    console.print(shown, highlight=False)


@contextmanager
def answering(resume: Sequence[str] = ()) -> Iterator[None]:
    """Turn what goes wrong inside into words and an exit code.

    Args:
        resume: What to say after Ctrl-C: that all is saved, and how to go on.
    """
    try:
        yield
    except DeltaNasError as error:
        message = Text("error: ", "bold red").append(one_line(error), "not bold default")
        Console(file=sys.stderr).print(message, soft_wrap=True, highlight=False)
        raise typer.Exit(BAD_INPUT if isinstance(error, _TYPED) else FAILURE) from None
    except KeyboardInterrupt:
        for line in resume or ("Stopped.",):
            say(line)
        raise typer.Exit(INTERRUPTED) from None
