"""The only loop: ask a searcher, evaluate, record, and tell it by way of the history."""

import math
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self, final

from deltanas.errors import (
    AllTrialsFailedError,
    BudgetError,
    DeltaNasError,
    ProtocolError,
    StudyError,
)
from deltanas.evaluation import Evaluator, FunctionEvaluator, evaluation_of
from deltanas.records import Evaluation, History, Proposal, Status, Trial
from deltanas.search import Searcher, make
from deltanas.spaces import Architecture, SearchSpace
from deltanas.study.events import Ending, Evaluated, Proposed
from deltanas.study.store import Store

Train = Callable[[Architecture], object]
Watch = Callable[[Proposed | Evaluated], None]

HOPELESS = 5
"""After so many failures and no success the study stops and shows the first reason."""


@final
class Study:
    """A search that can be left and continued at any moment.

        study = Study(space, train, seed=0, storage="runs/mine.db")
        study.run(budget=40)
        study.best.architecture

    The same study, continued after any interruption, makes the same proposals as if it had
    never been interrupted: searchers know nothing but the stored history and the seed.
    """

    def __init__(
        self,
        space: SearchSpace,
        train: Train | Evaluator | None = None,
        *,
        seed: int = 0,
        storage: str | Path | None = None,
        method: str = "delta-evolution",
        benchmark: str | None = None,
        **settings: object,
    ) -> None:
        """Open a study, or make it.

        Args:
            space: What to search.
            train: A function of an architecture that returns its accuracy, or an evaluator;
                not needed for `ask` and `tell`.
            seed: Decides every random choice.
            storage: A file (SQLite) or a database URL; None keeps the study in memory.
            method: One of `deltanas.search.names()`.
            benchmark: Name of the benchmark, if the accuracies come from one.
            settings: Settings of the method, such as `starts=5`.

        Raises:
            StudyError: The storage cannot be used.
            StudyLockedError: Another process works on it.
            StudyMismatchError: It holds a study of another space, method, seed, ...
            UnknownNameError: There is no such method or setting.
        """
        self.space = space
        self._searcher: Searcher = make(method, space, seed=seed, **settings)
        self._evaluator = _evaluator(train)
        self._store = Store(storage)
        try:
            self._store.agree(_description(space, self._searcher, method, benchmark, settings))
            self._trials = {trial.number: trial for trial in self._store.trials(space)}
        except DeltaNasError:
            self._store.close()
            raise

    @property
    def history(self) -> History:
        """All trials so far."""
        return History(self._trials.values())

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials so far, by number."""
        return self.history.trials

    @property
    def best(self) -> Trial:
        """The finished trial with the highest accuracy.

        Raises:
            StudyError: None has finished yet.
        """
        best = self.history.best
        if best is None:
            raise StudyError("no trial has finished yet, so there is no best one; run the study")
        return best

    def run(self, budget: int, watch: Watch | None = None) -> Ending:
        """Evaluate until the study holds `budget` trials that have ended.

        Args:
            budget: Trials in all, those of earlier runs included; 1 or more.
            watch: Called with every `Proposed` and `Evaluated`.

        Raises:
            BudgetError: The budget is no whole number of 1 or more.
            AllTrialsFailedError: The first few trials failed and none succeeded.
            ProtocolError: The study has no training function.
        """
        budget = _checked_budget(budget)
        evaluator = self._evaluator
        if evaluator is None:
            raise ProtocolError("this study has no train function; give one, or use ask and tell")
        tell = watch or _ignore
        ending = Ending.NOTHING_TO_DO
        for trial in self.history.pending:  # left by a process that died
            ending = self._evaluate(evaluator, trial.proposal, 0.0, tell)
        while len(self._trials) < budget:
            started = time.process_time()
            proposals = self._searcher.propose(self.history, 1)
            if not proposals:
                return Ending.SPACE_EXHAUSTED
            self._add(proposals[0])
            ending = self._evaluate(evaluator, proposals[0], time.process_time() - started, tell)
        return ending

    def ask(self) -> Proposal:
        """The next proposal, stored as running; answer it with `tell`.

        Raises:
            ProtocolError: No network is left to propose.
        """
        proposals = self._searcher.propose(self.history, 1)
        if not proposals:
            raise ProtocolError("no network is left to propose: the whole space was proposed")
        self._add(proposals[0])
        return proposals[0]

    def tell(self, proposal: Proposal | int, result: object, *, reason: str | None = None) -> Trial:
        """Record what came of a proposal.

        Args:
            proposal: What `ask` returned, or its number.
            result: Its accuracy (or a mapping with `accuracy`); None if it failed.
            reason: Why it failed.

        Raises:
            ProtocolError: It was never asked, or was already told.
        """
        number = proposal.number if isinstance(proposal, Proposal) else proposal
        trial = self._trials.get(number)
        if trial is None or trial.evaluation is not None:
            why = "was never asked" if trial is None else "was already told"
            raise ProtocolError(
                f"tell() got proposal {number}, which {why}; "
                f"{len(self.history.pending)} proposals are waiting for an answer"
            )
        if result is None and reason is not None:
            evaluation = Evaluation(number, Status.FAILED, reason=reason)
        else:
            evaluation = evaluation_of(number, result)
        return self._finish(evaluation)

    def close(self) -> None:
        """Let other processes work on the study."""
        self._store.close()

    def __enter__(self) -> Self:
        """The study; it is closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the study."""
        self.close()

    def _add(self, proposal: Proposal) -> None:
        self._store.add(self.space, proposal)
        self._trials[proposal.number] = Trial(proposal)

    def _evaluate(
        self, evaluator: Evaluator, proposal: Proposal, seconds: float, tell: Watch
    ) -> Ending:
        tell(Proposed(proposal, seconds))
        evaluator.submit(proposal)
        try:
            evaluations = evaluator.collect()
        except KeyboardInterrupt:
            evaluator.cancel(proposal.number)
            raise
        for evaluation in evaluations:
            tell(Evaluated(self._finish(evaluation)))
        self._stop_if_hopeless()
        return Ending.BUDGET_SPENT

    def _finish(self, evaluation: Evaluation) -> Trial:
        self._store.finish(evaluation)
        trial = Trial(self._trials[evaluation.number].proposal, evaluation)
        self._trials[evaluation.number] = trial
        return trial

    def _stop_if_hopeless(self) -> None:
        ended = [trial.evaluation for trial in self.trials if trial.evaluation is not None]
        if len(ended) >= HOPELESS and all(each.accuracy is None for each in ended):
            raise AllTrialsFailedError(
                f"all {len(ended)} trials failed, so there is nothing to learn from; the first "
                f"one: {ended[0].reason}. Mend the training function and start a new study"
            )


def _ignore(event: Proposed | Evaluated) -> None:
    """Watch nothing."""


def _evaluator(train: Train | Evaluator | None) -> Evaluator | None:
    if train is None or isinstance(train, Evaluator):
        return train
    return FunctionEvaluator(train)


def _description(
    space: SearchSpace,
    searcher: Searcher,
    method: str,
    benchmark: str | None,
    settings: dict[str, object],
) -> dict[str, Any]:
    """What a continued study must have in common with the stored one."""
    return {
        "version": version("deltanas"),
        "space": space.fingerprint(),
        "benchmark": benchmark,
        "method": method,
        "settings": {name: repr(value) for name, value in sorted(settings.items())},
        "seed": searcher.seed,
    }


def _checked_budget(budget: object) -> int:
    whole = isinstance(budget, int) and not isinstance(budget, bool)
    if not whole or not isinstance(budget, int) or budget < 1 or not math.isfinite(budget):
        raise BudgetError(
            f"a budget is a whole number of trials, 1 or more, got {budget!r}; "
            f"give for example budget=60"
        )
    return budget
