"""`deltanas status` and `deltanas stop` as commands; what they need is imported when they run."""

from typing import Annotated

import typer

from deltanas.cli.terminal import answering
from deltanas.cli.typed import positive


def status(
    study: Annotated[str, typer.Argument(help="Study file or database URL.")],
    budget: Annotated[
        int | None,
        typer.Option(
            parser=positive,
            metavar="N",
            help="Estimate when there are so many; else as many as the search makes.",
        ),
    ] = None,
) -> None:
    """Say how far a search is, from any terminal."""
    with answering():
        from deltanas.cli.status import run_status

        run_status(study, budget)


def stop(
    study: Annotated[str, typer.Argument(help="Study file or database URL.")],
    *,
    now: Annotated[bool, typer.Option("--now", help="Do not finish what runs.")] = False,
) -> None:
    """Stop a search from any terminal; the same command goes on later."""
    with answering():
        from deltanas.cli.status import run_stop

        run_stop(study, now=now)
