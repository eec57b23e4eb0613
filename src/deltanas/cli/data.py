"""`deltanas data`: where the data of benchmarks comes from, how to get it, whether it is right."""

from typing import Annotated

import typer

from deltanas.cli.terminal import answering

data = typer.Typer(
    no_args_is_help=True,
    help="List, fetch, import and verify the data of benchmarks.",
    epilog="Tables are kept in the folder that the environment variable DELTANAS_DATA names, "
    "else in your data folder; `deltanas data list` says which.",
)

Name = Annotated[str, typer.Argument(help="A benchmark, e.g. nasbench201 or nasbench201:cifar10.")]


@data.command("list")
def list_all() -> None:
    """Every benchmark: where its data comes from, whether it is here, size, licence, citation."""
    with answering():
        from deltanas.cli.data_screens import show_list

        show_list()


@data.command()
def show(name: Name) -> None:
    """Columns with units, rows, seeds, splits, licence and citation of a benchmark."""
    with answering():
        from deltanas.cli.data_screens import show_benchmark

        show_benchmark(name)


@data.command()
def fetch(
    name: Name,
    mirror: Annotated[
        str, typer.Option(help="Another https address of the same file.", metavar="URL")
    ] = "",
    sha256: Annotated[
        str,
        typer.Option(
            help="Checksum of the file, where its authors publish none.", metavar="DIGITS"
        ),
    ] = "",
) -> None:
    """Download and import a benchmark's file, or say how to get it.

    The checksum is verified. A download that stopped goes on where it was.
    """
    stopped = ("Stopped; what came is kept, and the same command goes on from there.",)
    with answering(stopped):
        from deltanas.cli.data_getting import run_fetch

        run_fetch(name, mirror, sha256)


@data.command("import")
def import_(
    name: Name,
    file: Annotated[str, typer.Argument(help="The authors' file, or folder.")],
) -> None:
    """Turn a file that a benchmark's authors publish into the table that deltanas reads.

    Nothing in the file is run.
    """
    with answering(("Stopped; nothing was written.",)):
        from deltanas.cli.data_getting import run_import

        run_import(name, file)


@data.command()
def verify(
    name: Annotated[str, typer.Argument(help="A benchmark; all that are here if left out.")] = "",
) -> None:
    """Check checksums, completeness, ranges and published numbers; exit code 1 if one is wrong."""
    with answering():
        from deltanas.cli.data_screens import run_verify

        is_right = run_verify(name)
    if not is_right:
        raise typer.Exit(1)
