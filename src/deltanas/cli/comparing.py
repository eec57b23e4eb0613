"""A comparison on the screen: what is left to do, how far it is, the table at the end."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from deltanas.cli.terminal import say, table
from deltanas.compare.joining import shortened
from deltanas.compare.outputs import write_outputs
from deltanas.compare.own import is_own_benchmark, load
from deltanas.compare.plan import Plan, Task
from deltanas.compare.problem import Problem
from deltanas.compare.protocol import ComparisonError, Protocol
from deltanas.compare.results import MERGED, is_done, is_outdated, merge, restore
from deltanas.compare.sooner import in_words, sooner
from deltanas.compare.summary import Comparison, comparison, rows
from deltanas.compare.tables import without_table
from deltanas.compare.workers import run_all
from deltanas.texts import one_line

SHOWN = 3
"""Reasons, and seeds of each, that are named where many runs failed."""


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
    todo = _left(planned, protocol, folder)
    # What is wrong with a benchmark of the user's own is said once, before any run.
    for name in dict.fromkeys(task.benchmark for task in todo):
        if protocol.until_optimum or is_own_benchmark(name):
            Problem(load(name), protocol)
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


def _left(planned: Plan, protocol: Protocol, folder: Path) -> list[Task]:
    """The runs that are still to be done; it is said what there is."""
    if restored := restore(folder):
        say(f"{folder / MERGED} stands alone there; {_count(restored)} taken from it")
    outdated = Counter(task.method for task in planned.tasks if is_outdated(folder, task))
    for method, runs in outdated.items():
        say(f"{method} has changed since {_count(runs)} of it, made again now")
    todo = [task for task in planned.tasks if not is_done(folder, task, protocol)]
    say(
        f"{_count(len(planned.tasks))}, {len(planned.tasks) - len(todo)} of them done already; "
        f"signal {protocol.signal.value}, identity {protocol.identity.value}"
        f"{''.join(f', limit {limit}' for limit in protocol.limits)}"
    )
    return todo


def _count(runs: int) -> str:
    return f"{runs} run{'' if runs == 1 else 's'}"


def _run(todo: Sequence[Task], protocol: Protocol, folder: Path, workers: int) -> list[str]:
    """Do the runs with one bar per method; why runs failed, each reason once."""
    failed: dict[str, dict[str, list[int]]] = {}
    console = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    shown = console.is_terminal
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not shown) as progress:
        counts = Counter(_name(task) for task in todo)
        bars = {name: progress.add_task(name, total=count) for name, count in counts.items()}
        for outcome in run_all(todo, protocol, folder, workers):
            progress.advance(bars[_name(outcome.task)])
            if outcome.problem is not None:
                reasons = failed.setdefault(_name(outcome.task), {})
                reasons.setdefault(one_line(outcome.problem), []).append(outcome.task.seed)
    return [words for name, reasons in failed.items() for words in _failures(name, reasons)]


def _failures(name: str, reasons: Mapping[str, Sequence[int]]) -> list[str]:
    """Why runs of a method on a benchmark failed: the first of many reasons, with their seeds."""
    words = [f"{name}, {_seeds(seeds)}: {reason}" for reason, seeds in reasons.items()]
    more = sum(len(seeds) for seeds in list(reasons.values())[SHOWN:])
    return [*words[:SHOWN], *([f"{name}, {_count(more)} more"] if more else [])]


def _seeds(seeds: Sequence[int]) -> str:
    """Which seeds, the first of many."""
    first = ", ".join(map(str, sorted(seeds)[:SHOWN]))
    more = f" and {len(seeds) - SHOWN} more" if len(seeds) > SHOWN else ""
    return f"seed{'' if len(seeds) == 1 else 's'} {first}{more}"


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
