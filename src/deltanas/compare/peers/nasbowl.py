"""NAS-BOWL: a Gaussian process on how often each small subgraph occurs."""

from collections import Counter
from collections.abc import Sequence
from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.compare.peers.candidates import highest, mutants_of_best, new_ones, pool
from deltanas.compare.peers.cell_graphs import CellGraphs
from deltanas.compare.peers.gaussian_process import Regression, log_errors
from deltanas.predictor.posterior import expected_improvement
from deltanas.records import History
from deltanas.search import Choice, Searcher, evaluated
from deltanas.spaces import ABSENT, Codes, SearchSpace

Histogram = Counter[str]
DEPTHS = (0, 1, 2, 3)
"""Numbers of Weisfeiler-Lehman rounds tried."""
NOISES = (1e-4, 1e-3, 1e-2, 1e-1)
"""Noise variances tried, in units of the function's variance."""


@final
class Nasbowl(Searcher):
    """Expected improvement under a Weisfeiler-Lehman kernel; half of the pool are mutants.

    Source: Ru, Wan, Dong & Osborne, "Interpretable Neural Architecture Search via Bayesian
    Optimisation with Weisfeiler-Lehman Kernels", ICLR 2021: the kernel, its depth chosen
    by marginal likelihood, a pool of 200 of which half are mutants of the best, expected
    improvement, log-transformed error rates. Differs: they evaluate 5 at a time, here the
    model is updated after every training, which can only help it.
    """

    def __init__(
        self, space: SearchSpace, *, seed: int, starts: int, size: int = 200, best: int = 10
    ) -> None:
        """Keep the settings.

        Args:
            space: What to search.
            seed: Seed of the run.
            starts: How many random architectures come first.
            size: Architectures in the pool.
            best: How many of the best have mutants.
        """
        super().__init__(space, seed=seed, starts=starts)
        self.size = size
        self.best = best
        self._graphs = CellGraphs(space)
        self._known: dict[tuple[int, ...], list[Histogram]] = {}

    def choose(self, history: History, n: int, rng: np.random.Generator) -> Sequence[Choice]:
        """The `n` of highest expected improvement."""
        if not history.finished:
            return []
        codes, accuracies = evaluated(history)
        mutants = mutants_of_best(self.space, history, self.size // 2, self.best, rng)
        fresh = pool(self.space, History(), self.size - len(mutants), rng)
        candidates = new_ones(self.space, np.concatenate([mutants, fresh]), history)
        if not len(candidates):
            return []
        values = log_errors(accuracies)
        fits = []
        for depth in DEPTHS:
            features = self._features(np.concatenate([codes, candidates]), depth)
            own, other = features[: len(codes)], features[len(codes) :]
            similar = own @ own.T
            fits += [(Regression.fit(similar, noise, values), own, other) for noise in NOISES]
        model, own, other = max(fits, key=lambda fit: fit[0].evidence)
        mean, spread = model.predict(own @ other.T, np.ones(len(other)))
        gain = expected_improvement(mean, spread, float(values.max()))
        return highest(self.space, candidates, gain, n)

    def _features(self, codes: Codes, depth: int) -> Float[np.ndarray, "architectures subgraphs"]:
        """Counts of all subgraphs of up to `depth` rounds, each row of length 1."""
        histograms = [self._histograms(code) for code in codes]
        column: dict[str, int] = {}
        for rounds in histograms:
            for histogram in rounds[: depth + 1]:
                for label in histogram:
                    column.setdefault(label, len(column))
        counts = np.zeros((len(codes), len(column)))
        for row, rounds in enumerate(histograms):
            for histogram in rounds[: depth + 1]:
                for label, count in histogram.items():
                    counts[row, column[label]] = count
        unit: Float[np.ndarray, "architectures subgraphs"] = counts / np.linalg.norm(
            counts, axis=1, keepdims=True
        )
        return unit

    def _histograms(self, code: np.ndarray) -> list[Histogram]:
        """Counts of the labels after each round; the subgraph is spelled out in the label."""
        key = tuple(code.tolist())
        if key not in self._known:
            graph = self._graphs.pruned(code)
            labels, joined = graph.labels[0], graph.arcs[0]
            vertices = np.flatnonzero(labels != ABSENT).tolist()
            names = {vertex: str(labels[vertex]) for vertex in vertices}
            rounds = [Counter(names.values())]
            for _ in range(max(DEPTHS)):
                names = {
                    vertex: f"{names[vertex]}({','.join(_feeding(joined, vertex, names))})"
                    for vertex in vertices
                }
                rounds.append(Counter(names.values()))
            self._known[key] = rounds
        return self._known[key]


def _feeding(joined: np.ndarray, vertex: int, names: dict[int, str]) -> list[str]:
    """Labels of the vertices that feed this one, sorted."""
    return sorted(names[source] for source in np.flatnonzero(joined[:, vertex]).tolist())
