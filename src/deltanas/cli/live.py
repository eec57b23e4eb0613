"""The live screen of a search: how far it is, the best so far, the last proposals."""

import time
from types import TracebackType
from typing import final

from rich.console import Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from deltanas.cli.terminal import out, say
from deltanas.cli.timing import Timing, duration
from deltanas.records import Trial
from deltanas.scale import Scale
from deltanas.study import Event, Proposed, Reported, StudyRecord
from deltanas.texts import one_line

SHOWN = 8
"""Last proposals on the screen; half as many where it has few lines."""
FEW_LINES = 30
"""A screen of fewer lines."""


@final
class Screen:
    """Follows a study; one line per evaluation where there is no terminal."""

    def __init__(self, record: StudyRecord, budget: int, title: str, *, lines: bool) -> None:
        """Begin with what earlier runs left.

        Args:
            record: The study, with the trials of earlier runs.
            budget: Trials that this run goes up to.
            title: What is searched, and how.
            lines: Whether to print lines instead of the live screen.
        """
        self._space, self._budget, self._title = record.space, budget, title
        self._trials = {trial.number: trial for trial in record.trials}
        self._best = record.history.best
        self._scale, self._is_recorded = record.scale, record.description.is_recorded
        self._reports: dict[int, Reported] = {}
        self._timing = Timing(time.monotonic())
        console = out()
        self._shown = SHOWN if console.height >= FEW_LINES else SHOWN // 2
        live = Live(console=console, get_renderable=self.screen, refresh_per_second=4)
        self._live = None if lines else live

    def __enter__(self) -> "Screen":
        """Show the screen."""
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the last state on the screen."""
        if self._live is not None:
            self._live.stop()

    def watch(self, event: Event) -> None:
        """Take in what a study tells."""
        now = time.monotonic()
        if isinstance(event, Reported):
            self._reports[event.proposal.number] = event
            self._measure(event.accuracy)
            return
        if isinstance(event, Proposed):
            self._timing.proposed(now, is_repeat=event.is_repeat)
            self._trials[event.proposal.number] = Trial(event.proposal)
            return
        self._timing.evaluated(now)
        self._trials[event.trial.number] = event.trial
        self._reports.pop(event.trial.number, None)
        self._best = event.best
        self._measure(event.trial.accuracy)
        if self._live is None:
            say(self.line(event.trial))

    def _measure(self, accuracy: float | None) -> None:
        """One value that is no fraction makes scores of all, but of recorded accuracies."""
        if not (self._is_recorded or Scale.of([accuracy]).is_fraction):
            self._scale = Scale(is_fraction=False)

    @property
    def _done(self) -> int:
        return sum(trial.evaluation is not None for trial in list(self._trials.values()))

    def line(self, trial: Trial) -> str:
        """A trial as one line: number, accuracy, best so far, and where it came from."""
        best = (
            "" if self._best is None else f"best {self._scale.bare(self._best.accuracy or 0.0, 3)}"
        )
        accuracy, parent, edit, predicted, measured = self._cells(trial)
        words = f"{parent} {edit}".strip()
        if predicted:
            words += f"  predicted {predicted}"
        if measured:
            words += f"  measured {measured}"
        done = f"{self._done}/{self._budget}"
        return f"{done:>9}  #{trial.number:<4} {accuracy:>8}  {best:<12}  {words}"

    def screen(self) -> RenderableType:
        """The whole screen as it is now."""
        done, now = self._done, time.monotonic()
        head = Table.grid(padding=(0, 2))
        left = self._timing.left(self._budget - done)
        head.add_row(
            ProgressBar(total=self._budget, completed=min(done, self._budget), width=28),
            Text(f"{done} of {self._budget} evaluations", "bold"),
            Text(f"{duration(self._timing.elapsed(now))} elapsed"),
            Text("" if left is None else f"{duration(left)} left"),
        )
        each = self._timing.seconds_per_proposal
        foot = "Ctrl-C stops and keeps everything; the same command goes on"
        if each is not None:
            foot = f"{each:.2f} s per proposal.  {foot}"
        rows = Group(
            head, Text(), *self._best_lines(), Text(), self._last(), Text(), Text(foot, "dim")
        )
        return Panel(rows, title=Text(one_line(self._title), "bold"), border_style="blue")

    def _best_lines(self) -> tuple[Text, ...]:
        if self._best is None:
            return (Text("best  none yet"),)
        accuracy = self._scale.shown(self._best.accuracy or 0.0, 3)
        return (
            Text.assemble("best  ", (accuracy, "bold green"), f"  (proposal {self._best.number})"),
            Text(f"      {one_line(self._space.write(self._best.architecture))}", overflow="fold"),
        )

    def _last(self) -> Table:
        last = Table(box=None, header_style="bold", pad_edge=False, expand=True)
        last.add_column("#", justify="right", no_wrap=True)
        last.add_column("parent", justify="right", no_wrap=True)
        last.add_column("edit", ratio=1, overflow="fold")
        for name in ("predicted", "measured", self._scale.heading):
            last.add_column(name, justify="right", no_wrap=True)
        for number in sorted(self._trials)[-self._shown :]:
            trial = self._trials[number]
            accuracy, parent, edit, predicted, measured = self._cells(trial)
            best = self._best is not None and number == self._best.number
            style = "bold green" if best else "dim" if trial.evaluation is None else ""
            texts = (str(number), parent, edit, predicted, measured, accuracy)
            last.add_row(*(Text(text, style) for text in texts))
        return last

    def _cells(self, trial: Trial) -> tuple[str, str, str, str, str]:
        """Accuracy, parent, edit in words, predicted and measured change, as they are shown."""
        proposal, evaluation, scale = trial.proposal, trial.evaluation, self._scale
        predicted = measured = accuracy = ""
        if proposal.predicted_delta is not None:
            predicted = scale.change(proposal.predicted_delta)
            if proposal.spread is not None:
                predicted += f" ± {scale.size(proposal.spread)}"
        if trial.accuracy is not None:
            accuracy = scale.bare(trial.accuracy, 3)
            before = None if proposal.parent is None else self._trials[proposal.parent].accuracy
            measured = "" if before is None else scale.change(trial.accuracy - before)
        elif evaluation is not None:
            accuracy = evaluation.status.value
        elif (report := self._reports.get(trial.number)) is not None:
            accuracy = f"epoch {report.epoch}: {scale.bare(report.accuracy, 1)}"
        edit = "; ".join(edit.words for edit in proposal.edits) or "random start"
        if evaluation is not None and evaluation.reason:
            edit = f"{edit} ({evaluation.reason})"
        parent = "" if proposal.parent is None else f"#{proposal.parent}"
        return accuracy, parent, one_line(edit), predicted, measured
