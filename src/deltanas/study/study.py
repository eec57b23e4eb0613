"""The door to a search: make a study or continue one, run it, ask and tell."""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import SupportsFloat, SupportsIndex, final

from deltanas.errors import SpaceExhaustedError, StudyError
from deltanas.evaluation import Crew, Evaluator, Workplace, crew_of
from deltanas.limits import Limit, Metrics, limited, parted
from deltanas.records import History, Proposal, Trial
from deltanas.search import METHODS, Searcher
from deltanas.spaces import SearchSpace
from deltanas.study.description import Description
from deltanas.study.events import Ending, Watch, together
from deltanas.study.halving import Halving, checked_halving
from deltanas.study.inheritance import Inheritance, checked_inheritance
from deltanas.study.ledger import Ledger
from deltanas.study.loop import Loop, checked_budget
from deltanas.study.making import check_space, check_trainer, evaluator_of, searcher_of
from deltanas.study.measuring import Gate, settled
from deltanas.study.objectives import for_objectives, front_of
from deltanas.study.place import Place
from deltanas.study.provisions import Provisions
from deltanas.study.record import StudyRecord, read_study
from deltanas.study.source import digest_of, edit_words
from deltanas.study.stopping import StopRequest
from deltanas.study.telling import told

DEFAULT_METHOD = next(iter(METHODS))
NAME = "deltanas"
"""Name of a study in its database, if the user gives none."""


