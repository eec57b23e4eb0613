"""`deltanas status` and `deltanas stop`: look at a search from another terminal, and end it."""

import _thread
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from deltanas.cli.terminal import say
from deltanas.cli.timing import duration
from deltanas.errors import StudyError
from deltanas.records import Status
from deltanas.study import Study, StudyRecord
from deltanas.study.attendance import Attendance
from deltanas.study.lease import SILENCE_S
from deltanas.study.place import Place
from deltanas.study.source import edit_words
from deltanas.study.stopping import StopRequest, Wish, ask_to_stop, is_worked_on
from deltanas.study.study import NAME
from deltanas.texts import one_line

LABELS = {Status.INFEASIBLE: "left out", Status.PRUNED: "stopped"}
"""What a training without a result is called, where that is no failure."""
RECENT = 20
"""Trainings that the time left is judged by."""
ASKED = {
    None: "",
    Wish.FINISH: "; asked to stop, what runs is finished first",
    Wish.NOW: "; asked to stop at once",
}
"""What is said of a search that was asked to stop."""
LOOK_S = 0.5
"""Seconds between two looks at whether the search is to stop at once."""


def run_status(where: str, budget: int | None) -> None:
    """How far a study is; nothing is locked or changed.

    Args:
        where: File or URL of the study.
        budget: Trainings that it goes up to; None for the budget of the search at work.
    """
    record = Study.open(where)
    made, history = record.description, record.history
    _line("study", f"{record.place}")
    _line("", f"{record.space.name}, {made.shown_method}, seed {made.seed}")
    if record.edits:
        _line("warning", edit_words(record.edits), "bold red")
    at_work = _is_at_work(where, record)
    _line("search", _search(at_work, record))
    if at_work:
        _line("workers", _workers(record.attendance))
    ended = Counter(each.evaluation.status for each in history.trials if each.evaluation)
    counts = [f"{ended[each]} {each.value}" for each in Status if ended[each]]
    _line("trainings", ", ".join([*counts, f"{len(history.pending)} running"]))
    best = history.best
    if best is not None:
        shown = record.scale.shown(best.accuracy or 0.0, 3)
        _line("best", f"{shown}, training {best.number}", "bold green")
        _line("", record.space.write(best.architecture))
    failures = [each for each in history.trials if each.evaluation and each.evaluation.reason]
    if failures and failures[-1].evaluation is not None:
        last = failures[-1].evaluation
        label = LABELS.get(last.status, "failed")
        _line(label, f"last: training {failures[-1].number}, {last.reason}")
    attendance = record.attendance if at_work else None
    if budget is None and record.wish is None and attendance is not None:
        budget = attendance.budget
    _show_time(record, budget, 0 if attendance is None else attendance.count)


def _is_at_work(where: str, record: StudyRecord) -> bool | None:
    """Whether a search is at work; None where that cannot be known here."""
    place = Place.of(where)
    if place.path is None:
        holder = record.holder
        return holder is not None and (holder.age_s or 0.0) < SILENCE_S
    try:
        return is_worked_on(place)
    except StudyError:
        return None


def _search(at_work: bool | None, record: StudyRecord) -> str:
    """Whether a search is at work, in words."""
    if at_work is None:
        return "the study is read-only here, so it cannot be said whether one is at work"
    holder, pending = record.holder, len(record.history.pending)
    by = "" if holder is None else f", {holder.who}, seen {duration(holder.age_s or 0.0)} ago"
    if at_work:
        return f"at work{by}{ASKED[record.wish]}"
    by = by and f"; the last one was{by.removeprefix(',')}"
    left = f"; {pending} that ran then are taken up again by the same command" if pending else ""
    return f"none is at work{by}{left}"


def _workers(attendance: Attendance | None) -> str:
    """How many processes train."""
    if attendance is None:
        return "none yet"
    count, alive = len(attendance.here), attendance.alive
    said = [f"{alive} alive" + (f" of {count}" if alive < count else "")] if count else []
    if attendance.elsewhere:
        others = " and ".join(f"{n} on {name}" for name, n in sorted(attendance.elsewhere.items()))
        said.append(f"{others}, as the search says")
    return "; ".join(said) or "none yet"


def _show_time(record: StudyRecord, budget: int | None, workers: int) -> None:
    """Seconds of a training, and when the budget will be reached."""
    history = record.history
    seconds = [
        each.evaluation.seconds
        for each in history.trials
        if each.evaluation and each.evaluation.seconds is not None
    ][-RECENT:]
    if not seconds:
        return
    mean = sum(seconds) / len(seconds)
    if record.description.is_recorded:
        _line("time", f"recorded: {duration(mean)} a training, which is not waited for")
        return
    _line("time", f"{mean:.3g} s a training, mean of the last {len(seconds)}")
    # A worker whose training has just ended gets another one.
    running = max(1, workers, len(history.pending))
    if budget is not None:
        left = max(0, budget - len(history) + len(history.pending))
        seconds_left = mean * left / running
        end = time.strftime("%Y-%m-%d %H:%M", time.localtime(time.time() + seconds_left))
        words = f"{left} of {budget} trainings, about {duration(seconds_left)}"
        words += f" with {running} at a time"
        _line("left", f"{words}; end about {end}" if left else "nothing")


def run_stop(where: str, *, now: bool) -> None:
    """Ask the search of a study to stop."""
    ask_to_stop(Place.of(where), NAME, Wish.NOW if now else Wish.FINISH)
    if now:
        say("Asked to stop at once; what runs is taken up again when the same command goes on.")
    else:
        say("Asked to stop; what runs is finished first, which --now does not wait for.")


@contextmanager
def interruptible(request: StopRequest) -> Iterator[None]:
    """Inside the block, a wish to stop at once is a Ctrl-C."""
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(LOOK_S):
            if request.wish is Wish.NOW:
                request.clear()
                _interrupt()

    watcher = threading.Thread(target=watch, daemon=True)
    with _listening():
        watcher.start()
        try:
            yield
        finally:
            is_over.set()
            watcher.join()


@contextmanager
def _listening() -> Iterator[None]:
    """Take a signal of our own for a Ctrl-C: what a script starts with & ignores Ctrl-C's."""
    if os.name != "posix":
        yield
        return
    earlier = signal.signal(signal.SIGUSR1, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, earlier)


def _interrupt() -> None:
    """Press Ctrl-C, where a training that sleeps is woken by it, too."""
    if os.name == "posix":
        os.kill(os.getpid(), signal.SIGUSR1)
    else:
        _thread.interrupt_main()


def _line(name: str, value: str, style: str = "") -> None:
    say((f"{name:10}", "bold"), (one_line(value), style))
