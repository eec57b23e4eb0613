"""`deltanas compare`: methods side by side under one protocol, with tables and figures."""

from pathlib import Path
from typing import Annotated

import typer

from deltanas.cli.terminal import answering
from deltanas.cli.typed import positive, whole

DEFAULT_METHODS = "delta,local-search,tpe,gp"


def compare(  # noqa: PLR0913, PLR0917 - typer: one argument per option
    benchmark: Annotated[
        str,
        typer.Option(
            help="One or several, with commas; see `deltanas benchmarks`. Your own: mine.csv, "
            "mine.parquet, mine.py:benchmark."
        ),
    ] = "nasbench201:cifar10",
    methods: Annotated[
        str,
        typer.Option(
            help="With commas; settings after colons: gp:where=space. Your own: mine.py:Mine. "
            "`list` lists."
        ),
    ] = DEFAULT_METHODS,
    seeds: Annotated[
        int, typer.Option(parser=positive, metavar="N", help="Runs of each method.")
    ] = 20,
    first_seed: Annotated[
        int, typer.Option(parser=whole, metavar="N", help="Seed of the first run.")
    ] = 0,
    budget: Annotated[
        int,
        typer.Option(parser=positive, metavar="N", help="Architectures that each run may train."),
    ] = 100,
    starts: Annotated[
        int,
        typer.Option(parser=positive, metavar="N", help="Of which random, equal for all methods."),
    ] = 5,
    signal: Annotated[
        str, typer.Option(help="What a query tells: `mean` of the trainings, or `one-run`.")
    ] = "mean",
    identity: Annotated[
        str, typer.Option(help="Counts as one architecture: equal code, `raw`, or `classes`.")
    ] = "raw",
    limit: Annotated[
        list[str] | None,
        typer.Option(help='A bound all keep to, e.g. "params<=600M"; give it once for each.'),
    ] = None,
    workers: Annotated[
        int, typer.Option(parser=positive, metavar="N", help="Processes, one thread each.")
    ] = 2,
    out: Annotated[str, typer.Option(help="Folder of the results.")] = "runs/compare",
    against: Annotated[
        str, typer.Option(help="Method that the others are tested against; the first if left out.")
    ] = "",
    *,
    until_optimum: Annotated[
        bool, typer.Option("--until-optimum", help="End a run that found the optimum.")
    ] = False,
) -> None:
    """Run methods side by side; the same command again goes on where it stopped."""
    with answering(("", "Stopped; every finished run is saved. The same command goes on.")):
        from deltanas.compare.plan import check_against, check_installed, check_limits, plan
        from deltanas.compare.protocol import Identity, Protocol
        from deltanas.evaluation import Signal

        if methods == "list":
            from deltanas.cli.roster import list_methods

            list_methods()
            return
        check_installed()
        from deltanas.cli.comparing import run_comparison

        rules = Signal(signal), Identity(identity), until_optimum, tuple(limit or ())
        protocol = Protocol(budget, starts, *rules)
        planned = plan(_names(benchmark), _names(methods), seeds=seeds, first_seed=first_seed)
        check_against(planned, against)
        check_limits(_names(benchmark), protocol.limits)
        complete = run_comparison(planned, protocol, Path(out), workers, against or None)
    if not complete:
        raise typer.Exit(1)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
