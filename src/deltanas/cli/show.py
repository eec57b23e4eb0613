"""`deltanas show`: an architecture, and what is recorded of it and of its neighbours."""

import difflib

from rich.text import Text

from deltanas.benchmarks import FAMILIES, Benchmark, Surrogate, family, load
from deltanas.benchmarks.own_table import is_own_table
from deltanas.cli.cell_art import cell_art
from deltanas.cli.spaces import published
from deltanas.cli.terminal import out, say, table
from deltanas.errors import MissingDataError, UnknownNameError
from deltanas.report.cells import cell_of
from deltanas.spaces import Architecture, SearchSpace
from deltanas.texts import one_line
from deltanas.training import SPACES


def run_show(name: str, text: str) -> None:
    """Draw an architecture and list its one-edit neighbours.

    Args:
        name: A benchmark (`nasbench201:cifar10`), a table of the user's (`mine.csv`), or a space
            (`nasbench201`): then all of its data sets are shown.
        text: The architecture as `space.read` takes it.

    Raises:
        UnknownNameError: There is no space or benchmark of that name.
        ArchitectureError: The text is no architecture of the space.
    """
    known = {each: make() for each, make in SPACES.items()}
    known |= {space.name: space for space in published()}
    names = list(dict.fromkeys([*known, *(each.name for each in FAMILIES)]))
    if not (":" in name or name in names or is_own_table(name)):
        near = difflib.get_close_matches(name.lower(), names, n=2, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise UnknownNameError(
            f"there is no space or benchmark {name!r}; {hint}names are {', '.join(names)}"
        )
    benchmarks = _benchmarks(name, optional=name in known)
    space = known[name] if name in known else benchmarks[0].space
    architecture = space.read(text)
    _draw(space, architecture)
    for each in benchmarks:
        accuracy = each.evaluate(architecture)
        test = each.test_accuracy(architecture)
        say(
            (f"{each.name}  ", "bold"),
            f"{100 * accuracy:.3f} % {each.split}"
            + ("" if test is None else f", {100 * test:.3f} % test")
            + f", {_place(each, accuracy)}",
        )
    _neighbours(space, architecture, benchmarks)


def _place(benchmark: Benchmark | Surrogate, accuracy: float) -> str:
    if isinstance(benchmark, Surrogate):
        return f"said by a model; best known {100 * benchmark.best_known:.3f} %"
    return f"rank {benchmark.rank(accuracy):,} of {benchmark.size:,}"


def _benchmarks(name: str, *, optional: bool) -> list[Benchmark | Surrogate]:
    """The benchmark of that name, or all of the family; none if that is enough."""
    if name not in {each.name for each in FAMILIES} and optional:
        return []  # a space under a name of its own: hwgpt-s, darts
    names = (name,) if ":" in name else family(name).names
    try:
        return [load(each) for each in names]
    except MissingDataError as error:
        if not optional:
            raise
        say((f"no recorded accuracies: {one_line(error)}", "dim"))
        return []


def _draw(space: SearchSpace, architecture: Architecture) -> None:
    say((one_line(space.write(architecture)), "bold"))
    cell = cell_of(space, architecture)
    say()
    if cell is not None:
        out().print(cell_art(cell), soft_wrap=True, highlight=False)
    else:
        table(("decision", "choice"), [(each, architecture[each]) for each in architecture])
    say()


def _neighbours(
    space: SearchSpace, architecture: Architecture, benchmarks: list[Benchmark | Surrogate]
) -> None:
    """One row per edit that gives another network, the best first where it is known."""
    own = [each.evaluate(architecture) for each in benchmarks]
    rows = []
    for edit, child in space.neighbours(architecture):
        found = [each.evaluate(child) for each in benchmarks]
        changes = [there - here for there, here in zip(found, own, strict=True)]
        rows.append((edit.words, found, changes))
    rows.sort(key=lambda row: -row[1][0] if row[1] else 0.0)
    say()
    say((f"{len(rows)} neighbours, one edit away and another network:", "bold"))
    columns = ["edit"]
    for each in benchmarks:
        columns += [f"{each.name.partition(':')[2] or each.name} %", "change"]
    table(
        columns,
        [
            (words, *(part for pair in zip(found, changes, strict=True) for part in _shown(*pair)))
            for words, found, changes in rows
        ],
        numbers=columns[1:],
    )


def _shown(accuracy: float, change: float) -> tuple[Text, Text]:
    """Accuracy in per cent and change in points; what is better is green."""
    style = "green" if change > 0 else ""
    return Text(f"{100 * accuracy:.3f}", style), Text(f"{100 * change:+.3f}", style)
