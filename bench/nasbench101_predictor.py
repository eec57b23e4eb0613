"""How well are accuracies of NAS-Bench-101 predicted from few labels? Needs DELTANAS_DATA.

`python -m bench.nasbench101_predictor [seeds] [methods]`: for 100, 172 and 424 random labels,
Kendall's tau over cells that were not labelled, and the share of one-edit changes of 500 random
cells whose direction is right, functionally equal ones left out. The closed form is asked about
all other cells, the same with another encoding about 50,000 random ones, and networks, which are
slower, about 10,000. The signal is the mean TEST accuracy of three trainings,
which is known for all cells, for labels and for judging. PINAT (Lu et al., AAAI 2023) learned
from VALIDATION accuracy and was judged by test accuracy, and NN-Former (Xu et al., CVPR 2025)
is compared with it: their published figures stand beside these ones for orientation only.

- *closed form*: `GaussianDelta` as the search uses it; *adjacency* and *paths* are the same
  with nothing but that encoding to see; *arch2vec* with a latent vector that an autoencoder
  learned from random cells, without accuracies.
- *graph differences*: `GraphDelta` from all pairs of labels; a cell is ranked by the mean of
  y(label) + D(label, cell) over ten labels.
- *graph accuracies*: networks of the same size that learn accuracies.
"""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.tables import recorded
from deltanas.benchmarks import Benchmark
from deltanas.compare.ablations.absolute import AbsoluteNetworks
from deltanas.compare.ablations.arch2vec import Arch2Vec
from deltanas.compare.ablations.encodings import OneEncoding
from deltanas.compare.metrics import estimate
from deltanas.encoding import OneHot, VertexPaths
from deltanas.pairs import pairs_of
from deltanas.predictor import GaussianDelta, kendall_tau, sign_agreement
from deltanas.predictor.graph_neural import GraphDelta
from deltanas.seeds import generator
from deltanas.spaces import Codes, SearchSpace

LABELS = (100, 172, 424)
ALL, CELLS, FEWER = 423_624, 50_000, 10_000
PARENTS = 500
ANCHORS = 10
ROWS = 2_000
PUBLISHED = {"PINAT": (0.717, 0.764, 0.812), "NN-Former": (0.709, 0.765, 0.809)}
Values = NDArray[np.float64]
Score = Callable[[Codes], Values]
"""Expected accuracy of each cell, up to a constant."""


@dataclass(frozen=True)
class Task:
    """What is asked."""

    cells: Codes
    accuracies: Values
    before: Codes
    after: Codes
    changes: Values


def task(benchmark: Benchmark) -> Task:
    """All cells in random order, and pairs of the first with their children in the table."""
    space, accuracies = benchmark.space, np.array(benchmark.accuracies)
    chosen = generator(0, "asked").permutation(len(accuracies))
    parents = chosen[:PARENTS]
    rows, children = space.children(benchmark.codes[parents])
    child = np.array([benchmark.row(each) for each in space.from_codes(children)])
    other = child != parents[rows]
    before = parents[rows][other]
    return Task(
        benchmark.codes[chosen],
        accuracies[chosen],
        benchmark.codes[before],
        children[other],
        accuracies[child[other]] - accuracies[before],
    )


def closed_form(space: SearchSpace, codes: Codes, accuracies: Values, seed: int) -> Score:
    """The default predictor."""
    del seed
    predictor = GaussianDelta(space)
    predictor.fit_accuracies(codes, accuracies)
    return predictor.believed


def adjacency(space: SearchSpace, codes: Codes, accuracies: Values, seed: int) -> Score:
    """Adjacency bits and one-hot operations."""
    del seed
    predictor = GaussianDelta(space, design=OneEncoding(space, OneHot(space)))
    predictor.fit_accuracies(codes, accuracies)
    return predictor.believed


def paths(space: SearchSpace, codes: Codes, accuracies: Values, seed: int) -> Score:
    """The path encoding."""
    del seed
    predictor = GaussianDelta(space, design=OneEncoding(space, VertexPaths(space)))
    predictor.fit_accuracies(codes, accuracies)
    return predictor.believed


