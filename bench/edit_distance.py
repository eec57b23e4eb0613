"""Fig. 3: how wrong are predicted differences, one to six edits apart?

From 100 labels of NAS-Bench-201 each predictor is asked about networks that it has never seen,
1 to 6 edits apart. Labels come in families, 25 random cells with three one-edit relatives each,
because 100 random cells hold hardly any similar pair. No asked network shares a canonical key
with a label, and pairs of functionally equal networks are left out: their true difference is 0.

`python -m bench.edit_distance` measures (about 6 minutes) and writes the numbers of every seed
to docs/assets/data/edit_distance.csv; `make figures` draws docs/assets/edit_distance.svg from it.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bench.numbers import read_lines, write_lines
from bench.sign_agreement import rows_of
from bench.tables import recorded
from deltanas.benchmarks import Benchmark
from deltanas.compare.metrics import bootstrap
from deltanas.pairs import Pairs, pairs_of
from deltanas.predictor import (
    AdditiveDelta,
    AlwaysZero,
    DeltaPredictor,
    GaussianDelta,
    MeanPerEdit,
    sign_agreement,
)
from deltanas.predictor.neural import NeuralDelta
from deltanas.report.comparison import Curve
from deltanas.report.edit_distance import edit_distance_figure
from deltanas.seeds import generator
from deltanas.spaces import SearchSpace

DATASETS = ("cifar10", "cifar100", "imagenet16-120")
FAMILIES, MEMBERS = 25, 4
ASKED = 2_000
"""Unseen pairs of each distance that are asked about."""
SEEDS = 10
DATA = Path("docs/assets/data/edit_distance.csv")
COLUMNS = (
    *("benchmark", "predictor", "seed", "edits"),
    *("learned_pairs", "asked_pairs", "mean_error", "median_error"),
    *("mean_size", "median_size", "sign_agreement"),
)
DRAWN = ("mean_error", "mean_size", "sign_agreement")
MEASURES = ("mean error, points", "error / size of difference", "right sign, per cent")
HEIGHTS = {MEASURES[0]: 12.0, MEASURES[1]: 1.3}
YARDSTICK = "no change"
TITLE = "Errors grow with the edits, most at first; the differences themselves grow faster"
Codes = NDArray[np.int32]
Fit = Callable[[Pairs, int], DeltaPredictor]


def _fitted(predictor: DeltaPredictor, pairs: Pairs) -> tuple[DeltaPredictor, int]:
    predictor.fit(pairs)
    return predictor, len(pairs)


def taught(space: SearchSpace, pairs: Pairs, seed: int) -> Mapping[str, tuple[DeltaPredictor, int]]:
    """Every predictor by name, fitted, with the number of pairs it learned from."""
    near = pairs.within(1)
    return {
        "closed form": _fitted(GaussianDelta(space), pairs),
        "neural": _fitted(NeuralDelta(space, seed=seed), pairs),
        "neural, one-edit pairs": _fitted(NeuralDelta(space, seed=seed), near),
        "context-free": _fitted(AdditiveDelta(space), pairs),
        "mean per edit": _fitted(MeanPerEdit(), near),
        "no change": _fitted(AlwaysZero(), pairs),
    }


def taught_at(
    space: SearchSpace, pairs: Pairs, edits: int, seed: int
) -> tuple[DeltaPredictor, int]:
    """The neural predictor, taught at one distance only, as many pairs as are one edit apart."""
    rows = np.flatnonzero(pairs.distance == edits)
    count = int(np.sum(pairs.distance == 1))
    rows = generator(seed, "taught at", edits).permutation(rows)[:count]
    ends = (pairs.first[rows], pairs.second[rows], pairs.distance[rows])
    some = Pairs(space, pairs.codes, pairs.accuracies, pairs.keys, *ends)
    return _fitted(NeuralDelta(space, seed=seed), some)


def labels(benchmark: Benchmark, rng: np.random.Generator) -> Codes:
    """Families of networks, each a random one and relatives one edit away from it."""
    chosen: list[Codes] = []
    seen: set[str] = set()
    while len(chosen) < FAMILIES * MEMBERS:
        founder = benchmark.space.sample_codes(1, rng)
        _, children = benchmark.space.children(founder)
        family = np.concatenate([founder, rng.permutation(children)])
        new: dict[str, Codes] = {}
        for key, code in zip(benchmark.space.keys(family), family, strict=True):
            if key not in seen:
                new.setdefault(key, code)
        if len(new) >= MEMBERS and benchmark.space.keys(founder)[0] in new:
            some = dict(list(new.items())[:MEMBERS])
            seen |= some.keys()
            chosen += some.values()
    return np.array(chosen)


def unseen_pairs(
    space: SearchSpace, known: set[str], edits: int, rng: np.random.Generator
) -> tuple[Codes, Codes]:
    """Random pairs so many edits apart, both networks unseen and different from each other."""
    before = space.sample_codes(4 * ASKED, rng)
    changed = np.argsort(rng.random(before.shape), axis=1) < edits
    counts = space.option_counts
    after = np.where(changed, (before + rng.integers(1, counts, before.shape)) % counts, before)
    keys = zip(space.keys(before), space.keys(after.astype(np.int32)), strict=True)
    kept = [one != other and one not in known and other not in known for one, other in keys]
    rows = np.flatnonzero(kept)[:ASKED]
    return before[rows], after[rows].astype(np.int32)


def measure(benchmark: Benchmark, seed: int) -> Iterator[Sequence[object]]:
    """One line per predictor and distance."""
    space = benchmark.space
    rng = generator(seed, "edit distance")
    codes = labels(benchmark, rng)
    pairs = pairs_of(space, codes, _accuracies(benchmark, codes), edits=len(space.decisions))
    fitted = taught(space, pairs, seed)
    for edits in range(1, len(space.decisions) + 1):
        before, after = unseen_pairs(space, set(pairs.keys), edits, rng)
        true = _accuracies(benchmark, after) - _accuracies(benchmark, before)
        here = {**fitted, "neural, this distance": taught_at(space, pairs, edits, seed)}
        for name, (predictor, learned) in here.items():
            predicted = predictor.predict(before, after).mean
            errors, sizes = np.abs(predicted - true), np.abs(true)
            numbers = [errors.mean(), np.median(errors), sizes.mean(), np.median(sizes)]
            numbers.append(sign_agreement(predicted, true))
            written = (f"{each:.6f}" for each in numbers)
            yield benchmark.name, name, seed, edits, learned, len(true), *written


def _accuracies(benchmark: Benchmark, codes: Codes) -> NDArray[np.float64]:
    return benchmark.accuracies[rows_of(benchmark, codes)]


def figure(data: Path) -> Figure:
    """The picture of the numbers that `main` wrote."""
    lines = read_lines(data)
    numbers: dict[tuple[str, str], dict[tuple[int, int], NDArray[np.float64]]] = {}
    for line in lines:
        error, size, sign = (float(line[name]) for name in DRAWN)
        found = numbers.setdefault((line["benchmark"], line["predictor"]), {})
        place = int(line["seed"]), int(line["edits"])
        found[place] = np.array([100 * error, error / size, 100 * sign])
    measures: dict[str, dict[str, dict[str, Curve]]] = {name: {} for name in MEASURES}
    for (benchmark, predictor), found in numbers.items():
        seeds = sorted({seed for seed, _ in found})
        edits = sorted({edits for _, edits in found})
        values = np.array([[found[seed, each] for each in edits] for seed in seeds])
        for column, measure in enumerate(MEASURES):
            if predictor != YARDSTICK or "sign" not in measure:
                low, high = bootstrap(values[:, :, column])
                curve = Curve(values[:, :, column].mean(axis=0), low, high)
                measures[measure].setdefault(benchmark, {})[predictor] = curve
    return edit_distance_figure(measures, yardstick=YARDSTICK, title=TITLE, heights=HEIGHTS)


def main(seeds: int) -> None:
    """Measure all data sets and write the numbers."""
    lines: list[Sequence[object]] = []
    for dataset in DATASETS:
        benchmark = recorded(f"nasbench201:{dataset}")
        for seed in range(seeds):
            lines += measure(benchmark, seed)
            print(f"{dataset}: {seed + 1} of {seeds}", flush=True)
    print(write_lines(DATA, [COLUMNS, *lines]))
    summarize(DATA)


def summarize(data: Path) -> None:
    """Print means over seeds, one line per measure, data set and predictor."""
    lines = read_lines(data)
    groups: dict[tuple[str, str, int], list[list[float]]] = {}
    for line in lines:
        error, median, size, _, sign = (float(line[name]) for name in COLUMNS[-5:])
        key = line["benchmark"], line["predictor"], int(line["edits"])
        groups.setdefault(key, []).append([100 * error, 100 * median, error / size, sign])
    means = {key: np.mean(found, axis=0) for key, found in groups.items()}
    for place, measure in enumerate(("mean error", "median error", "error / size", "right sign")):
        for benchmark, predictor in dict.fromkeys(key[:2] for key in means):
            values = [means[key][place] for key in means if key[:2] == (benchmark, predictor)]
            numbers = "".join(f"{value:8.3f}" for value in values)
            print(f"{measure:14}{benchmark:28}{predictor:24}{numbers}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS)
