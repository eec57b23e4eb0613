"""The only loop: propose, store, evaluate, store, go on."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from numbers import Integral
from typing import Final, final

from deltanas.errors import AllTrialsFailedError, BudgetError
from deltanas.evaluation import Evaluator
from deltanas.evaluation.outcome import printable
from deltanas.records import Evaluation, History, Proposal, Status
from deltanas.study.attendance import Attendance
from deltanas.study.events import Ending, Evaluated, Proposed, Reported, Watch
from deltanas.study.ledger import Ledger

HOPELESS = 5
"""Failures without a single success after which a run stops."""
LOG: Final = logging.getLogger("deltanas")


@final
class Loop:
    """One run of a study, up to a budget."""

    def __init__(
        self,
        ledger: Ledger,
        evaluator: Evaluator,
        budget: int,
        watch: Watch,
    ) -> None:
        """Bring the parts together; `ledger.working()` must be held around `run`."""
        self._stop = ledger.stop
        self._ledger = ledger
        self._evaluator = evaluator
        self._budget = budget
        self._watch = watch
        self._under_way: dict[int, Proposal] = {}
        self._started = 0
        self._unheard: Exception | None = None

    def run(self) -> Ending:
        """Evaluate until the budget is reached or nothing is left; see `Study.run`."""
        self._evaluator.on_report = self._report
        self._evaluator.on_change = self._note
        self._evaluator.on_loss = _say_lost
        _say_repeated(self._ledger.waiting)
        try:
            while True:
                before = self._started
                for proposal, is_repeat in self._next():
                    self._begin(Proposed(proposal, self._budget, is_repeat))
                if self._under_way:
                    self._note()
                    self._collect()
                elif self._started == before:
                    break
                check_hope(self._ledger.history, HOPELESS)
        except BaseException:
            # What is under way stays in the store, to be evaluated again.
            for number in self._under_way:
                self._evaluator.cancel(number)
            raise
        finally:
            self._evaluator.on_report = self._evaluator.on_change = None
            self._evaluator.on_loss = None
            is_stopped = self._stop.wish is not None and not self._is_done
            self._stop.clear()
        check_hope(self._ledger.history, 1)
        if is_stopped:
            return Ending.STOPPED
        if len(self._ledger) < self._budget:
            return Ending.SPACE_EXHAUSTED
        return Ending.BUDGET_REACHED if self._started else Ending.NOTHING_TO_DO

    @property
    def _is_done(self) -> bool:
        return len(self._ledger) >= self._budget and not self._ledger.history.pending

    def _next(self) -> Iterator[tuple[Proposal, bool]]:
        """What to evaluate now, and whether it was under way when an earlier run ended."""
        if self._stop.wish is not None:
            return
        for proposal in self._ledger.left_over(self._evaluator.capacity):
            yield proposal, True
        room = min(self._evaluator.capacity, self._budget - len(self._ledger))
        if room > 0:
            for proposal in self._ledger.propose(room):
                yield proposal, False

    def _note(self) -> None:
        """Store who trains, and how far."""
        self._ledger.note(Attendance.of(self._evaluator, self._budget))

    def _begin(self, proposed: Proposed) -> None:
        """Have a proposal evaluated, unless what was measured of it breaks a limit."""
        self._watch(proposed)
        self._started += 1
        proposal = proposed.proposal
        refused = self._ledger.refused(proposal)
        if refused is not None:
            self._learn(refused)
            return
        self._evaluator.submit(proposal)
        self._under_way[proposal.number] = proposal

    def _learn(self, evaluation: Evaluation) -> None:
        """Store a result, and tell of it."""
        trial = self._ledger.learn(evaluation)
        self._under_way.pop(evaluation.number, None)
        history = self._ledger.history
        done = len(history) - len(history.pending)
        self._watch(Evaluated(trial, history.best, done, self._budget))

    def _collect(self) -> None:
        """Wait for results and store them."""
        for evaluation in self._evaluator.collect():
            self._learn(evaluation)
        if self._unheard is not None:
            raise self._unheard

    def _report(
        self, number: int, epoch: int, accuracy: float, metrics: Mapping[str, float]
    ) -> None:
        """Tell the watch of an epoch; what it raises is no fault of the training, and waits."""
        if number not in self._under_way or self._unheard is not None:
            return
        try:
            self._watch(Reported(self._under_way[number], epoch, accuracy, metrics))
        except Exception as error:  # noqa: BLE001 - whatever the user's watch raises
            self._unheard = error


def _say_repeated(numbers: Sequence[int]) -> None:
    """Say what is begun again, as time that was spent in vain should not pass unnoticed."""
    if numbers:
        LOG.warning(
            "What ran when this study was last left is begun again: training %s.",
            ", ".join(map(str, numbers)),
        )


def _say_lost(number: int, words: str) -> None:
    """Say that a training was lost and is begun again."""
    LOG.warning("Training %d is begun again: %s.", number, printable(words))


def checked_budget(budget: object) -> int:
    """The budget itself, if it can be one.

    Raises:
        BudgetError: It is not a whole number of 1 or more.
    """
    if isinstance(budget, bool) or not isinstance(budget, Integral) or budget < 1:
        raise BudgetError(
            f"a budget is a whole number of trainings, 1 or more, got {budget!r}; "
            f"give for example budget=60"
        )
    return int(budget)


def check_hope(history: History, enough: int) -> None:
    """Stop when trainings failed and none succeeded.

    Args:
        history: All trials.
        enough: How many failures are enough to stop.

    Raises:
        AllTrialsFailedError: That many failed and none was trained to its end, within the limits
            or not; the message has the first reason.
    """
    if history.trained:
        return
    failures = [
        trial.evaluation
        for trial in history.trials
        if trial.evaluation is not None
        and trial.evaluation.status in (Status.FAILED, Status.TIMED_OUT)
    ]
    if len(failures) >= enough:
        first = failures[0]
        raise AllTrialsFailedError(
            f"expected a training to succeed, got {len(failures)} "
            f"failure{'s' * (len(failures) > 1)} and no accuracy; the "
            f"first was trial {first.number} ({first.reason}). Correct that; failed architectures "
            f"are not tried again in this study, so best begin a new one (another study file)"
        )
