"""Delta-NAS for several objectives: children bred towards a larger dominated volume."""

import itertools
from collections.abc import Sequence
from functools import partial
from typing import final

import numpy as np
from jaxtyping import Bool, Float, Int

from deltanas.limits import Metrics, Objective, SpaceCosts, objectives_of
from deltanas.predictor.gaussian import FEWEST_LABELS, GaussianDelta
from deltanas.records import History, Trial
from deltanas.search.base import Choice, check_counts
from deltanas.search.breeding import Accuracies, explained, new_children
from deltanas.search.fronts import (
    MOST_BOXES,
    Costs,
    Ends,
    Lengths,
    boxes,
    expected_gains,
    expected_reached,
    on_front,
    reached,
)
from deltanas.search.learning import LearningSearcher
from deltanas.search.trial_costs import costs_of_trials
from deltanas.seeds import generator
from deltanas.spaces import Architecture, Codes, SearchSpace, codes_of

SAMPLE = 500
"""Random architectures that say what costs there are."""
BEYOND = 1.0
"""How far the reference is beyond the worst cost that a training told, in deviations: what costs
more than all of them, but is more accurate, is a gain."""
REACH = 0.25
"""The same for costs that are known, in the range that a random sample has. Without it, what costs
more than that sample would never be proposed, however accurate it is."""
LIKELY = 0.5
"""What runs counts as within the limits if that is more probable."""


