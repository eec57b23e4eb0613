"""What the commands print with: nothing that comes from outside can steer the terminal."""

import re
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

console = Console()
_errors = Console(stderr=True)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def plain(text: object) -> str:
    """A value without control characters and markup."""
    return escape(_CONTROL.sub("", str(text)))


def fail(error: Exception) -> None:
    """Show an error as one message."""
    _errors.print(f"[bold red]error:[/] {plain(error)}", soft_wrap=True)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under their headings."""
    shown = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        shown.add_row(*row)
    console.print(shown)
