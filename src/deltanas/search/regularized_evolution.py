"""Regularized evolution: a population that forgets its oldest members, good or bad."""

from collections.abc import Sequence
from typing import final

import numpy as np

from deltanas.records import History, Trial
from deltanas.search.base import Choice, Searcher, check_counts
from deltanas.spaces import SearchSpace


@final
class RegularizedEvolution(Searcher):
    """Mutates the winner of a tournament among the most recent architectures.

    The population is read from the history: the last `population` finished trials by
    *number*, so that age is the order of proposal and not that of arrival. Dying of age
    rather than of bad accuracy keeps a lucky measurement from living for ever.

    Source: Real et al., "Regularized Evolution for Image Classifier Architecture Search",
    AAAI 2019, Algorithm 1 (tournament with replacement, mutation of one decision). They use a
    population of 100 and tournaments of 25 for 20,000 trainings; within a few hundred,
    such a population never turns over and the search is close to random, hence 30 and 10
    here. Ours: no network is trained twice, a mutation always gives another network, and who
    has no new child left takes no part in the tournament.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        seed: int,
        starts: int = 10,
        population: int = 30,
        sample: int = 10,
    ) -> None:
        """Keep the settings.

        Args:
            space: What to search.
            seed: The study's seed, 0 or more.
            starts: How many random architectures come first.
            population: How many of the most recent finished trials are alive.
            sample: Size of a tournament; drawn with replacement.

        Raises:
            SeedError: The seed is negative or not a whole number.
            ProtocolError: `starts`, `population` or `sample` is less than 1.
        """
        super().__init__(space, seed=seed, starts=starts)
        check_counts("regularized evolution", population=population, sample=sample)
        self.population = population
        self.sample = sample

    def choose(self, history: History, n: int, rng: np.random.Generator) -> Sequence[Choice]:
        """Choose up to `n` children of tournament winners."""
        alive = list(history.finished[-self.population :])
        seen = set(history.keys)
        chosen: list[Choice] = []
        while alive and len(chosen) < n:
            drawn = {int(place) for place in rng.integers(len(alive), size=self.sample)}
            tournament = [alive[place] for place in drawn]
            winner = max(tournament, key=lambda trial: (trial.accuracy, -trial.number))
            child = self._child(winner, seen, rng)
            if child is None:
                alive.remove(winner)
            else:
                seen.add(child.architecture.key)
                chosen.append(child)
        return chosen

    def _child(self, parent: Trial, seen: set[str], rng: np.random.Generator) -> Choice | None:
        """A new network one edit away: first which decision, then what to put there."""
        neighbours = self.space.neighbours(parent.architecture)
        new = [(edit, child) for edit, child in neighbours if child.key not in seen]
        if not new:
            return None
        places = sorted({edit.decision for edit, _ in new})
        place = places[rng.integers(len(places))]
        new = [(edit, child) for edit, child in new if edit.decision == place]
        edit, child = new[rng.integers(len(new))]
        return Choice(child, parent.number, (edit,))