@final
class ParetoEvolution(LearningSearcher):
    """High accuracy at low costs: the set of the best compromises.

    Accuracy is predicted, and so is each cost that only a training tells, by a predictor of its
    own, on its learning scale: normal scores, which have no unit. Other costs are known before.
    The expected gain in dominated volume has a closed form: in each box of costs, the expected
    improvement over the best accuracy there is so far, times what the child is expected to cover
    of the box. What should be high counts as a negative cost.

    Where trainings failed, the gain counts times the probability that the child's does not. Under
    limits on what only trainings tell, the gain is over the compromises within them, times
    the probability that the child keeps to them; before there is one, that probability is all that
    counts.

    Source: hypervolume improvement as what to choose by is Emmerich et al. 2006; the closed
    form for costs some of which are known exactly, averaged over hyperparameters, and breeding
    on it, are ours.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        seed: int,
        costs: Sequence[str],
        metrics: Metrics | None = None,
        starts: int = 5,
        parents: int = 10,
        generations: int = 4,
    ) -> None:
        """Keep the settings.

        Args:
            space: What to search.
            seed: The study's seed, 0 or more.
            costs: The objectives beside accuracy, at least one: names of metrics that should be
                low, or with `:max` high. One that the metrics do not know needs a direction,
                `:min` or `:max`, and has to be in the result of every training.
            metrics: Where known costs come from; the space's own features if left out.
            starts: Random architectures to begin with.
            parents: How many have children in each generation.
            generations: How many edits away from everything evaluated a child may be.

        Raises:
            LimitError: A metric is not known and has no direction.
            ObjectiveError: Two objectives are on one metric.
            SeedError: The seed is negative or not a whole number.
            ProtocolError: `starts`, `parents` or `generations` is less than 1.
        """
        self._predictor = GaussianDelta(space)
        super().__init__(space, seed=seed, starts=starts, predictor=self._predictor)
        check_counts("delta-evolution", parents=parents, generations=generations)
        self._metrics = metrics or SpaceCosts(space)
        self._costs = objectives_of(costs, self._metrics.metric_names)
        self.objectives = ",".join(("accuracy", *(each.words for each in self._costs)))
        self.parents = parents
        self.generations = generations
        known = [each.metric in self._metrics.metric_names for each in self._costs]
        self._is_known = np.array(known, dtype=bool)
        self._cost_predictors = [self._predictor.another() for _ in self.told]
        seen = self._known_costs(space.sample_codes(SAMPLE, generator(0, "costs")))
        # Of architectures whose costs nobody knows, neither bound is learned.
        self._least = np.nan_to_num(np.fmin.reduce(seen))
        self._most = np.nan_to_num(np.fmax.reduce(seen))

    @property
    def costs(self) -> tuple[Objective, ...]:
        """The objectives beside accuracy."""
        return self._costs

    @property
    def told(self) -> tuple[str, ...]:
        """Metrics that only a training tells: each result has to have them."""
        return tuple(each.metric for each in itertools.compress(self._costs, ~self._is_known))

    def costs_of(self, trials: Sequence[Trial]) -> Float[np.ndarray, "trials costs"]:
        """Costs of trials, low is better, in the units of their metrics; NaN where not known.

        They are as measured before the training where they were, else as the metrics say or the
        training told. What should be high has the opposite sign.
        """
        names = [each.metric for each in self._costs]
        return costs_of_trials(trials, names, self._metrics) * [each.sign for each in self._costs]

    def choose(self, history: History, n: int, rng: np.random.Generator) -> Sequence[Choice]:
        """Choose the `n` new networks that promise the largest gain in dominated volume."""
        costs = self.costs_of(history.trained)[:, ~self._is_known]
        complete = ~np.isnan(costs).any(axis=1)
        known = list(itertools.compress(history.trained, complete))
        if len(known) < FEWEST_LABELS:
            return []
        kept = self._feasibility.kept(known)
        self._feasibility.learn(history.trials)
        codes = codes_of([trial.architecture for trial in known])
        accuracies = np.array([trial.trained_accuracy for trial in known], dtype=float)
        values = [accuracies, *-costs[complete].T]
        exact = self.costs_of([*known, *history.pending])[:, self._is_known]
        seen = set(history.keys)
        running = [trial.architecture for trial in history.pending]
        chosen: list[Choice] = []
        while len(chosen) < n:
            learned = self._learn(codes, values, running)
            believed = learned[len(codes) :]
            if len(believed):
                self._feasibility.imagine(believed)
            # What runs may be a compromise, but before there is a result it is not taken for one.
            likely = (self._feasibility.chances(believed) > LIKELY) & kept.any()
            child = self._bred(learned, exact, np.concatenate([kept, likely]), seen, rng)
            if child is None:
                break
            exact = np.concatenate([exact, self._known_costs(codes_of([child]))])
            chosen.append(explained(self._predictor, child, known, codes, accuracies))
            running.append(child)
            seen.add(child.key)
        return chosen

    def _learn(
        self, codes: Codes, values: Sequence[Accuracies], running: Sequence[Architecture]
    ) -> Int[np.ndarray, "learned decisions"]:
        """Learn accuracy and told costs; what runs is believed to come as predicted.

        Returns:
            Codes of everything that was learned from, evaluated or running.
        """
        others = codes_of(running) if running else codes[:0]
        learned = np.concatenate([codes, others])
        for predictor, told in zip((self._predictor, *self._cost_predictors), values, strict=True):
            predictor.fit_accuracies(codes, told)
            if running:
                believed = predictor.believed(others)
                predictor.fit_accuracies(learned, np.concatenate([told, believed]))
        return learned

    def _bred(
        self,
        codes: Codes,
        exact: Costs,
        kept: Bool[np.ndarray, " learned"],
        seen: set[str],
        rng: np.random.Generator,
    ) -> Architecture | None:
        """The most promising new network of all generations; None if there is none."""
        believed = self._predictor.believed(codes)
        told = [-each.posterior(codes).moments()[0] for each in self._cost_predictors]
        costs = np.column_stack([self._scaled(exact), *told])
        is_known = ~np.isnan(costs).any(axis=1)
        within = np.flatnonzero(kept & is_known if kept.any() else is_known)
        front = within[on_front(believed[within], costs[within])]
        dearest = np.nan_to_num(self._scaled(exact)).max(axis=0, initial=1.0) + REACH
        most = [*dearest.tolist(), *(float(each.max()) + BEYOND for each in told)]
        reference = float(believed.min()), most
        cut = boxes(believed[front], costs[front], reference, most=MOST_BOXES)
        parents = codes[self._first_parents(front, believed, costs)]
        pool, gains = parents[:0], np.zeros(0)
        for _ in range(self.generations):
            children = new_children(self.space, parents, seen, rng)
            if not len(children):
                break
            gain = self._feasibility.chances(children)
            if kept.any():
                gain *= np.nan_to_num(
                    expected_gains(
                        cut,
                        self._reached(cut.cuts, children),
                        partial(self._predictor.expected_improvements, children),
                    )
                )
            pool, gains = np.concatenate([pool, children]), np.concatenate([gains, gain])
            parents = pool[np.argsort(-gains, kind="stable")[: self.parents]]
        if not len(pool):
            return None
        return self.space.from_codes(pool[[int(np.argmax(gains))]])[0]

    def _reached(self, cuts: Sequence[Ends], codes: Codes) -> list[Lengths]:
        """What architectures reach of the intervals of each cost: of known ones, then of told."""
        known = self._scaled(self._known_costs(codes)).T
        exact = [reached(ends, costs) for ends, costs in zip(cuts, known, strict=False)]
        told = zip(cuts[len(known) :], self._cost_predictors, strict=True)
        return exact + [expected_reached(ends, each.posterior(codes)) for ends, each in told]

    def _known_costs(self, codes: Codes) -> Costs:
        """Costs of architectures that are known before training, low is better."""
        known = list(itertools.compress(self._costs, self._is_known))
        columns = [each.sign * self._metrics.measure(each.metric, codes) for each in known]
        return np.array(columns, dtype=float).reshape(len(known), len(codes)).T

    def _scaled(self, costs: Costs) -> Costs:
        """Known costs from 0 to 1 over what a random sample has."""
        span = np.where(self._most > self._least, self._most - self._least, 1.0)
        scaled: Costs = (costs - self._least) / span
        return scaled

    def _first_parents(
        self, front: Int[np.ndarray, " front"], believed: Accuracies, costs: Costs
    ) -> Int[np.ndarray, " parents"]:
        """Rows along the front, evenly by its first cost; the most accurate others if few."""
        along = front[np.argsort(costs[front, 0], kind="stable")]
        if len(along) >= self.parents:
            along = along[np.linspace(0, len(along) - 1, self.parents).astype(int)]
        best = np.argsort(-believed, kind="stable")
        others = best[~np.isin(best, front)]
        parents: Int[np.ndarray, " parents"] = np.concatenate([along, others])[: self.parents]
        return parents
