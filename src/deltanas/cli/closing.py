"""The end of a search in words: why it ended, what it found, how good that is."""

from pathlib import Path

from deltanas.benchmarks import Benchmark, Surrogate, load
from deltanas.cli.order import Order
from deltanas.cli.terminal import clean, say
from deltanas.report import Subject, Summary, summarize, write_report
from deltanas.report.sentences import (
    known_words,
    per_cent,
    rank_words,
    sample_words,
    saved_words,
)
from deltanas.study import Ending, Study, StudyRecord

FACTS = 3
"""Metrics of the best architecture that are shown; all are in the store."""


def show_ending(ending: Ending, trials: int, budget: int) -> None:
    """Say why nothing more was done, where the budget is not the reason."""
    if ending is Ending.NOTHING_TO_DO:
        say(
            f"Nothing left to do: the study has {trials} evaluations and the budget is {budget}; "
            f"raise --budget to go on."
        )
    elif ending is Ending.SPACE_EXHAUSTED:
        say(
            f"Nothing left to propose: all {trials} different networks of the space were "
            f"evaluated, fewer than the budget of {budget}."
        )


def show_result(summary: Summary) -> None:
    """The best architecture, its accuracy, its rank, and what finding it cost."""
    standing, best = summary.standing, summary.best.architecture
    split = summary.subject.split
    say()
    _line("best", clean(summary.subject.space.write(best)), "bold green")
    if summary.estimated is not None:
        _line("accuracy", f"{per_cent(summary.estimated.accuracy, 3)} {split}, said by a model")
        told = summary.best.evaluation.metrics if summary.best.evaluation else {}
        facts = [f"{name} {value:.4g}" for name, value in list(told.items())[:FACTS]]
        _line("", ", ".join(facts))
        _line("rank", known_words(summary.estimated))
        _line("", sample_words(summary.estimated))
        _line("cost", saved_words(summary) or "")
        return
    if standing is None:
        _line("accuracy", f"{per_cent(summary.best_accuracy, 3)} {split}")
        return
    if summary.subject.signal != "mean":
        _line("accuracy", f"{per_cent(summary.best_accuracy, 3)} {split}, the training told")
    label = "accuracy" if summary.subject.signal == "mean" else ""
    _line(label, f"{per_cent(standing.accuracy, 3)} {split}, mean of its recorded trainings")
    if standing.test_accuracy is not None:
        _line("", f"{per_cent(standing.test_accuracy, 3)} test, mean of its recorded trainings")
    _line("rank", rank_words(standing).removeprefix("rank "))
    saved = saved_words(summary)
    if saved is not None:
        _line("cost", saved)


def write_report_of(place: str, out: str) -> Path:
    """Write the report of a stored study again; nothing is trained or changed."""
    record = Study.open(place)
    name = (record.description.benchmark or "").partition(" ")[0]
    benchmark = load(name) if name else None
    return write_report(summarize(subject_of(record, benchmark, place)), report_folder(place, out))


def subject_of(record: StudyRecord, benchmark: Benchmark | Surrogate | None, place: str) -> Subject:
    """What the report of a study is about; the command makes the same study anew."""
    made = record.description
    signal = (made.benchmark or "").partition(" ")[2] or "mean"
    command = ""
    if benchmark is not None:
        count = max(1, len(record.trials))
        command = Order(benchmark.name, count, made.seed, place, made.method, signal).command
    space = record.space if benchmark is None else benchmark.space
    return Subject(space, record.history, made.method, made.seed, benchmark, signal, command)


def report_folder(place: str, out: str) -> Path:
    """Where a report goes: to the folder asked for, else beside the study's file."""
    if out:
        return Path(out)
    return Path("runs/report") if "://" in place else Path(f"{Path(place).with_suffix('')}-report")


def _line(name: str, value: str, style: str = "") -> None:
    say((f"{name:10}", "bold"), (value, style))
