"""Search spaces as the command line knows them: the published ones, and those in files."""

from deltanas.cli.terminal import say, table
from deltanas.seeds import generator
from deltanas.spaces import SearchSpace
from deltanas.spaces.published import PUBLISHED
from deltanas.spaces.space_file import read_space
from deltanas.texts import one_line

SHOWN = 12
"""Edits of the architecture that is shown."""


def published() -> tuple[SearchSpace, ...]:
    """One of each."""
    return tuple(space() for space in PUBLISHED)


def show_file(file: str) -> None:
    """Print what a space file describes.

    Raises:
        SpaceError: It describes no space; the message has the line and the key.
    """
    space = read_space(file)
    conditions = {} if space.constraints is None else space.constraints.existence
    rows = [
        (each.name, ", ".join(map(str, each.labels)), conditions[place].words)
        if place in conditions
        else (each.name, ", ".join(map(str, each.labels)), "")
        for place, each in enumerate(space.decisions)
    ]
    table(("decision", "options", "exists only if"), rows)
    exact = space.constraints is None or space.constraints.is_exact
    say()
    say(("architectures  ", "bold"), f"{'' if exact else 'at most '}{space.size:,}")
    (architecture,) = space.sample(1, generator(0, "shown"))
    say(("for example    ", "bold"), one_line(space.write(architecture)))
    edits = space.edits(architecture)
    first = f", the first {SHOWN}" if len(edits) > SHOWN else ""
    say(("its edits      ", "bold"), f"{len(edits):,}{first}:")
    for edit in edits[:SHOWN]:
        say(f"  {one_line(edit.words)}")
