"""`deltanas`: the commands. What they need is imported when they run, so `--help` is instant."""

import logging
import os
import sys
from dataclasses import replace
from importlib import metadata
from typing import Annotated

import typer

from deltanas.cli.compare import compare
from deltanas.cli.crew import (
    Cpus,
    Custom,
    Gpus,
    Hands,
    Memory,
    MemoryLimit,
    Ray,
    TimeLimit,
    Workers,
)
from deltanas.cli.data import data
from deltanas.cli.order import (
    DEFAULT_DEVICE,
    DEFAULT_METHOD,
    DEFAULT_SIGNAL,
    Order,
    Training,
    default_study,
)
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

Folder = Annotated[
    str, typer.Option("--out", help="Folder of the report; beside the study if left out.")
]


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


app.command()(compare)
app.command()(status)
app.command()(stop)
app.add_typer(data, name="data")


@app.command()
def search(  # noqa: PLR0913, PLR0917 - typer: one argument per option
    benchmark: Annotated[
        str,
        typer.Argument(
            metavar="WHAT",
            help="A benchmark (nasbench201:cifar10), a space to train with --data (cnn-cell), or "
            "your own space (my_project.py:space, space.toml).",
        ),
    ],
    budget: Annotated[
        int,
        typer.Option(parser=whole, metavar="N", help="Evaluations in all, earlier ones too."),
    ] = 60,
    seed: Annotated[
        int, typer.Option(parser=whole, metavar="N", help="Decides every random choice.")
    ] = 0,
    study: Annotated[
        str,
        typer.Option(
            "--study", help="Study file (SQLite) or database URL; a file in runs/ if left out."
        ),
    ] = "",
    method: Annotated[str, typer.Option(help="See `deltanas methods`.")] = DEFAULT_METHOD,
    signal: Annotated[
        str, typer.Option(help="What a query tells: `mean` of the trainings, or `one-run`.")
    ] = DEFAULT_SIGNAL,
    limit: Annotated[
        list[str] | None,
        typer.Option(
            "--limit", help='A bound on a cost, e.g. "params<=600M"; give it once for each.'
        ),
    ] = None,
    objectives: Annotated[
        str,
        typer.Option(help='E.g. "accuracy,params": the best compromises with costs, not one best.'),
    ] = "",
    out: Folder = "",
    train: Annotated[
        str, typer.Option(metavar="FILE:NAME", help="Your training function, my_project.py:train.")
    ] = "",
    device: Annotated[
        str, typer.Option(help="What to train on: auto, cpu or cuda.")
    ] = DEFAULT_DEVICE,
    data: Annotated[
        str,
        typer.Option(help="Train on mnist1d, digits, mnist5k, a .npz file, a folder of images."),
    ] = "",
    epochs: Annotated[
        int | None,
        typer.Option(parser=whole, metavar="N", help="Epochs of one training with --data."),
    ] = None,
    build: Annotated[
        str,
        typer.Option(metavar="FILE:NAME", help="Your builder of networks, to train with --data."),
    ] = "",
    workers: Workers = None,
    ray: Ray = None,
    cpus: Cpus = None,
    gpus: Gpus = None,
    memory: Memory = None,
    custom: Custom = None,
    time_limit: TimeLimit = None,
    memory_limit: MemoryLimit = None,
    *,
    plain: Annotated[
        bool, typer.Option("--plain", help="One line per evaluation, no live screen.")
    ] = False,
) -> None:
    """Search a benchmark, or train networks; the same command again continues the study."""
    limits = tuple(limit or ())
    bounds = (*limits, objectives) if objectives else limits
    place = study or default_study(benchmark, method, signal, seed, bounds, data=data)
    training = Training(train=train, device=device, data=data, epochs=epochs, build=build)
    order = Order(
        benchmark, budget, seed, place, method, signal, out, plain, limits, objectives, training
    )
    share, others = (cpus or 1.0, gpus or 0.0), tuple(custom or ())
    hands = Hands(workers, ray, *share, memory, others, time_limit, memory_limit)
    order = replace(order, hands=hands)
    resume = ("", "Stopped; everything that ended is saved. Go on with:", f"  {order.command}")
    with answering(resume):
        from deltanas.cli.search import run_search

        run_search(order)


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
def export(
    study: Annotated[str, typer.Argument(help="Study file or database URL.")],
    out: Annotated[str, typer.Option("--out", help="Folder of the model.")] = "model",
    best: Annotated[
        bool, typer.Option("--best", help="The network of the best trial; this is the default.")
    ] = False,
    trial: Annotated[
        int | None, typer.Option(parser=whole, metavar="N", help="The network of this trial.")
    ] = None,
    retrain: Annotated[
        int,
        typer.Option(parser=whole, metavar="N", help="Train it N times from scratch, keep one."),
    ] = 0,
    device: Annotated[
        str, typer.Option(help="What to train on: auto, cpu or cuda.")
    ] = DEFAULT_DEVICE,
    *,
    onnx: Annotated[bool, typer.Option("--onnx", help="Write ONNX too, checked.")] = False,
) -> None:
    """Write the best network of a study as a plain model that needs no deltanas."""
    with answering():
        from deltanas.cli.exporting import run_export

        run_export(
            study, out, trial=None if best else trial, retrain=retrain, onnx=onnx, device=device
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
        table(("benchmark", "data here", "what it is", "licence"), rows)


@app.command()
def spaces() -> None:
    """List the search spaces."""
    with answering():
        from deltanas.cli.spaces import published
        from deltanas.networks import cnn_cell

        rows = [
            (each.name, len(each.decisions), f"{each.size:,}", (each.__doc__ or "").splitlines()[0])
            for each in published()
        ]
        cells = cnn_cell()
        trained = "Small networks of repeated cells, for --data: sequences and images."
        rows.append((cells.name, len(cells.decisions), f"{cells.size:,}", trained))
        own = "your own: deltanas.BlockSpace in Python, or a file for `deltanas space`"
        table(
            ("space", "decisions", "architectures", "what it is"),
            [*rows, ("blocks", "any", "any", own)],
            numbers=("decisions", "architectures"),
        )


@app.command()
def space(
    file: Annotated[str, typer.Argument(help="A space in TOML.")],
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
