"""A comparison on the screen: what is left to do, how far it is, the table at the end."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from deltanas.benchmarks import load
from deltanas.cli.terminal import say, table
from deltanas.compare.joining import shortened
from deltanas.compare.outputs import write_outputs
from deltanas.compare.plan import Plan, Task
from deltanas.compare.problem import Problem
from deltanas.compare.protocol import ComparisonError, Protocol
from deltanas.compare.results import is_done, merge
from deltanas.compare.sooner import in_words, sooner
from deltanas.compare.summary import Comparison, comparison, rows
from deltanas.compare.tables import without_table
from deltanas.compare.workers import run_all
from deltanas.texts import one_line


def run_comparison(
    planned: Plan, protocol: Protocol, folder: Path, workers: int, against: str | None
) -> bool:
    """Do what is left of a comparison, write its results, show its table.

    Args:
        planned: All runs, those that are done too.
        protocol: The rules.
        folder: Where results are kept.
        workers: Processes.
        against: Method that the others are tested against; None for the first.

    Returns:
        Whether all runs are done; otherwise it was said which failed and why.
    """
    for name, why in planned.absent:
        say(f"absent: {name} {why}")
    if protocol.until_optimum:
        for name in dict.fromkeys(task.benchmark for task in planned.tasks):
            Problem(load(name), protocol)  # refused once, before any run
    todo = [task for task in planned.tasks if not is_done(folder, task, protocol)]
    say(
        f"{_count(len(planned.tasks))}, {len(planned.tasks) - len(todo)} of them done already; "
        f"signal {protocol.signal.value}, identity {protocol.identity.value}"
        f"{''.join(f', limit {limit}' for limit in protocol.limits)}"
    )
    failures = _run(todo, protocol, folder, workers)
    try:
        results = merge(folder, planned.tasks)
    except ComparisonError:
        for failure in failures:
            say(f"failed: {failure}")
        raise
    found = shortened(comparison(results), protocol.budget)
    ours = against or planned.methods[0]
    files = write_outputs(found, folder, ours)
    _show(found)
    if lines := sooner(found, ours):
        say(in_words(lines, ours))
    for failure in failures:
        say(f"failed: {failure}")
    for path in (results, *files):
        say(f"  {path}")
    return not failures


def _count(runs: int) -> str:
    return f"{runs} run{'' if runs == 1 else 's'}"


def _run(todo: Sequence[Task], protocol: Protocol, folder: Path, workers: int) -> list[str]:
    """Do the runs with one bar per method; why runs failed."""
    failures = []
    console = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    shown = console.is_terminal
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not shown) as progress:
        counts = Counter(_name(task) for task in todo)
        bars = {name: progress.add_task(name, total=count) for name, count in counts.items()}
        for outcome in run_all(todo, protocol, folder, workers):
            progress.advance(bars[_name(outcome.task)])
            if outcome.problem is not None:
                reason = one_line(outcome.problem)
                failures.append(f"{_name(outcome.task)}, seed {outcome.task.seed}: {reason}")
    return failures


def _name(task: Task) -> str:
    return one_line(f"{task.benchmark} {task.method}")


def _show(found: Comparison) -> None:
    """The table, without the intervals, which are in the files."""
    budgets = found.budgets
    columns = (
        *("benchmark", "method", "runs", "to optimum", "not found", "median"),
        *(f"regret @{budget}" for budget in budgets),
        "s/proposal",
    )
    lines = [
        (
            row.benchmark,
            row.method,
            row.runs,
            f"{row.queries['optimum'].mean:.1f}",
            row.censored["optimum"],
            f"{row.median_to_optimum:.0f}",
            *(f"{100 * row.regret[budget].mean:.3f}" for budget in budgets),
            f"{row.seconds:.4f}",
        )
        for row in rows(found)
    ]
    table(columns, lines, numbers=columns[2:])
    say(
        f"To optimum: mean queries; runs that did not find it count as {found.budget}. "
        f"Regret in percentage points."
    )
    for words in without_table(found):
        say(words)