def arch2vec(space: SearchSpace, codes: Codes, accuracies: Values, seed: int) -> Score:
    """The latent vector of an autoencoder that knows no accuracy."""
    del seed
    predictor = GaussianDelta(space, design=OneEncoding(space, Arch2Vec(space)))
    predictor.fit_accuracies(codes, accuracies)
    return predictor.believed


def graph_differences(space: SearchSpace, codes: Codes, accuracies: Values, seed: int) -> Score:
    """Differences to ten labels, averaged."""
    predictor = GraphDelta(space, seed=seed)
    predictor.fit(pairs_of(space, codes, accuracies, edits=len(space.decisions)))

    def score(cells: Codes) -> Values:
        before = np.tile(codes[:ANCHORS], (len(cells), 1))
        after = np.repeat(cells, ANCHORS, axis=0)
        found = predictor.predict(before, after).mean.reshape(-1, ANCHORS)
        return np.asarray(np.mean(accuracies[:ANCHORS] + found, axis=1))

    return score


def graph_accuracies(space: SearchSpace, codes: Codes, accuracies: Values, seed: int) -> Score:
    """Networks of the same size that learn the accuracy itself."""
    predictor = AbsoluteNetworks(space, members=5, seed=seed, graphs=True)
    predictor.fit_accuracies(codes, accuracies)
    return predictor.believed


METHODS = {
    "closed_form": (closed_form, ALL),
    "paths": (paths, CELLS),
    "adjacency": (adjacency, CELLS),
    "arch2vec": (arch2vec, CELLS),
    "graph_differences": (graph_differences, FEWER),
    "graph_accuracies": (graph_accuracies, FEWER),
}
"""How each is made, and over how many cells it is ranked."""


def scores(score: Score, asked: Task, cells: int, known: set[bytes]) -> tuple[float, float]:
    """Kendall's tau of unlabelled cells, and the share of right directions of edits."""
    new = np.array([cell.tobytes() not in known for cell in asked.cells[:cells]])
    tau = kendall_tau(in_blocks(score, asked.cells[:cells][new]), asked.accuracies[:cells][new])
    change = in_blocks(score, asked.after) - in_blocks(score, asked.before)
    return tau, sign_agreement(change, asked.changes)


def in_blocks(score: Score, cells: Codes) -> Values:
    """Scores of cells, each once and some at a time."""
    different, place = np.unique(cells, axis=0, return_inverse=True)
    starts = range(0, len(different), ROWS)
    found = [score(different[start : start + ROWS]) for start in starts]
    return np.concatenate(found)[place.reshape(-1)]


def said(values: Sequence[float]) -> str:
    """Mean and half of its 95 % bootstrap interval."""
    found = estimate(np.array(values))
    return f"{np.mean(values):.3f} ± {(found.high - found.low) / 2:.3f}"


def main(seeds: int, methods: Sequence[str]) -> None:
    """Print one line for each method and number of labels."""
    benchmark = recorded("nasbench101")
    space, accuracies = benchmark.space, np.array(benchmark.accuracies)
    asked = task(benchmark)
    print(f"NAS-Bench-101, {len(asked.after):,} one-edit changes, {seeds} seeds")
    print(f"{'method':20}{'cells':>9}{'labels':>7}{'tau':>17}{'right signs':>17}{'CPU s':>8}")
    for name in methods:
        method, cells = METHODS[name]
        for count in LABELS:
            found, began = [], time.process_time()
            for seed in range(seeds):
                rows = generator(seed, "labels").permutation(len(accuracies))[:count]
                codes = benchmark.codes[rows]
                known = {code.tobytes() for code in codes}
                score = method(space, codes, accuracies[rows], seed)
                found.append(scores(score, asked, cells, known))
            tau, signs = zip(*found, strict=True)
            taken = (time.process_time() - began) / seeds
            words = name.replace("_", " ")
            told = f"{words:20}{cells:9,}{count:7}"
            print(f"{told}{said(tau):>17}{said(signs):>17}{taken:8.1f}", flush=True)
    for name, taus in PUBLISHED.items():
        for count, published in zip(LABELS, taus, strict=True):
            print(f"{name:29}{count:7}{published:>17}{'published, other labels':>33}")


if __name__ == "__main__":
    main(int((*sys.argv, "5")[1]), sys.argv[2:] or tuple(METHODS))
