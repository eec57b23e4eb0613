"""The end of a search in words: why it ended, what it found, how good that is."""

import gc
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from deltanas.benchmarks import Benchmark, Surrogate, load, under_limits
from deltanas.cli.order import Order
from deltanas.cli.target import named, stored_name
from deltanas.cli.terminal import say, table
from deltanas.errors import DataError, UnknownNameError
from deltanas.limits import Metrics
from deltanas.records import Trial
from deltanas.report import Subject, Summary, summarize, write_report
from deltanas.report.sentences import (
    known_words,
    limit_words,
    rank_words,
    sample_words,
    saved_words,
)
from deltanas.report.summary import Estimated
from deltanas.study import Ending, Study, StudyRecord
from deltanas.study.place import Place
from deltanas.texts import one_line
from deltanas.training import load_data
from deltanas.training.description import read_training

FACTS = 3
"""Metrics of the best architecture that are shown; all are in the store."""
LONGEST = 120
"""Letters of an architecture in a table; the report has all of them."""


def show_ending(ending: Ending, trials: int, budget: int) -> None:
    """Say why nothing more was done, where the budget is not the reason."""
    if ending is Ending.NOTHING_TO_DO:
        say(
            f"Nothing left to do: the study has {trials} evaluations and the budget is {budget}; "
            f"raise --budget to go on."
        )
    elif ending is Ending.STOPPED:
        say(f"Stopped as asked, after {trials} evaluations of {budget}; what ran was finished.")
    elif ending is Ending.SPACE_EXHAUSTED:
        say(
            f"Nothing left to propose: all {trials} different networks of the space were "
            f"evaluated, fewer than the budget of {budget}."
        )


def show_result(summary: Summary) -> None:
    """The best architecture, its accuracy, its rank, and what finding it cost."""
    standing, best = summary.standing, summary.best.architecture
    split, scale = summary.subject.split, summary.scale
    say()
    _line("best", one_line(summary.subject.space.write(best)), "bold green")
    for limit, value in limit_words(summary):
        _line("within", one_line(f"{limit}; it has {value}" if value else limit))
    if summary.estimated is not None:
        _show_estimated(summary, summary.estimated)
        return
    if standing is None:
        _line(scale.name, f"{scale.shown(summary.best_accuracy, 3)} {split}")
        return
    if summary.subject.signal != "mean":
        _line("accuracy", f"{scale.shown(summary.best_accuracy, 3)} {split}, the training told")
    label = "accuracy" if summary.subject.signal == "mean" else ""
    _line(label, f"{scale.shown(standing.accuracy, 3)} {split}, mean of its recorded trainings")
    if standing.test_accuracy is not None:
        _line("", f"{scale.shown(standing.test_accuracy, 3)} test, mean of its recorded trainings")
    _line("rank", rank_words(standing).removeprefix("rank "))
    saved = saved_words(summary)
    if saved is not None:
        _line("cost", saved)


def show_front(summary: Summary) -> None:
    """The best compromises, where there are several objectives."""
    found = summary.front
    if found is None:
        return
    say()
    say((f"{found.title}:", "bold"))
    written = [_written(summary, trial) for trial, _ in found.rows]
    rows = [
        (trial.number, summary.scale.shown(trial.accuracy or 0.0, 3), *costs, words)
        for (trial, costs), words in zip(found.rows, written, strict=True)
    ]
    table(("#", summary.scale.name, *found.names, "architecture"), rows, numbers=("#",))
    if any(words.endswith("…") for words in written):
        say("the report has these architectures in full")
    say()


def _written(summary: Summary, trial: Trial) -> str:
    words = summary.subject.space.write(trial.architecture)
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def _show_estimated(summary: Summary, estimated: Estimated) -> None:
    """The same where a model answered: nobody knows the best there is."""
    split = summary.subject.split
    _line("accuracy", f"{summary.scale.shown(estimated.accuracy, 3)} {split}, said by a model")
    told = summary.best.evaluation.metrics if summary.best.evaluation else {}
    facts = [f"{name} {value:.4g}" for name, value in list(told.items())[:FACTS]]
    _line("", ", ".join(facts))
    _line("rank", known_words(estimated))
    _line("", sample_words(estimated))
    _line("cost", saved_words(summary) or "")


def write_report_of(place: str, out: str) -> Path:
    """Write the report of a stored study again; nothing is trained or changed."""
    record = Study.open(place)
    gc.freeze()  # it stays until the end: no search for garbage needs to go through it
    made = record.description
    benchmark = _answering(made.benchmark or "", made.limits) if made.is_recorded else None
    subject = replace(subject_of(record, benchmark, place), costs=_network_costs(record))
    return write_report(summarize(subject), report_folder(place, out))


def _answering(stored: str, limits: Sequence[str]) -> Benchmark | Surrogate:
    """The table or model that a study was made with.

    Raises:
        DataError: It is a table of the user's, and has changed since.
    """
    name, signal = named(stored)
    found = under_limits(load(name), limits)
    if stored_name(name, signal) != stored:
        raise DataError(
            f"the table {name} has changed since the study was made; put the old one back, or make "
            f"a new study with --study"
        )
    return found


def _network_costs(record: StudyRecord) -> Metrics | None:
    """Costs of the networks of a built-in training, for its limits and objectives."""
    made = record.description
    stored = read_training(made.benchmark)
    if stored is None or stored.build or not (made.limits or "objectives" in made.settings):
        return None
    try:
        data = load_data(stored.data)
    except (DataError, UnknownNameError):  # the data is gone: a report without costs
        return None
    from deltanas.costs import NetworkCosts  # torch, which other reports do without

    return NetworkCosts(record.space, data.shape, len(data.classes))


def subject_of(
    record: StudyRecord, benchmark: Benchmark | Surrogate | None, place: str, command: str = ""
) -> Subject:
    """What the report of a study is about; the command makes the same study anew.

    Args:
        record: The study.
        benchmark: What answered; None for trainings.
        place: File or URL of the study.
        command: The command, where it cannot be known from the store alone.
    """
    made = record.description
    signal = "mean"
    objectives = str(made.settings.get("objectives", ""))
    if benchmark is not None:
        signal = named(made.benchmark or "")[1].value
        count = max(1, len(record.trials))
        order = Order(benchmark.name, count, made.seed, place, made.shown_method, signal)
        order = replace(order, limits=made.limits, objectives=objectives)
        command = order.command
    space = record.space if benchmark is None else benchmark.space
    return Subject(
        space,
        record.history,
        made.shown_method,
        made.seed,
        benchmark,
        signal,
        command,
        made.limits,
        objectives,
        training=(made.benchmark or "") if benchmark is None else "",
        edits=record.edits,
    )


def report_folder(place: str, out: str) -> Path:
    """Where a report goes: to the folder asked for, else beside the study's file."""
    return Path(out) if out else beside(place, "report")


def beside(place: str, what: str) -> Path:
    """A folder named after a study, beside its file; in `runs` if it is in a database."""
    found = None if "://" in place else Place.of(place).beside(what)
    if found is None:
        return Path("runs", what)
    return found.relative_to(Path.cwd()) if found.is_relative_to(Path.cwd()) else found


def _line(name: str, value: str, style: str = "") -> None:
    say((f"{name:10}", "bold"), (value, style))