@final
class Study:
    """A search that is stored as it goes, so that it can always be continued.

        study = Study(space, train, storage="study.db")
        study.run(budget=30)
        print(study.best.architecture, study.best.accuracy)
        study.close()  # or `with Study(...) as study:`

    Or, with your own loop: `trial = study.ask()`, train `trial.architecture`, then
    `study.tell(trial, accuracy)`.

    What every study promises:

    - A proposal is stored before its evaluation starts, a result before anything else
      happens. Trials that a dead process left under way are evaluated again, as the same
      proposals, so a study that was interrupted equals one that was not.
    - A failed training is a trial with a reason; the search goes on.
    - A study file belongs to one process while that one works on it: during `run`, and from
      `ask` until everything asked was told.

    Optuna reads the same database: `optuna-dashboard sqlite:///study.db`.
    """

    def __init__(  # noqa: PLR0913  the one door to everything
        self,
        space: SearchSpace,
        train: Callable[..., object] | Evaluator | None = None,
        *,
        seed: int | None = None,
        storage: str | os.PathLike[str] | None = None,
        method: str | Searcher = DEFAULT_METHOD,
        benchmark: str | None = None,
        limits: Sequence[Limit | str] = (),
        objectives: Sequence[str] = (),
        metrics: Metrics | None = None,
        workers: int | Crew = 1,
        time_limit_s: float | None = None,
        halving: Halving | None = None,
        inheritance: Inheritance | None = None,
        name: str = NAME,
        source: Callable[..., object] | None = None,
    ) -> None:
        """Make a study, or open the one that is stored, to continue it.

        Args:
            space: What to search.
            train: Function from an architecture to its accuracy, or an evaluator; may be left
                out where `ask` and `tell` are used. A function of two arguments gets a
                `Context` too, whose folder lies beside the study file.
            seed: Seed of everything random; 0 if left out, or that of a given searcher.
            storage: An SQLite file, a database URL, or None to keep the study in memory.
            method: Name of a searcher (`deltanas methods` lists them), or one of your own.
            benchmark: Name of the benchmark that answers, so that nobody continues the study
                with another one.
            limits: Bounds on costs that every proposal keeps to, such as `"params<=600M"`. On what
                only `train` tells, `"fairness:told>=0.9"`: what breaks it is no result.
            objectives: `"accuracy"` and costs that should be low, such as `"params"`; `front` holds
                the best compromises. What only `train` tells has a direction: `"energy:min"`.
            metrics: Where limits and objectives get their costs from, such as a benchmark; the
                space's own `costs` if left out. Those of `deltanas.costs.MeasuredCosts` are
                measured before a network is trained.
            workers: Trainings of a function at the same time, each in a process of its own; or a
                `Crew`, which also says what each one gets, or names a Ray cluster.
            time_limit_s: Seconds after which a training is ended and failed; processes again.
            halving: How trainings that report their epochs are stopped early, if at all.
            inheritance: How far trainings begin with the weights of finished ones, if at all.
            name: Name of the study in its database.
            source: The function that trains, where `train` is an evaluator. If its source differs
                from that of earlier trials, a warning says so, and `record.edits`.

        Raises:
            TrainingError: There are no such workers or limits.
            StudyMismatchError: The stored study was made with another space, benchmark,
                method, setting, seed or limit.
            LimitError: A limit cannot be read, or nothing keeps to the limits.
            StudyLockedError: Another process works on it.
            StudyError: It cannot be opened or made.
            UnknownNameError: There is no such method.
            SeedError: The seed is negative or not a whole number.
        """
        check_space(space)
        check_trainer(train)
        self._place = Place.of(storage)
        known, on_told = parted(limits, metrics, space)
        measuring = settled(metrics, space, known, objectives, self._place, name)
        space = limited(space, known, metrics)
        if objectives:
            method = for_objectives(objectives, metrics, space, seed, method)
        searcher = searcher_of(method, space, None if objectives else seed)
        self._searcher, self.space = searcher.under(on_told), searcher.space
        self.description = replace(
            Description.of(self._searcher, benchmark, on_told),
            halving=checked_halving(halving, objectives, on_told, train),
            inheritance=checked_inheritance(inheritance, halving, train),
            measured=None if measuring is None else measuring.record(),
        )
        function = train if source is None and not isinstance(train, Evaluator) else source
        gate = Gate(self._searcher.space, measuring)
        provisions = Provisions(gate, halving, inheritance, on_told)
        self._ledger = Ledger(
            self._searcher, self._place, name, self.description, digest_of(function), provisions
        )
        if self._ledger.edits and source is None:
            logging.getLogger("deltanas").warning(edit_words(self._ledger.edits))
        work = Workplace(self._place.trials, seed=self._searcher.seed, is_new=not len(self._ledger))
        self._evaluator = evaluator_of(train, work, crew_of(workers, time_limit_s))
        self._owns_evaluator = self._evaluator is not train

    @staticmethod
    def open(
        storage: str | os.PathLike[str], space: SearchSpace | None = None, *, name: str = NAME
    ) -> StudyRecord:
        """Read a study without continuing it, also while another process works on it.

        Args:
            storage: An SQLite file or a database URL.
            space: Space of the study. Without it, a published space is known by its
                fingerprint, any other is rebuilt from labels, and rules that are text.
            name: Name of the study in its database.

        Raises:
            StudyError: There is none, or it cannot be read.
            StudyMismatchError: It searches another space.
        """
        return read_study(storage, space, name)

    @property
    def history(self) -> History:
        """All trials, those under way too."""
        return self._ledger.history

    @property
    def record(self) -> StudyRecord:
        """Everything that the study holds now, as reports take it."""
        place, edits = self._place.shown, self._ledger.edits
        return StudyRecord(self.space, self.description, self.history, place, edits=edits)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials, by number."""
        return self.history.trials

    @property
    def best(self) -> Trial:
        """The finished trial with the highest accuracy, the earliest of equals.

        Raises:
            StudyError: No trial has finished.
        """
        return self.record.best

    @property
    def front(self) -> tuple[Trial, ...]:
        """The best compromises between the objectives: no trial dominates them; by accuracy.

        Without further objectives, only the most accurate trials.
        """
        return front_of(self.history, self._searcher)

    @property
    def stop_request(self) -> StopRequest:
        """What `deltanas stop` asks for; `run` follows it, but for a wish to stop at once."""
        return self._ledger.stop

    def run(self, budget: int, *watches: Watch) -> Ending:
        """Evaluate until the study has `budget` trials, those of earlier runs included.

        Args:
            budget: Trials in all: finished, failed and under way.
            watches: Each is called after every change, e.g. to show progress; see `Callback`.

        Returns:
            Why it ended.

        Raises:
            BudgetError: The budget is not a positive whole number.
            AllTrialsFailedError: Five trainings failed (or all there are) and none succeeded.
            StudyLockedError: Another process works on the study.
            StudyError: There is nothing to evaluate with, or the study cannot be written.
        """
        budget = checked_budget(budget)
        if self._evaluator is None:
            raise StudyError(
                "run() has nothing to evaluate with; give Study(space, train) a function, or use "
                "ask() and tell()"
            )
        with self._ledger.working():
            return Loop(self._ledger, self._evaluator, budget, together(watches)).run()

    def ask(self) -> Trial:
        """Propose one architecture to train; `tell` what came of it.

        What a dead process had asked and not told is proposed again first.

        Raises:
            SpaceExhaustedError: Every architecture was proposed already.
            StudyLockedError: Another process works on the study.
            StudyError: The study cannot be written.
        """
        with self._ledger.working():
            while proposals := self._ledger.left_over(1) or self._ledger.propose(1):
                refused = self._ledger.refused(proposals[0])
                if refused is None:
                    return self._ledger.hand_out(proposals[0])
                self._ledger.learn(refused)
            raise SpaceExhaustedError(
                f"all {len(self._ledger)} networks of space {self.space.name!r} were proposed, "
                f"so there is none left to train; the search is over, see study.best"
            )

    def tell(
        self,
        trial: Trial | Proposal | SupportsIndex,
        accuracy: object = None,
        *,
        reason: str | None = None,
        seconds: SupportsFloat | None = None,
        metrics: Mapping[str, object] | None = None,
    ) -> Trial:
        """Report what came of a trial.

        Args:
            trial: What `ask` gave, or its number.
            accuracy: What a training function may return: its accuracy, or a mapping with that
                and metrics. None, or what is no finite number, means that the training failed.
            reason: Why it failed, in one line.
            seconds: How long it took.
            metrics: Whatever else was measured, by name with its unit.

        Returns:
            The trial with its evaluation.

        Raises:
            ProtocolError: There is no such trial, or it was told already; seconds are no number.
            StudyError: The study cannot be written.
        """
        number = self._ledger.number(trial)
        outcome = told(number, accuracy, reason=reason, seconds=seconds, metrics=metrics)
        with self._ledger.working():
            return self._ledger.learn(outcome)

    def close(self) -> None:
        """Free the store for others, and end the processes that trained; can be repeated.

        What is known can still be read; nothing more is asked, told or run with this object.
        What was asked and not told is asked again when the study is opened the next time.
        """
        self._ledger.close()
        if self._owns_evaluator and self._evaluator is not None:
            self._evaluator.close()

    def __enter__(self) -> "Study":
        """The study itself, which is closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()
