"""Local search: move to the first neighbour that is better, start again where none is."""

from collections.abc import Iterator, Mapping, Sequence
from typing import final

import numpy as np

from deltanas.records import History, Trial
from deltanas.search.base import Choice, Searcher, check_counts, random_unseen
from deltanas.spaces import Architecture, Edit, SearchSpace


@final
class LocalSearch(Searcher):
    """Evaluates the neighbours of the current point in random order until one is better.

    Where none is, the point is a local optimum and the search starts again at a random one.
    The current point is not remembered but read from the history: the parent of the latest
    trial, moved on to better neighbours for as long as some are known. With several trials
    under way a climb may be left while its last neighbours still run; if one of them
    turns out better, the climb goes on once the next one has ended.

    Source: White, Nolen & Savani, "Exploring the Loss Landscape in Neural Architecture
    Search", UAI 2021 (query until an improvement). Ours: batches, no network twice, and a
    better neighbour that is known already is moved to at no cost.
    """

    def __init__(
        self, space: SearchSpace, *, seed: int, starts: int = 10, restarts: int = 1
    ) -> None:
        """Keep the settings.

        Args:
            space: What to search.
            seed: The study's seed, 0 or more.
            starts: How many random architectures come first; the best one is climbed from.
            restarts: How many random architectures come after a local optimum; likewise.

        Raises:
            SeedError: The seed is negative or not a whole number.
            ProtocolError: `starts` or `restarts` is less than 1.
        """
        super().__init__(space, seed=seed, starts=starts)
        check_counts("local search", restarts=restarts)
        self.restarts = restarts

    def choose(self, history: History, n: int, rng: np.random.Generator) -> Sequence[Choice]:
        """Choose new neighbours of the current point, then random ones if they run out."""
        seen = set(history.keys)
        known = {trial.architecture.key: trial for trial in history.finished}
        chosen: list[Choice] = []
        for foot in () if self._is_restarting(history) else _feet(history):
            tip, neighbours = self._climb(foot, known)
            for place in rng.permutation(len(neighbours)):
                edit, architecture = neighbours[place]
                if architecture.key not in seen:
                    seen.add(architecture.key)
                    chosen.append(Choice(architecture, tip.number, (edit,)))
            if len(chosen) >= n:
                return chosen[:n]
        fresh = random_unseen(self.space, seen, n - len(chosen), rng)
        return [*chosen, *(Choice(architecture) for architecture in fresh)]

    def _is_restarting(self, history: History) -> bool:
        """Whether the restart under way still lacks random points."""
        first = _run(history.trials, len(history), drawn=True)
        return 0 < len(history) - first < self.restarts and history.next_number > self.starts

    def _climb(
        self, foot: Trial, known: Mapping[str, Trial]
    ) -> tuple[Trial, list[tuple[Edit, Architecture]]]:
        """Follow known better neighbours to where none is; that point and its neighbours."""
        tip = foot
        while True:
            neighbours = self.space.neighbours(tip.architecture)
            keys = known.keys() & {architecture.key for _, architecture in neighbours}
            best = History([tip, *(known[key] for key in keys)]).best
            if best is None or best is tip:
                return tip, neighbours
            tip = best


def _feet(history: History) -> Iterator[Trial]:
    """Where the last two climbs stood when they last asked, and from where they began."""
    numbered = {trial.number: trial for trial in history.trials}
    end = len(history)
    for _ in range(2):
        climbing = _run(history.trials, end, drawn=False)
        drawing = _run(history.trials, climbing, drawn=True)
        for trial in history.trials[max(climbing, end - 1) : end]:
            if trial.proposal.parent in numbered:
                yield numbered[trial.proposal.parent]
        best = History(history.trials[drawing:climbing]).best
        if best is not None:
            yield best
        end = drawing


def _run(trials: Sequence[Trial], end: int, *, drawn: bool) -> int:
    """Where the run of random points (or of children) begins that goes up to `end`."""
    first = end
    while first and (trials[first - 1].proposal.parent is None) == drawn:
        first -= 1
    return first
