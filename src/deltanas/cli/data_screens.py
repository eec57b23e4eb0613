"""What `deltanas data list`, `show` and `verify` print."""

from pathlib import Path
from typing import Any

from rich.text import Text

from deltanas.benchmarks import FAMILIES, Benchmark, Family, Surrogate, family
from deltanas.benchmarks.canonical import described
from deltanas.benchmarks.importers import IMPORTERS
from deltanas.benchmarks.sources import data_folder
from deltanas.benchmarks.verifying import RIGHT, WRONG, verify
from deltanas.benchmarks.whereabouts import DOWNLOADS, origin, pip_command
from deltanas.cli.terminal import out, say, table
from deltanas.errors import MissingDataError
from deltanas.texts import harmless

KB, MB, GB = 10**3, 10**6, 10**9
STYLES = {RIGHT: "green", WRONG: "bold red"}


def show_list() -> None:
    """One row a benchmark, then citations and the folder."""
    rows = []
    for each in FAMILIES:
        sets = f"{len(each.datasets)} data sets" if each.datasets else "one table"
        here = "yes" if each.is_installed() else "no"
        licence = each.licence.partition(",")[0].partition(";")[0]
        rows.append((each.name, sets, here, size_words(each.files()), origin(each), licence))
    table(("benchmark", "of", "here", "size", "comes from", "licence"), rows, numbers=("size",))
    say()
    for citation in dict.fromkeys(each.citation for each in FAMILIES):
        names = ", ".join(each.name for each in FAMILIES if each.citation == citation)
        say((f"{names}: ", "dim"), citation)
    say()
    say(("tables are kept in  ", "bold"), str(data_folder()))
    say(("more of one         ", "bold"), "deltanas data show NAME")


def show_benchmark(name: str) -> None:
    """Everything that is known of a benchmark, and its columns if it is here."""
    found = family(name)
    say((found.name, "bold"), f"  {found.description}")
    lines = [
        ("comes from", origin(found)),
        ("licence", found.licence),
        ("citation", found.citation),
    ]
    lines += [("install", pip_command(found))] if found.package else []
    lines += [("imports", each.form) for each in IMPORTERS if each.benchmark == found.name]
    download = DOWNLOADS.get(found.name)
    if download is not None:
        lines.append(("file", f"{download.file}, {download.url or download.where}"))
    for path in found.files():
        lines.append(("here", f"{path} ({size_words((path,))})"))
    for label, words in lines:
        say((f"{label:<12}", "dim"), words)
    if not found.is_installed():
        say(("not here    ", "bold"), found.remedy)
        return
    for path in found.files():
        if any(path.name == each.layout.file for each in IMPORTERS):
            _show_table(path)
    names = found.names if name == found.name else (name,)
    _show_loaded(found, names)


def _show_table(path: Path) -> None:
    """Columns and metadata of an imported table."""
    told = described(path)
    source = told.get("source") if isinstance(told.get("source"), dict) else {}
    say()
    say((f"{path.name}: {told.get('rows'):,} rows, one a training", "bold"))
    units, meanings = _texts(told.get("units")), _texts(told.get("meanings"))
    rows = [(column, units[column], meanings.get(column, "")) for column in units]
    table(("column", "unit", "what it is"), rows)
    for label in ("seeds", "splits"):
        say((f"{label:<12}", "dim"), str(told.get(label, "")))
    words = f"{source.get('file')}, sha256 {source.get('sha256')}" if source else "not told"
    say(("made of     ", "dim"), words)


def _texts(value: object) -> dict[str, str]:
    return {str(key): str(each) for key, each in value.items()} if isinstance(value, dict) else {}


def _show_loaded(found: Family, names: tuple[str, ...]) -> None:
    """What a search is told, a row a benchmark."""
    there: list[Benchmark | Surrogate] = []
    for name in names:
        try:
            there.append(found.load(name.partition(":")[2]))
        except MissingDataError as error:
            say((f"{name}: {error}", "dim"))
    say()
    columns = ("benchmark", "rows", "values", "signal", "best %", "test", "also")
    table(columns, [_row(each) for each in there], numbers=("rows", "values", "best %"))
    for each in there:
        if isinstance(each, Surrogate):
            size = f"{each.space.size:.2g} architectures"
            say((f"{each.name}: ", "dim"), f"a model answers for {size}; its error: {each.error}")


def _row(benchmark: Benchmark | Surrogate) -> tuple[Any, ...]:
    if isinstance(benchmark, Surrogate):
        return (
            benchmark.name,
            "no table",
            "a model's",
            f"{benchmark.split} accuracy" if benchmark.split.isalpha() else benchmark.split,
            f"{100 * benchmark.best_known:.3f} known",
            "no",
            ", ".join(benchmark.metrics),
        )
    counts = [len(row) for row in benchmark.runs]
    also = [*benchmark.metrics, *([] if benchmark.seconds is None else ["seconds"])]
    per_row = f"{min(counts)}" if min(counts) == max(counts) else f"{min(counts)}-{max(counts)}"
    return (
        benchmark.name,
        f"{len(benchmark.codes):,}",
        f"{per_row} each",
        f"{benchmark.split} accuracy",
        f"{100 * benchmark.optimum:.3f}",
        "no" if benchmark.test_accuracies is None else "yes",
        ", ".join(also),
    )


def run_verify(name: str) -> bool:
    """Print what was looked at, as it is looked at.

    Args:
        name: Which benchmark; all that are here if empty.

    Returns:
        Whether nothing is wrong.
    """
    chosen = [family(name)] if name else [each for each in FAMILIES if each.is_installed()]
    if name and not chosen[0].is_installed():
        raise MissingDataError(f"the data of {name!r} is not on this machine; {chosen[0].remedy}")
    if not chosen:
        say("no benchmark is here; `deltanas data list` says where to get them")
        return True
    wrong = 0
    for each in chosen:
        say((each.name, "bold"))
        for finding in verify(each):
            wrong += finding.is_wrong
            words = f"{finding.subject}, {finding.question}: {finding.words}"
            line = Text(f"  {finding.state:<6}", STYLES.get(finding.state, "dim"))
            out().print(
                line.append(harmless(words), "default"),
                soft_wrap=True,
                highlight=False,
            )
    say()
    say((f"{wrong} wrong" if wrong else "nothing wrong", "bold red" if wrong else "bold green"))
    return not wrong


def size_words(files: tuple[Path, ...]) -> str:
    """Size of some files together, in decimal units; a dash for none."""
    if not files:
        return "-"
    size = sum(path.stat().st_size for path in files)
    for unit, name in ((GB, "GB"), (MB, "MB"), (KB, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} B"
