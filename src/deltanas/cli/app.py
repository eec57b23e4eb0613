"""`deltanas`: the commands. What they need is imported when they run, so `--help` is instant."""

import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from deltanas.cli.terminal import console, fail, plain, table
from deltanas.errors import DeltaNasError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Find a better neural architecture with few trainings.",
)

INTERRUPTED = 130
"""Exit code of a process that Ctrl-C ended, as shells have it."""
BAD_INPUT = 2
"""Exit code of a command that cannot be carried out as it was given."""

StudyPath = Annotated[str, typer.Option("--study", help="Study file (SQLite) or database URL.")]


def main() -> None:
    """Run a command; what goes wrong is one message without a traceback."""
    try:
        app()
    except DeltaNasError as error:
        fail(error)
        sys.exit(BAD_INPUT)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"deltanas {metadata.version('deltanas')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool | None,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = None,
) -> None:
    pass


@app.command()
def search(
    benchmark: Annotated[str, typer.Argument(help="What to search, e.g. nasbench201:cifar10.")],
    budget: Annotated[int, typer.Option(help="Evaluations in all, earlier ones included.")] = 60,
    seed: Annotated[int, typer.Option(help="Decides every random choice.")] = 0,
    study: StudyPath = "",
    method: Annotated[str, typer.Option(help="See: deltanas methods.")] = "delta-evolution",
    signal: Annotated[str, typer.Option(help="What a query tells: mean or one-run.")] = "mean",
    out: Annotated[str, typer.Option(help="Folder of the report.")] = "",
    *,
    plain: Annotated[bool, typer.Option("--plain", help="One line per evaluation.")] = False,
) -> None:
    """Search a benchmark; the same command again continues the study."""
    from deltanas.cli.search import Order, run_search

    place = study or f"runs/{benchmark.replace(':', '-')}-{method}-{seed}.db"
    order = Order(benchmark, budget, seed, place, method, signal, plain)
    try:
        run_search(order, Path(out) if out else None)
    except KeyboardInterrupt:
        console.print("\nStopped. All that ended is saved; go on with:")
        console.print(f"  {order.command()}", markup=False, soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None


@app.command()
def report(
    study: Annotated[str, typer.Argument(help="Study file, e.g. runs/demo.db.")],
    out: Annotated[str, typer.Option(help="Folder of the report.")] = "",
) -> None:
    """Write the report of a study again."""
    from deltanas.cli.search import report_of

    page = report_of(study, Path(out) if out else None)
    console.print(f"Report: {page}", markup=False, soft_wrap=True)


@app.command()
def benchmarks() -> None:
    """List the benchmarks."""
    from deltanas.benchmarks import FAMILIES

    rows = [
        (name, each.description, "here" if each.is_installed() else "missing", each.licence)
        for each in FAMILIES
        for name in each.names
    ]
    table(("benchmark", "what it is", "data", "licence"), rows)


@app.command()
def spaces() -> None:
    """List the search spaces."""
    from deltanas.spaces import NasBench201

    rows = [
        (space.name, f"{len(space.decisions)}", f"{space.size:,}", space.__doc__ or "")
        for space in (NasBench201(),)
    ]
    rows = [(name, n, size, words.splitlines()[0]) for name, n, size, words in rows]
    rows.append(("blocks", "any", "any", "Your own: BlockSpace of named choices, in Python."))
    table(("space", "decisions", "architectures", "what it is"), rows)


@app.command()
def methods() -> None:
    """List the methods."""
    from deltanas.search import METHODS

    table(("method", "what it does"), [(name, m.description) for name, m in METHODS.items()])


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Space or benchmark, e.g. nasbench201:cifar10.")],
    cell: Annotated[str, typer.Argument(help="The architecture, in quotes.")],
) -> None:
    """Draw a cell and list its one-edit neighbours, with recorded accuracies if there are."""
    from deltanas.benchmarks import family, load
    from deltanas.report.cells import cell_of

    found = load(name if ":" in name else family(name).names[0])
    space = found.space
    architecture = space.read(cell)
    drawn = cell_of(space, architecture)
    for arc in drawn.arcs if drawn else ():
        stroke = "━━" if arc.live else "╌╌"
        dead = "" if arc.live else "  (dead: nothing of it reaches the output)"
        console.print(
            f"  {arc.source} {stroke}{arc.operation}{stroke}▶ {arc.target}{dead}", markup=False
        )
    own = found.evaluate(architecture)
    console.print(f"{found.name}: {100 * own:.3f} %, rank {found.rank(own)}", markup=False)
    rows = [
        (edit.words, 100 * found.evaluate(child), 100 * (found.evaluate(child) - own))
        for edit, child in space.neighbours(architecture)
    ]
    rows.sort(key=lambda row: -row[1])
    table(
        ("edit", "accuracy %", "change"), [(plain(w), f"{a:.3f}", f"{c:+.3f}") for w, a, c in rows]
    )
