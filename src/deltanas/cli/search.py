"""`deltanas search` and `deltanas report`: a study of a benchmark, and what it found."""

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import final

from deltanas.benchmarks import Benchmark, load
from deltanas.cli.live import Screen
from deltanas.cli.terminal import console, plain
from deltanas.errors import BudgetError, StudyError, UnknownNameError
from deltanas.evaluation import Signal
from deltanas.records import History
from deltanas.report.sentences import per_cent, rank_words, saved_words
from deltanas.report.summary import Subject, Summary, summarize
from deltanas.report.writing import write_report
from deltanas.study import Ending, Study, StudyRecord


@final
@dataclass(frozen=True, slots=True)
class Order:
    """What a user asked for."""

    benchmark: str
    """Name of the benchmark."""
    budget: int
    """Evaluations in all."""
    seed: int
    """Seed of the study."""
    study: str
    """File or URL of the study."""
    method: str
    """Name of the method."""
    signal: str
    """What a query tells."""
    plain: bool = False
    """One line per evaluation instead of the live screen."""

    def command(self, *, budget: int | None = None) -> str:
        """The command that continues this search."""
        words = ["deltanas", "search", self.benchmark, "--budget", str(budget or self.budget)]
        words += ["--seed", str(self.seed), "--study", self.study]
        if self.method != "delta-evolution":
            words += ["--method", self.method]
        if self.signal != Signal.MEAN.value:
            words += ["--signal", self.signal]
        return shlex.join(words)


def run_search(order: Order, out: Path | None) -> None:
    """Run or continue a search, show it, and write its report."""
    if order.budget < 1:
        raise BudgetError(f"--budget must be 1 or more, got {order.budget}; e.g. --budget 60")
    benchmark = load(order.benchmark)
    signal = _signal(order.signal)
    _make_folder(order.study)
    study = Study(
        benchmark.space,
        benchmark.evaluator(signal=signal, seed=order.seed),
        seed=order.seed,
        storage=order.study,
        method=order.method,
        benchmark=_stored_name(benchmark.name, signal),
    )
    lines = order.plain or not sys.stdout.isatty()
    with Screen(benchmark.space, order.budget, list(study.trials), lines=lines) as screen:
        ending = study.run(order.budget, screen.watch)
    _show_ending(ending, order, study.history)
    summary = _summary(benchmark, study.record, order.study)
    page = write_report(summary, out or _folder(order.study))
    _show_best(summary)
    _line("report", str(page))
    _line("continue", order.command(budget=max(order.budget, len(study.trials)) + 40))


def report_of(place: str, out: Path | None) -> Path:
    """Write the report of a stored study again."""
    record = Study.open(place)
    name = record.description.benchmark
    benchmark = load(name.split()[0]) if name else None
    return write_report(_summary(benchmark, record, place), out or _folder(place))


def _make_folder(place: str) -> None:
    """Make the folder that a study's file goes into."""
    if "://" not in place:
        try:
            Path(place).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StudyError(
                f"cannot make the folder of the study {place}: {error.strerror or error}; "
                f"choose another file with --study"
            ) from None


def _stored_name(benchmark: str, signal: Signal) -> str:
    """What the store calls the benchmark: with another signal it answers differently."""
    return benchmark if signal is Signal.MEAN else f"{benchmark} {signal.value}"


def _summary(benchmark: Benchmark | None, record: StudyRecord, place: str) -> Summary:
    made = record.description
    signal = (made.benchmark or "").partition(" ")[2] or Signal.MEAN.value
    command = ""
    if benchmark is not None:
        words = Order(benchmark.name, len(record.trials), made.seed, place, made.method, signal)
        command = words.command()
    space = record.space if benchmark is None else benchmark.space
    history = record.history
    return summarize(Subject(space, history, made.method, made.seed, benchmark, signal, command))


def _folder(place: str) -> Path:
    """Where the report of a study goes: beside its file."""
    return Path("runs/report") if "://" in place else Path(f"{Path(place).with_suffix('')}-report")


def _signal(name: str) -> Signal:
    if name not in (each.value for each in Signal):
        known = " or ".join(each.value for each in Signal)
        raise UnknownNameError(f"--signal must be {known}, got {name!r}")
    return Signal(name)


def _show_ending(ending: Ending, order: Order, history: History) -> None:
    if ending is Ending.NOTHING_TO_DO:
        console.print(
            f"\nNothing left to do: the study holds {len(history)} trials, the budget is "
            f"{order.budget}. Raise --budget to go on."
        )
    elif ending is Ending.SPACE_EXHAUSTED:
        console.print(f"\nThe space is exhausted: all its {len(history)} networks were evaluated.")


def _show_best(summary: Summary) -> None:
    standing, space = summary.standing, summary.subject.space
    console.print()
    _line("best", space.write(summary.best.architecture))
    if standing is None:
        _line("accuracy", per_cent(summary.best_accuracy, 3))
        return
    _line("accuracy", f"{per_cent(standing.accuracy, 3)} validation, mean of its trainings")
    if standing.test_accuracy is not None:
        _line("", f"{per_cent(standing.test_accuracy, 3)} test, mean of its trainings")
    _line("rank", rank_words(standing).removeprefix("rank "))
    saved = saved_words(summary)
    if saved:
        _line("cost", saved)


def _line(name: str, value: str) -> None:
    """A name and what it is, on one line that can be copied."""
    console.print(f"[bold]{name:10}[/]{plain(value)}", soft_wrap=True, highlight=False)
