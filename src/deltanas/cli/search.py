"""`deltanas search`: run or continue a study of a benchmark, and show what it found."""

import sys

from deltanas.benchmarks import load, under_limits
from deltanas.cli.closing import report_folder, show_ending, show_front, show_result, subject_of
from deltanas.cli.live import Screen
from deltanas.cli.order import Order
from deltanas.cli.terminal import say
from deltanas.errors import BudgetError
from deltanas.evaluation import Signal
from deltanas.report import summarize, write_report
from deltanas.study import Study

MORE = 40
"""How many more evaluations the command that continues suggests."""


def run_search(order: Order) -> None:
    """Run or continue a search, show its result, and write its report.

    Raises:
        DeltaNasError: Something was asked for that cannot be done; nothing stored is lost.
    """
    if order.budget < 1:
        raise BudgetError(
            f"--budget is the number of evaluations in all, 1 or more, got {order.budget}; give "
            f"for example --budget 60"
        )
    signal = Signal(order.signal)
    benchmark = under_limits(load(order.benchmark), order.limits)
    study = Study(
        benchmark.space,
        benchmark.evaluator(signal=signal, seed=order.seed),
        seed=order.seed,
        storage=order.study,
        method=order.method,
        benchmark=stored_name(benchmark.name, signal),
        objectives=[each.strip() for each in order.objectives.split(",") if each.strip()],
        metrics=benchmark,
    )
    lines = order.plain or not sys.stdout.isatty()
    title = f"{benchmark.name} · {order.method} · seed {order.seed}"
    with Screen(benchmark.space, study.history, order.budget, title, lines=lines) as screen:
        ending = study.run(order.budget, screen.watch)
    show_ending(ending, len(study.trials), order.budget)
    summary = summarize(subject_of(study.record, benchmark, order.study))
    show_result(summary)
    show_front(summary)
    # After the result: a folder that cannot be written must not hide what was found.
    say(("report    ", "bold"), str(write_report(summary, report_folder(order.study, order.out))))
    more = order.with_budget(max(order.budget, len(study.trials)) + MORE)
    say(("continue  ", "bold"), more.command)


def stored_name(benchmark: str, signal: Signal) -> str:
    """What the store calls the benchmark: with another signal it answers differently."""
    return benchmark if signal is Signal.MEAN else f"{benchmark} {signal.value}"
