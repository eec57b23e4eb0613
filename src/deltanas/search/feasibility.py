"""How likely the training of an architecture brings a result: it ends well, and within limits."""

from collections.abc import Sequence
from itertools import compress
from typing import final

import numpy as np
import scipy
from jaxtyping import Bool, Float

from deltanas.limits import Limit
from deltanas.predictor.gaussian import FEWEST_LABELS, GaussianDelta
from deltanas.predictor.posterior import LEAST_VARIANCE, Posterior
from deltanas.predictor.warp import Warp
from deltanas.records import Status, Trial
from deltanas.search.trial_costs import costs_of_trials
from deltanas.spaces import Codes, SearchSpace, codes_of

Told = Float[np.ndarray, " told"]

SUCCESS = ""
"""Among the names of metrics: whether a training brings a result at all."""
LOST = (Status.FAILED, Status.TIMED_OUT, Status.INFEASIBLE)
"""What is no result, whatever it told."""
LEAST_CHANCE = 1e-280
"""Probabilities below are too small to be multiplied."""
TINY = 1e-12
"""What the logarithms of two probabilities differ by at least."""
LEAST = 0.01
"""Nothing is taken for surer to fail than with this probability of success."""


@final
class Feasibility:
    """Learns from what failed, and limited metrics from trainings that told them.

    Each metric has a predictor of its own, on its learning scale; success has one too, learned
    as 1 and failure as 0. Given the predictors, all are taken for independent. Before there is a
    failure, everything succeeds; with too few trainings to learn from, everything is feasible.

    Source: gains weighed by the probability that constraints hold are Schonlau et al. 1998 and
    Gardner et al. 2014; on differences, averaged over hyperparameters, ours.
    """

    def __init__(
        self, space: SearchSpace, limits: Sequence[Limit] = (), like: object = None
    ) -> None:
        """Prepare for limits on what trainings tell, if any.

        Args:
            space: What is searched.
            limits: Limits on metrics that trainings tell.
            like: The predictor of accuracy: where it is a `GaussianDelta`, these see the same.
        """
        self._space, self._like = space, like
        self._limits: dict[str, list[Limit]] = {}
        for limit in limits:
            self._limits.setdefault(limit.metric, []).append(limit)
        self._predictors: dict[str, GaussianDelta] = {}
        self._known: dict[str, tuple[Codes, Told]] = {}
        self._bounds: dict[str, tuple[float, float]] = {}
        self._has_failed = False

    def under(self, limits: Sequence[Limit]) -> "Feasibility":
        """One for these limits, which sees the same and knows nothing yet."""
        return Feasibility(self._space, limits, self._like)

    def learn(self, trials: Sequence[Trial]) -> None:
        """Learn from all trials so far; those that did not tell a metric say nothing of it."""
        outcomes = [(trial, _is_success(trial)) for trial in trials]
        ended = [(trial, each) for trial, each in outcomes if each is not None]
        success = np.array([each for _, each in ended], dtype=float)
        self._has_failed = bool((success < 1).any() and (success > 0).any())
        if self._has_failed:
            codes = codes_of([trial.architecture for trial, _ in ended])
            self._predictor(SUCCESS).fit_accuracies(codes, success)
        self._known = {}
        for name, values in zip(self._limits, self._values(trials).T, strict=True):
            knows = ~np.isnan(values)
            if knows.sum() >= FEWEST_LABELS:
                codes = codes_of([trial.architecture for trial in compress(trials, knows)])
                self._known[name] = codes, self._bounded(name, values[knows])
        self._fit(self._known)

    def imagine(self, running: Codes) -> None:
        """Believe, until `learn` is called, that what runs tells the metrics as predicted."""
        imagined = {}
        for name, (codes, told) in self._known.items():
            believed = self._predictor(name).believed(running)
            imagined[name] = np.concatenate([codes, running]), np.concatenate([told, believed])
        self._fit(imagined)

    def chances(self, codes: Codes) -> Float[np.ndarray, " architectures"]:
        """Probability that each architecture does not fail and keeps to all limits."""
        chances: Float[np.ndarray, " architectures"] = np.ones(len(codes))
        if self._has_failed:
            chances *= np.clip(self._predictor(SUCCESS).believed(codes), LEAST, 1.0)
        for name, (low, high) in self._bounds.items():
            chances *= between(self._predictor(name).posterior(codes), low, high)
        return chances

    def kept(self, trials: Sequence[Trial]) -> Bool[np.ndarray, " trials"]:
        """Which trainings are results: what finished, and what told metrics within all limits."""
        status = [None if each.evaluation is None else each.evaluation.status for each in trials]
        finished = np.array([each is Status.FINISHED for each in status], dtype=bool)
        kept: Bool[np.ndarray, " trials"] = np.array(
            [each is not None and each not in LOST for each in status], dtype=bool
        )
        for limits, values in zip(self._limits.values(), self._values(trials).T, strict=True):
            for limit in limits:
                # Who finished without a word of it is not beyond it; who was stopped may be.
                within = np.array([limit.keeps(each) for each in values.tolist()], dtype=bool)
                kept &= within | (finished & np.isnan(values))
        return kept

    def _values(self, trials: Sequence[Trial]) -> Float[np.ndarray, "trials metrics"]:
        """The limited metrics, a column each; NaN where a trial told none."""
        return costs_of_trials(trials, list(self._limits), None)

    def _bounded(self, name: str, values: Told) -> Told:
        """Infinite values as ones that are somewhat worse than all others and the limits."""
        finite = [*values[np.isfinite(values)], *(each.bound for each in self._limits[name])]
        bounded: Told = np.clip(values, min(finite) - 1, max(finite) + 1)
        return bounded

    def _fit(self, learned: dict[str, tuple[Codes, Told]]) -> None:
        self._bounds = {}
        for name, (codes, told) in learned.items():
            self._predictor(name).fit_accuracies(codes, told)
            self._bounds[name] = self._scores(told, self._limits[name])

    def _predictor(self, name: str) -> GaussianDelta:
        """The predictor of a metric, made when it is first asked for; most searches need none."""
        if name not in self._predictors:
            if not isinstance(self._like, GaussianDelta):
                self._like = GaussianDelta(self._space)
            self._predictors[name] = self._like.another()
        return self._predictors[name]

    @staticmethod
    def _scores(told: Told, limits: Sequence[Limit]) -> tuple[float, float]:
        """The least and the most that the limits allow, on the scale of the predictor."""
        least = max((each.bound for each in limits if not each.at_most), default=-np.inf)
        most = min((each.bound for each in limits if each.at_most), default=np.inf)
        return _score(told, least), _score(told, most)


