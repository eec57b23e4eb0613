"""Delta-NAS for several objectives: children bred towards a larger dominated volume."""

from collections.abc import Sequence
from typing import final

import numpy as np
from jaxtyping import Float, Int

from deltanas.limits import Metrics, SpaceCosts, metric_named
from deltanas.predictor.gaussian import FEWEST_LABELS, GaussianDelta
from deltanas.records import History, Trial
from deltanas.search.base import Choice, Searcher, evaluated
from deltanas.search.breeding import Accuracies, explained, new_children
from deltanas.search.fronts import boxes, on_front
from deltanas.search.trial_costs import costs_of_trials
from deltanas.seeds import generator
from deltanas.spaces import Architecture, Codes, SearchSpace, codes_of

SAMPLE = 500
"""Random architectures that say what costs there are."""


@final
class ParetoEvolution(Searcher):
    """High accuracy at low costs: the set of the best compromises.

    Costs are known before anything is trained, accuracy is predicted. So the expected gain in
    dominated volume has a closed form: in each box of costs, the expected improvement over the
    best accuracy there is so far, times what the child covers of the box.

    Source: hypervolume improvement as what to choose by is Emmerich et al. 2006; the closed
    form for costs that are known exactly, and breeding on it, are ours.
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
            costs: Names of the metrics that should be low, at least one.
            metrics: Where they come from; the space's own features if left out.
            starts: Random architectures to begin with.
            parents: How many have children in each generation.
            generations: How many edits away from everything evaluated a child may be.

        Raises:
            LimitError: A metric is not known, or none is given.
        """
        super().__init__(space, seed=seed, starts=starts)
        self._metrics = metrics or SpaceCosts(space)
        known = self._metrics.metric_names
        self._costs = tuple(metric_named(name, f"objective {name!r}", known) for name in costs)
        self.objectives = ",".join(("accuracy", *self._costs))
        self.parents = parents
        self.generations = generations
        self._predictor = GaussianDelta(space)
        seen = self.costs(space.sample_codes(SAMPLE, generator(0, "costs")))
        self._least, self._most = seen.min(axis=0), seen.max(axis=0)

    def costs(self, codes: Codes) -> Float[np.ndarray, "architectures costs"]:
        """Costs of architectures, in the units of their metrics."""
        return np.column_stack([self._metrics.measure(name, codes) for name in self._costs])

    def costs_of(self, trials: Sequence[Trial]) -> Float[np.ndarray, "trials costs"]:
        """Costs of trials: as measured where they were, else as the metrics say."""
        return costs_of_trials(trials, self._costs, self._metrics)

    def choose(self, history: History, n: int, rng: np.random.Generator) -> Sequence[Choice]:
        """Choose the `n` new networks that promise the largest gain in dominated volume."""
        known = history.finished
        if len(known) < FEWEST_LABELS:
            return []
        codes, accuracies = evaluated(history)
        costs = self.costs_of([*known, *history.pending])
        seen = set(history.keys)
        running = [trial.architecture for trial in history.pending]
        chosen: list[Choice] = []
        while len(chosen) < n:
            learned, values = codes, accuracies
            self._predictor.fit_accuracies(learned, values)
            if running:
                others = codes_of(running)
                believed = self._predictor.believed(others)
                learned = np.concatenate([codes, others])
                values = np.concatenate([accuracies, believed])
                self._predictor.fit_accuracies(learned, values)
            child = self._bred(learned, costs, seen, rng)
            if child is None:
                break
            costs = np.concatenate([costs, self.costs(codes_of([child]))])
            chosen.append(explained(self._predictor, child, known, codes, accuracies))
            running.append(child)
            seen.add(child.key)
        return chosen

    def _bred(
        self,
        codes: Codes,
        known_costs: Float[np.ndarray, "architectures costs"],
        seen: set[str],
        rng: np.random.Generator,
    ) -> Architecture | None:
        """The most promising new network of all generations; None if there is none."""
        believed = self._predictor.believed(codes)
        costs = self._scaled(known_costs)
        front = np.flatnonzero(on_front(believed, costs))
        cut = boxes(believed[front], costs[front], (float(believed.min()), [1.0] * costs.shape[1]))
        levels, box_level = np.unique(cut.levels, return_inverse=True)
        parents = codes[self._first_parents(front, believed, costs)]
        pool, gains = parents[:0], np.zeros(0)
        for _ in range(self.generations):
            children = new_children(self.space, parents, seen, rng)
            if not len(children):
                break
            expected = self._predictor.expected_improvements(children, levels)
            volume = cut.reached(self._scaled(self.costs(children)))
            gain = np.sum(volume * expected[:, box_level], axis=1)
            pool, gains = np.concatenate([pool, children]), np.concatenate([gains, gain])
            parents = pool[np.argsort(-gains, kind="stable")[: self.parents]]
        if not len(pool):
            return None
        return self.space.from_codes(pool[[int(np.argmax(gains))]])[0]

    def _scaled(
        self, costs: Float[np.ndarray, "architectures costs"]
    ) -> Float[np.ndarray, "architectures costs"]:
        """Costs from 0 to 1 over what a random sample has."""
        span = np.where(self._most > self._least, self._most - self._least, 1.0)
        scaled: Float[np.ndarray, "architectures costs"] = (costs - self._least) / span
        return scaled

    def _first_parents(
        self,
        front: Int[np.ndarray, " front"],
        believed: Accuracies,
        costs: Float[np.ndarray, "architectures costs"],
    ) -> Int[np.ndarray, " parents"]:
        """Rows along the front, evenly by its first cost; the most accurate others if few."""
        along = front[np.argsort(costs[front, 0], kind="stable")]
        if len(along) >= self.parents:
            along = along[np.linspace(0, len(along) - 1, self.parents).astype(int)]
        best = np.argsort(-believed, kind="stable")
        others = best[~np.isin(best, front)]
        parents: Int[np.ndarray, " parents"] = np.concatenate([along, others])[: self.parents]
        return parents
