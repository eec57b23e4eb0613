"""`deltanas`: the commands. What they need is imported when they run, so `--help` is instant."""

import logging
import os
import sys
from importlib import metadata
from typing import Annotated

import typer

from deltanas.cli.compare import compare
from deltanas.cli.data import data
from deltanas.cli.order import DEFAULT_DEVICE
from deltanas.cli.search import Folder, search
from deltanas.cli.supervising import status, stop
from deltanas.cli.terminal import answering, say, table
from deltanas.cli.typed import whole

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Find a better neural architecture with few trainings.",
    epilog="Exit codes: 0 done, 1 something is in the way (a file, a lock, missing data), "
    "2 what was typed is wrong, 130 stopped with Ctrl-C.",
)


def main() -> None:
    """Run a command; what goes wrong is one message without a traceback."""
    # Small matrices: more than one thread each makes a search many times slower.
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    # A pipe of another encoding gets question marks for what it cannot show, not an error.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it announces its font cache
    app()


def _version(asked: bool | None) -> None:
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


app.command()(search)
app.command()(compare)
app.command()(status)
app.command()(stop)
app.add_typer(data, name="data")


@app.command()
def report(
    study: Annotated[str, typer.Argument(help="Study file or database URL.")],
    out: Folder = "",
) -> None:
    """Write the report of a study again: one HTML page, figures as PNG and SVG."""
    with answering():
        from deltanas.cli.closing import write_report_of

        say(("report  ", "bold"), str(write_report_of(study, out)))


@app.command()
def export(  # noqa: PLR0913, PLR0917 - typer: one argument per option
    study: Annotated[str, typer.Argument(help="Study file or database URL.")],
    out: Annotated[str, typer.Option("--out", help="Folder of the model.")] = "model",
    best: Annotated[
        bool, typer.Option("--best", help="The network of the best trial; this is the default.")
    ] = False,
    trial: Annotated[
        int | None, typer.Option(parser=whole, metavar="N", help="The network of this trial.")
    ] = None,
    retrain: Annotated[
        int | None,
        typer.Option(
            parser=whole,
            metavar="N",
            help="Train it N times from scratch, keep one; finalists 3 times each if left out.",
        ),
    ] = None,
    finalists: Annotated[
        int | None,
        typer.Option(
            parser=whole,
            metavar="N",
            help="Train the N best again from scratch, take the best on average.",
        ),
    ] = None,
    device: Annotated[
        str, typer.Option(help="What to train on: auto, cpu or cuda.")
    ] = DEFAULT_DEVICE,
    build: Annotated[
        str,
        typer.Option(metavar="FILE:NAME", help="Your builder of networks, if the study has one."),
    ] = "",
    train: Annotated[
        str,
        typer.Option(
            metavar="FILE:NAME", help="Your training function, to train its networks again."
        ),
    ] = "",
    space: Annotated[
        str,
        typer.Option(metavar="FILE:NAME", help="Your space, if it does not stand beside --train."),
    ] = "",
    *,
    onnx: Annotated[bool, typer.Option("--onnx", help="Write ONNX too, checked.")] = False,
) -> None:
    """Write the best network of a study as a plain model that needs no deltanas."""
    with answering():
        from deltanas.cli.exporting import finals_of, run_export

        again = finals_of(trial, finalists, retrain, best=best)
        run_export(
            study,
            out,
            trial=trial,
            again=again,
            onnx=onnx,
            device=device,
            build=build,
            train=train,
            space=space,
        )


@app.command()
def benchmarks() -> None:
    """List the benchmarks."""
    with answering():
        from deltanas.benchmarks import FAMILIES

        rows = [
            (name, "yes" if each.is_installed() else "no", each.description, each.licence)
            for each in FAMILIES
            for name in each.names
        ]
        own = "your own: a table of networks and their accuracies, by its path"
        rows.append(("mine.csv, mine.parquet", "-", own, "yours"))
        table(("benchmark", "data here", "what it is", "licence"), rows)


@app.command()
def spaces() -> None:
    """List the search spaces."""
    with answering():
        from deltanas.cli.spaces import published
        from deltanas.networks import FAMILIES

        rows = [
            (each.name, len(each.decisions), f"{each.size:,}", (each.__doc__ or "").splitlines()[0])
            for each in published()
        ]
        listed = {name for name, *_ in rows}
        for name, family in FAMILIES.items():
            if name not in listed:
                made = family.space()
                what = f"{family.about} To train with --data: {', '.join(family.kinds)}."
                rows.append((name, len(made.decisions), f"{made.size:,}", what))
        own = "your own: deltanas.BlockSpace in Python, or a file for `deltanas space`"
        table(
            ("space", "decisions", "architectures", "what it is"),
            [*rows, ("blocks", "any", "any", own)],
            numbers=("decisions", "architectures"),
        )


@app.command()
def space(
    file: Annotated[str, typer.Argument(help="A space in TOML or YAML.")],
) -> None:
    """Check a space file: its decisions and its size, an architecture of it and its edits."""
    with answering():
        from deltanas.cli.spaces import show_file

        show_file(file)


@app.command()
def methods() -> None:
    """List the methods; the first one is the default."""
    with answering():
        from deltanas.search import METHODS

        rows = [(name, each.description) for name, each in METHODS.items()]
        table(("method", "what it does"), rows)


@app.command()
def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="SPACE_OR_BENCHMARK", help="E.g. nasbench201, or nasbench201:cifar10."
        ),
    ],
    cell: Annotated[str, typer.Argument(help="The architecture, in quotes.")],
) -> None:
    """Draw a cell and list its one-edit neighbours, with recorded accuracies if there are."""
    with answering():
        from deltanas.cli.show import run_show

        run_show(name, cell)