def between(posterior: Posterior, low: float, high: float) -> Float[np.ndarray, " rows"]:
    """Probability that a value lies between two; far from both, what is nearer has the higher one.

    Dozens of deviations away a probability is too small for a number. There its logarithm is
    put in its place, squeezed to less than all that are not: a search has to know where to go.
    """
    deviation = np.sqrt(np.maximum(posterior.variance, LEAST_VARIANCE))
    units = [(bound - posterior.mean) / deviation for bound in (low, high)]
    # Above both, as far below: there the difference of two numbers near 1 would be lost.
    is_right = units[0] > 0
    low_units = np.where(is_right, -units[1], units[0])
    high_units = np.where(is_right, -units[0], units[1])
    within = scipy.special.ndtr(high_units) - scipy.special.ndtr(low_units)
    chance: Float[np.ndarray, " rows"] = posterior.weights @ np.maximum(within, 0.0)
    lost = chance < LEAST_CHANCE
    if lost.any():
        below_high, below_low = (
            scipy.special.log_ndtr(each[:, lost]) for each in (high_units, low_units)
        )
        logs = below_high + np.log1p(-np.exp(np.minimum(below_low - below_high, -TINY)))
        log = scipy.special.logsumexp(logs, axis=0, b=posterior.weights[:, None])
        beyond = np.maximum(np.log(LEAST_CHANCE) - log, 0.0)
        chance[lost] = LEAST_CHANCE / (1 + beyond)
    return chance


def _score(told: Told, bound: float) -> float:
    """A bound on the learning scale of what was told, which goes on beyond both ends."""
    if not np.isfinite(bound):
        return bound
    if bound < told.min():  # the scale is as good upside down, and there it has no floor
        return -float(Warp(-told).apply(np.array([-bound]))[0])
    return float(Warp(told).apply(np.array([bound]))[0])


def _is_success(trial: Trial) -> bool | None:
    """Whether a training ended well, also beyond a limit; None where it was none or still runs."""
    if trial.evaluation is None:
        return None
    if trial.evaluation.status is Status.INFEASIBLE:
        return None if trial.trained_accuracy is None else True
    return trial.evaluation.status not in LOST
