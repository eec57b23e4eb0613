"""The numbers of a report: what a study found, how good that is, and what it learned."""

from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from deltanas.errors import ReportError
from deltanas.limits import Metrics, SpaceCosts
from deltanas.records import History, Status, Trial
from deltanas.report.answers import Model, Table
from deltanas.report.changes import Changes, predicted_changes
from deltanas.report.curves import Curve, best_so_far, random_draws_needed, simulate
from deltanas.report.edits import Effects, effects
from deltanas.report.front import Front, front
from deltanas.scale import PER_CENT, Scale
from deltanas.spaces import Architecture, SearchSpace

REFERENCES = ("regularized-evolution", "random")
"""Methods that a table lets us run for comparison, the stronger one first."""


@final
@dataclass(frozen=True, eq=False)
class Subject:
    """What a report is about."""

    space: SearchSpace
    """What was searched."""
    history: History
    """Trials of the study."""
    method: str
    """Method that searched."""
    seed: int
    """Its seed."""
    table: Table | Model | None = None
    """The benchmark that answered; None for trainings of the user's own."""
    signal: str = "mean"
    """Which of several recorded trainings the benchmark told."""
    command: str = ""
    """Command that makes the study again."""
    limits: tuple[str, ...] = ()
    """What every proposal kept to."""
    objectives: str = ""
    """Names of the objectives with commas, where there are several."""
    costs: Metrics | None = None
    """Where costs come from, if neither from the benchmark nor from the space."""
    training: str = ""
    """What trained the networks, as the study stores it; empty if that has no name."""
    edits: tuple[int, ...] = ()
    """How many trials there were each time that the training function was edited."""

    @property
    def metrics(self) -> Metrics:
        """Where costs come from: what was given, the benchmark, or the space."""
        source: object = self.costs or self.table
        return source if isinstance(source, Metrics) else SpaceCosts(self.space)

    @property
    def name(self) -> str:
        """The benchmark's name, or the space's."""
        return self.space.name if self.table is None else self.table.name

    @property
    def scale(self) -> Scale:
        """How accuracies are shown; those of a benchmark are fractions."""
        if self.table is not None:
            return PER_CENT
        return Scale.of(trial.accuracy for trial in self.history.finished)

    @property
    def split(self) -> str:
        """What the accuracies are measured on."""
        return "validation" if self.table is None else self.table.split


@final
@dataclass(frozen=True, slots=True)
class Standing:
    """How good an architecture is among all of its table."""

    accuracy: float
    """Its mean accuracy over all recorded trainings, a fraction."""
    rank: int
    """Its place; 1 is the best, equals share a place."""
    size: int
    """How many were ranked."""
    optimum: float
    """The highest mean accuracy of the table, a fraction."""
    test_accuracy: float | None
    """Its own mean test accuracy, a fraction; None where the table at hand has none."""
    random_draws: float
    """Median number of networks that random search trains until it has one as good."""

    @property
    def regret(self) -> float:
        """How much better the best of the table is, a fraction."""
        return self.optimum - self.accuracy


@final
@dataclass(frozen=True, slots=True)
class Estimated:
    """How good an architecture is where a model answers and no table is there."""

    accuracy: float
    """What the model says of it, a fraction."""
    best_known: float
    """The highest accuracy that anybody found before, a fraction."""
    beaten: int
    """How many random architectures it is better than."""
    sample: int
    """Of how many."""

    @property
    def regret(self) -> float:
        """How much better the best known one is, a fraction; below 0 if this one is better."""
        return self.best_known - self.accuracy

    @property
    def random_draws(self) -> float | None:
        """Median number of networks that random search trains until it has one as good.

        From the share of random ones that are as good; None if there is none.
        """
        if self.beaten == self.sample:
            return None
        return float(np.ceil(np.log(0.5) / np.log(self.beaten / self.sample))) if self.beaten else 1


@final
@dataclass(frozen=True, eq=False)
class Summary:
    """All numbers of a report."""

    subject: Subject
    """What it is about."""
    best: Trial
    """The trial with the highest accuracy."""
    ended: int
    """Evaluations that have ended, failed ones too."""
    found_after: int
    """Evaluations that had ended when the best one was there, itself included."""
    own: Curve
    """Best accuracy so far of the study."""
    references: tuple[Curve, ...]
    """The same for other methods on the same table."""
    standing: Standing | None
    """Where the best one stands in its table."""
    estimated: Estimated | None
    """How good the best one is where a model answered."""
    changes: Changes
    """Predicted against measured changes."""
    effects: Effects
    """What edits did."""
    front: Front | None = None
    """The best compromises, where there are several objectives."""

    @cached_property
    def scale(self) -> Scale:
        """How accuracies are shown."""
        return self.subject.scale

    @property
    def best_accuracy(self) -> float:
        """Accuracy of the best trial as the study saw it, a fraction."""
        return float(self.own.middle[-1])

    @property
    def failed(self) -> int:
        """How many evaluations brought no result, for other reasons than a limit."""
        return self.ended - len(self.subject.history.finished) - self.beyond

    @property
    def beyond(self) -> int:
        """How many evaluations were, or turned out, beyond a limit."""
        ended = [trial.evaluation for trial in self.subject.history.trials if trial.evaluation]
        return sum(each.status is Status.INFEASIBLE for each in ended)


def summarize(subject: Subject) -> Summary:
    """Work out all numbers of a report; a few seconds where references are simulated.

    Raises:
        ReportError: Not one trial has finished.
    """
    best = subject.history.best
    if best is None:
        within, way = "", "run the search first"
        if subject.history.trained:
            within, way = " within its limits", "go on with the search, or give it more room"
        raise ReportError(
            f"a report needs at least one trial that finished, got a study of {subject.name} with "
            f"{len(subject.history)} trials and none finished{within}; {way}"
        )
    ended = [trial for trial in subject.history.trials if trial.evaluation is not None]
    return Summary(
        subject=subject,
        best=best,
        ended=len(ended),
        found_after=ended.index(best) + 1,
        own=best_so_far(subject.method, subject.history),
        references=_references(subject, len(ended)),
        standing=standing(subject.table, best.architecture),
        estimated=estimated(subject.table, best.architecture),
        changes=predicted_changes(subject.history),
        effects=effects(subject.space, subject.history),
        front=front(subject.history, subject.objectives, subject.metrics, subject.scale),
    )


def standing(table: Table | Model | None, architecture: Architecture) -> Standing | None:
    """Where an architecture stands in its table; None without a table."""
    if table is None or isinstance(table, Model):
        return None
    accuracy = table.evaluate(architecture, signal="mean", seed=0)
    return Standing(
        accuracy,
        table.rank(accuracy),
        table.size,
        table.optimum,
        table.test_accuracy(architecture),
        random_draws_needed(table.classes, table.accuracies, accuracy),
    )


def estimated(table: Table | Model | None, architecture: Architecture) -> Estimated | None:
    """How good an architecture is for a model; None where there is a table, or nothing."""
    if not isinstance(table, Model):
        return None
    accuracy = table.evaluate(architecture, signal="mean", seed=0)
    beaten = int(np.searchsorted(table.sampled, accuracy, side="left"))
    return Estimated(accuracy, table.best_known, beaten, len(table.sampled))


def _references(subject: Subject, steps: int) -> tuple[Curve, ...]:
    table = subject.table
    if table is None:
        return ()

    def measure(architecture: Architecture, seed: int) -> float:
        return table.evaluate(architecture, signal=subject.signal, seed=seed)

    return tuple(
        simulate(method, subject.space, measure, steps=steps)
        for method in REFERENCES
        if method != subject.method
    )
