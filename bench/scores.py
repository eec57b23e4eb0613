"""Do training-free scores help the difference predictor? `python -m bench.scores`.

NAS-Bench-201 with recorded scores of the untrained networks (`nb201_zerocost.parquet` in the
folder DELTANAS_DATA: FreeREA's NASWOT and log-SynFlow for all cells, NASLib's Jacobian
covariance and gradient norm for 9,445 of them, here handed on to functionally equal cells).
Ranks of the scores are features beside the exact ones. Two questions, always on the same labels
and seeds:

- signs: from 20, 50 and 100 random labels, the share of right directions of unseen one-edit
  changes, cells functionally equal to a label left out;
- queries: trainings until the best cell is found, and regret after 20 of them.
"""

import argparse
import os
from pathlib import Path

import numpy as np
from pyarrow import parquet
from scipy import stats

from bench.queries import interval, run
from bench.sign_agreement import one_edit_pairs
from bench.tables import recorded
from deltanas.benchmarks import Benchmark
from deltanas.predictor.gaussian import GaussianDelta
from deltanas.predictor.metrics import sign_agreement
from deltanas.seeds import generator
from deltanas.spaces import Codes, SearchSpace
from deltanas.spaces.more_features import MoreFeatures

DATASETS = {"cifar10": "c10", "cifar100": "c100", "imagenet16-120": "in16"}
NAMES = ("naswot", "synflow", "jacobian", "gradient")
SETS = {
    "none": (),
    "naswot": (0,),
    "synflow": (1,),
    "all four": (0, 1, 2, 3),
}
LABELS = (20, 50, 100)
REGRET_AT = 20
PAIRS = 4_000
"""Pairs that are asked about: a random part of all."""


def table_of(benchmark: Benchmark, short: str) -> np.ndarray:
    """Scores of all cells, shape (cells, 4), gradient norms as logarithms."""
    file = Path(os.environ["DELTANAS_DATA"]) / "nb201_zerocost.parquet"
    other = "in16" if short == "in16" else "c10"  # NASLib has no CIFAR-100
    columns = [f"{short}_naswot_freerea", f"{short}_logsynflow_freerea"]
    columns += [f"{other}_jacov", f"{other}_grad_norm"]
    recorded = parquet.read_table(file, columns=["code", *columns])
    place = {code: row for row, code in enumerate(recorded["code"].to_pylist())}
    rows = [place["".join(map(str, code))] for code in benchmark.codes.tolist()]
    values = np.array([recorded[name].to_numpy() for name in columns], dtype=float).T[rows]
    values[:, 3] = np.log(np.maximum(values[:, 3], 1e-12))
    keys = np.array(benchmark.space.keys(benchmark.codes))
    for column in values.T:
        column[~np.isfinite(column)] = np.nan
        known = {key: v for key, v in zip(keys, column, strict=True) if np.isfinite(v)}
        lost = np.isnan(column)
        column[lost] = [known.get(key, np.nan) for key in keys[lost]]
        column[np.isnan(column)] = np.nanmin(column)
    # Ranks: scores spread over many orders of magnitude, and a few are extreme.
    return np.apply_along_axis(stats.rankdata, 0, values) / len(values)


def with_scores(benchmark: Benchmark, table: np.ndarray, chosen: tuple[int, ...]) -> SearchSpace:
    """The space with some of the scores as further features."""
    if not chosen:
        return benchmark.space
    counts = benchmark.space.option_counts.astype(np.int64)
    weights = np.cumprod([1, *counts[:0:-1]])[::-1]

    def facts(codes: Codes) -> np.ndarray:
        return np.asarray(table[codes @ weights][:, chosen])

    names = [f"score-{NAMES[each]}:{NAMES[each]}" for each in chosen]
    return MoreFeatures(benchmark.space, names, facts)


def signs(benchmark: Benchmark, space: SearchSpace, classes: np.ndarray, seed: int) -> list[float]:
    """Share of right directions after each number of labels."""
    rng = generator(seed, "sign agreement")
    order = rng.permutation(len(classes))
    drawn = order[np.sort(np.unique(classes[order], return_index=True)[1])]
    first, second = one_edit_pairs(benchmark, classes)
    found = []
    for labels in LABELS:
        chosen = drawn[:labels]
        predictor = GaussianDelta(space)
        predictor.fit_accuracies(benchmark.codes[chosen], benchmark.accuracies[chosen])
        known = np.isin(classes, classes[chosen])
        asked = rng.permutation(np.flatnonzero(~known[first] & ~known[second]))[:PAIRS]
        before, after = first[asked], second[asked]
        predicted = predictor.predict(benchmark.codes[before], benchmark.codes[after]).mean
        measured = benchmark.accuracies[after] - benchmark.accuracies[before]
        found.append(sign_agreement(predicted, measured))
    return found


def shown(values: np.ndarray, digits: int) -> str:
    """Mean and half of the 95 % bootstrap interval."""
    return f"{values.mean():.{digits}f} ± {interval(values):.{digits}f}"


def main() -> None:
    """Print one line per data set and choice of scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--data", nargs="*", default=list(DATASETS))
    asked = parser.parse_args()
    for dataset in asked.data:
        benchmark = recorded(f"nasbench201:{dataset}")
        classes = np.unique(benchmark.space.keys(benchmark.codes), return_inverse=True)[1]
        table = table_of(benchmark, DATASETS[dataset])
        taus = [stats.kendalltau(each, benchmark.accuracies).statistic for each in table.T]
        print(dataset, "tau:", *(f"{n} {t:.2f}" for n, t in zip(NAMES, taus, strict=True)))
        base: dict[str, np.ndarray] = {}
        for name, chosen in SETS.items():
            space = with_scores(benchmark, table, chosen)
            right = [signs(benchmark, space, classes, seed) for seed in range(asked.seeds)]
            runs = [
                run(benchmark, "delta-evolution", seed, space=space, regret_at=REGRET_AT)
                for seed in range(asked.seeds)
            ]
            found = np.concatenate([np.array(right), np.array(runs)], axis=1)
            line = [shown(found[:, each], 3) for each in range(3)]
            line += [shown(found[:, 3], 1), shown(found[:, 4], 3)]
            gap = ""
            if name == "none":
                base[dataset] = found
            else:
                change = found - base[dataset]
                gap = f" | change {shown(change[:, 2], 3)} signs, {shown(change[:, 3], 1)} queries"
            print(f"  {name:16}", " | ".join(line), gap, flush=True)


if __name__ == "__main__":
    main()
