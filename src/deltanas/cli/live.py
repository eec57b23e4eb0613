"""The live screen of a search: how far it is, the best so far, the last proposals."""

import time
from types import TracebackType
from typing import Self, final

from rich.console import Group
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from deltanas.cli.terminal import console, plain
from deltanas.records import Trial
from deltanas.spaces import SearchSpace
from deltanas.study import Evaluated, Proposed

SHOWN = 8
"""Last proposals on the screen."""


@final
class Screen:
    """Follows a study; one line per evaluation where there is no terminal."""

    def __init__(self, space: SearchSpace, budget: int, known: list[Trial], *, lines: bool) -> None:
        """Begin with the trials of earlier runs."""
        self._space, self._budget = space, budget
        self._trials = {trial.number: trial for trial in known}
        self._done_before = len(known)
        self._started = time.monotonic()
        self._live = None if lines else Live(console=console, refresh_per_second=8)

    def __enter__(self) -> Self:
        """Show the screen."""
        if self._live is not None:
            self._live.start()
            self._live.update(self._screen())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the last state on the screen."""
        if self._live is not None:
            self._live.update(self._screen())
            self._live.stop()

    def watch(self, event: Proposed | Evaluated) -> None:
        """Take in what a study tells."""
        if isinstance(event, Proposed):
            return
        self._trials[event.trial.number] = event.trial
        if self._live is not None:
            self._live.update(self._screen())
        else:
            console.print("  ".join(self._row(event.trial)), soft_wrap=True, highlight=False)

    def _screen(self) -> Group:
        done = len(self._trials)
        elapsed = time.monotonic() - self._started
        fresh = done - self._done_before
        left = f"{elapsed / fresh * (self._budget - done):.0f} s left" if fresh else "starting"
        head = Text(f"{done} of {self._budget} evaluations   {elapsed:.0f} s, {left}   ")
        if fresh:
            head.append(f"{elapsed / fresh:.2f} s each", style="dim")
        bar = ProgressBar(total=self._budget, completed=min(done, self._budget), width=60)
        last = Table(box=None, header_style="bold", pad_edge=False)
        for name in ("#", "from", "edit", "predicted", "measured", "accuracy %"):
            last.add_column(name, justify="left" if name == "edit" else "right")
        for number in sorted(self._trials)[-SHOWN:]:
            last.add_row(*self._row(self._trials[number]))
        return Group(Panel(Group(head, bar, Text(), self._best(), Text(), last), title="deltanas"))

    def _best(self) -> Text:
        finished = [t for t in self._trials.values() if t.accuracy is not None]
        if not finished:
            return Text("nothing has finished yet")
        best = max(finished, key=lambda trial: (trial.accuracy or 0.0, -trial.number))
        words = f"best {100 * (best.accuracy or 0.0):.3f} %  "
        return Text(words, style="bold green").append(
            f"{plain(self._space.write(best.architecture))} (#{best.number})", style="default"
        )

    def _row(self, trial: Trial) -> tuple[str, ...]:
        proposal = trial.proposal
        parent = self._trials.get(-1 if proposal.parent is None else proposal.parent)
        predicted = measured = ""
        if proposal.predicted_delta is not None and proposal.spread is not None:
            predicted = f"{100 * proposal.predicted_delta:+.2f} ± {100 * proposal.spread:.2f}"
        if parent and parent.accuracy is not None and trial.accuracy is not None:
            measured = f"{100 * (trial.accuracy - parent.accuracy):+.2f}"
        reason = trial.evaluation.reason if trial.evaluation else None
        accuracy = f"{100 * trial.accuracy:.3f}" if trial.accuracy is not None else ""
        edit = "; ".join(e.words for e in proposal.edits) or "random start"
        return (
            str(trial.number),
            "" if proposal.parent is None else f"#{proposal.parent}",
            plain(f"failed: {reason}" if reason else edit),
            predicted,
            measured,
            accuracy,
        )
