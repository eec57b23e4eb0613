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
from deltanas.records import History, Trial
from deltanas.report.page import Subject, write_report
from deltanas.spaces import Architecture
from deltanas.study import Ending, Store, Study


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
    plain: bool
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
    evaluator = benchmark.evaluator(signal=signal, seed=order.seed)
    name = benchmark.name if signal is Signal.MEAN else f"{benchmark.name} {signal.value}"
    with Study(
        benchmark.space,
        evaluator,
        seed=order.seed,
        storage=order.study,
        method=order.method,
        benchmark=name,
    ) as study:
        lines = order.plain or not sys.stdout.isatty()
        with Screen(benchmark.space, order.budget, list(study.trials), lines=lines) as screen:
            ending = study.run(order.budget, screen.watch)
        _show_ending(ending, order, study.history)
        page = _write(benchmark, study.history, order.method, order.seed, order.study, out)
        _show_best(benchmark, study.best)
    console.print(f"report    {page}", markup=False, soft_wrap=True)
    more = order.command(budget=max(order.budget, len(study.trials)) + 40)
    console.print(f"continue  {more}", markup=False, soft_wrap=True, highlight=False)


def report_of(place: str, out: Path | None) -> Path:
    """Write the report of a stored study again."""
    store = Store(place, read_only=True)
    attributes = store.attributes()
    name = attributes.get("benchmark")
    if not isinstance(name, str):
        raise StudyError(f"{place} is no study of a benchmark; report it from Python instead")
    benchmark = load(name.split()[0])
    history = History(store.trials(benchmark.space))
    return _write(benchmark, history, attributes["method"], attributes["seed"], place, out)


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


def _show_best(benchmark: Benchmark, best: Trial) -> None:
    facts = _facts(benchmark, best.architecture)
    console.print(
        f"\nbest      [bold]{plain(benchmark.space.write(best.architecture))}[/]", soft_wrap=True
    )
    for name, value in facts:
        console.print(f"{name.lower():9} {value}", markup=False, highlight=False)


def _facts(benchmark: Benchmark, best: Architecture) -> tuple[tuple[str, str], ...]:
    accuracy = benchmark.evaluate(best)
    behind = 100 * (benchmark.optimum - accuracy)
    rank, all_cells = benchmark.rank(accuracy), benchmark.size
    optimum = "the optimum of the table" if behind == 0 else f"{behind:.3f} points below the best"
    test = benchmark.test_accuracy(best)
    tested = () if test is None else (("Test", f"{100 * test:.3f} % mean test accuracy"),)
    return (
        ("Mean", f"{100 * accuracy:.3f} % validation accuracy over the recorded trainings"),
        ("Rank", f"{rank} of {all_cells:,}: {optimum}"),
        *tested,
    )


def _write(
    benchmark: Benchmark, history: History, method: str, seed: int, place: str, out: Path | None
) -> Path:
    best = history.best
    folder = out or Path(f"{Path(place).with_suffix('') if '://' not in place else 'runs'}-report")
    subject = Subject(
        title=f"{benchmark.name}: what {method} found",
        method=method,
        seed=seed,
        space=benchmark.space,
        history=history,
        facts=() if best is None else _facts(benchmark, best.architecture),
        measure=benchmark.evaluate,
        optimum=benchmark.optimum,
        command=Order(benchmark.name, len(history), seed, place, method, "mean", False).command(),
    )
    return write_report(subject, folder)
