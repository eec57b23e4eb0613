"""The modified evolution of Delta-NAS: the predictor of differences chooses the children.

Where plain evolution evaluates whatever mutation brings, this one lets its population
breed for several generations on predictions alone and spends an evaluation only on the
most promising child. Every evaluation teaches the predictor more differences.
"""

from collections.abc import Sequence
from functools import partial
from typing import final

import numpy as np
from jaxtyping import Bool, Int

from deltanas.errors import ObjectiveError
from deltanas.predictor import Advisor
from deltanas.predictor.gaussian import FEWEST_LABELS, GaussianDelta
from deltanas.records import History
from deltanas.search.base import Choice, check_counts
from deltanas.search.breeding import Accuracies, checked_advisor, explained, new_children
from deltanas.search.judged import judged
from deltanas.search.learning import LearningSearcher
from deltanas.search.pareto_evolution import ParetoEvolution
from deltanas.spaces import Architecture, Codes, SearchSpace, codes_of

STARTS = 2
"""Random architectures to begin with: a first difference takes two."""
CONTENDERS = 1_000
"""So many of the best measured ones may be the best in truth; the others are not asked about."""


@final
class DeltaEvolution(LearningSearcher):
    """Expected improvement over children that are bred on predicted differences.

    1. Learn: `GaussianDelta` from every evaluated architecture.
    2. Breed: the best evaluated ones have their one-edit children, the most promising of
       those have theirs, for `generations` generations, nothing evaluated in between.
    3. Choose the child with the highest expected improvement over the best architecture
       so far. While others are still running, their predicted accuracies stand in.

    Where trainings failed, the improvement counts times the probability that the child's does not.
    Under limits on what only trainings tell, the improvement counts over the best one within them,
    times the probability that the child keeps to them; before there is one, that probability is
    all that counts. Trainings beyond the limits are learned from too.

    Source: one-edit children chosen by a difference predictor are the paper's; the closed
    form, the generations and expected improvement are ours; `Feasibility` names that of limits.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        seed: int,
        starts: int = STARTS,
        parents: int = 10,
        generations: int = 4,
        predictor: Advisor | None = None,
    ) -> None:
        """Keep the settings.

        Args:
            space: What to search.
            seed: The study's seed, 0 or more.
            starts: Random architectures to begin with.
            parents: How many of the best have children in each generation.
            generations: How many edits away from everything evaluated a child may be.
            predictor: What is asked; `GaussianDelta` by default. Studies do not record it.

        Raises:
            SeedError: The seed is negative or not a whole number.
            ProtocolError: `starts`, `parents` or `generations` is less than 1, or the predictor
                is no `Advisor` of this space.
        """
        check_counts("delta-evolution", parents=parents, generations=generations)
        self._has_own = predictor is not None
        self._predictor = (
            GaussianDelta(space) if predictor is None else checked_advisor(predictor, space)
        )
        super().__init__(space, seed=seed, starts=starts, predictor=self._predictor)
        self.parents = parents
        self.generations = generations

    def for_costs(self, costs: Sequence[str]) -> ParetoEvolution:
        """The searcher for several objectives with these settings, and its own number of starts.

        Args:
            costs: The objectives beside accuracy; see `ParetoEvolution`.

        Raises:
            ObjectiveError: It was made with a predictor, and several objectives need more than one.
        """
        if self._has_own:
            raise ObjectiveError(
                f"several objectives have predictors of their own, got DeltaEvolution with the "
                f"predictor {self._predictor!r:.80}; leave it out"
            )
        made = partial(ParetoEvolution, parents=self.parents, generations=self.generations)
        if self.starts != STARTS:
            made = partial(made, starts=self.starts)
        return made(self.space, seed=self.seed, costs=costs)

    def choose(self, history: History, n: int, rng: np.random.Generator) -> Sequence[Choice]:
        """Choose the `n` most promising new networks."""
        if not history.trained:
            return []
        known, codes, accuracies = judged(history)
        if len(known) < FEWEST_LABELS:
            return []
        kept = self._feasibility.kept(known)
        self._feasibility.learn(history.trials)
        self._predictor.fit_accuracies(codes, accuracies)
        running = [trial.architecture for trial in history.pending]
        seen = set(history.keys)
        chosen: list[Choice] = []
        while len(chosen) < n:
            if running:
                self._imagine(codes, accuracies, codes_of(running))
                self._feasibility.imagine(codes_of(running))
            child = self._breed(codes, accuracies, kept, seen, rng)
            if child is None:
                break
            chosen.append(explained(self._predictor, child, known, codes, accuracies))
            running.append(child)
            seen.add(child.key)
        return chosen

    def _imagine(
        self, codes: Codes, accuracies: Accuracies, running: Int[np.ndarray, "running decisions"]
    ) -> None:
        """Learn the running ones as if they had come out as predicted.

        Source: the "kriging believer" of Ginsbourger et al. 2010.
        """
        believed = self._predictor.believed(running)
        self._predictor.fit_accuracies(
            np.concatenate([codes, running]), np.concatenate([accuracies, believed])
        )

    def _breed(
        self,
        codes: Codes,
        accuracies: Accuracies,
        kept: Bool[np.ndarray, " known"],
        seen: set[str],
        rng: np.random.Generator,
    ) -> Architecture | None:
        """The most promising new network of all generations; None if there is none."""
        # Beyond the limits, those come first that are believed to be nearest.
        order = accuracies if kept.all() else self._feasibility.chances(codes)
        best = np.lexsort((-np.where(kept, accuracies, order), ~kept))
        contenders = np.sort(best[: int(kept.sum())][:CONTENDERS])
        incumbent = None
        if len(contenders):
            incumbent = float(self._predictor.believed(codes[contenders]).max())
        parents = codes[best[: self.parents]]
        pool, gains = parents[:0], np.zeros(0)
        for _ in range(self.generations):
            children = new_children(self.space, parents, seen, rng)
            if not len(children):
                break
            pool = np.concatenate([pool, children])
            gain = self._feasibility.chances(children)
            if incumbent is not None:
                gain *= self._predictor.expected_improvement(children, incumbent)
            gains = np.concatenate([gains, gain])
            parents = pool[np.argsort(-gains, kind="stable")[: self.parents]]
        if not len(pool):
            return None
        return self.space.from_codes(pool[[int(np.argmax(gains))]])[0]
