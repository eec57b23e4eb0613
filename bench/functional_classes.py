"""Are cells with one key the same network? Their recorded accuracies say so.

If two cells are the same network, their recorded accuracies differ by the noise of training
and no more. So the spread of accuracies within a class, compared with the spread of repeated
trainings of one cell, tests a definition of "the same" on real data. Compared are our
canonical keys and the benchmark's own 6,466 classes.

Run with the benchmark tables in the folder DELTANAS_DATA: `python -m bench.functional_classes`.
"""

import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from deltanas.spaces import NasBench201

Labels = NDArray[np.int_]
Percents = NDArray[np.float64]

EDGES = ("e01", "e02", "e12", "e03", "e13", "e23")
DATASETS = {"c10": "CIFAR-10", "c100": "CIFAR-100", "in16": "ImageNet16-120"}
SEEDS = (777, 888, 999)
GOOD = 0.75
"""Cells above this quantile of mean validation accuracy count as good."""


def main() -> None:
    """Print both partitions and the spread within their classes."""
    table = pq.read_table(Path(os.environ["DELTANAS_DATA"]) / "nb201.parquet")
    codes = np.column_stack([table[edge].to_numpy() for edge in EDGES]).astype(np.int32)
    keys = np.unique(NasBench201().keys(codes), return_inverse=True)[1]
    official = np.unique(table["iso_rep"].to_numpy(), return_inverse=True)[1]
    joint = np.unique(np.column_stack([keys, official]), axis=0)
    merged = np.bincount(joint[:, 0])
    split = np.bincount(joint[:, 1])
    print(f"classes: {keys.max() + 1} by key, {official.max() + 1} official, {len(joint)} joint")
    print(f"of the keys {np.sum(merged > 1)} hold several official classes;")
    print(f"of the official classes {np.sum(split > 1)} hold several keys\n")
    print("standard deviation of mean validation accuracy within a class, percentage points,")
    print(f"cells above the {GOOD:.0%} quantile; 'noise': of the mean over runs of one cell\n")
    print(f"{'':16}{'noise':>8}{'by key':>8}{'official':>10}{'official, split by key':>24}")
    split_only = np.where((split > 1)[official], official, -1 - np.arange(len(official)))
    split_only = np.unique(split_only, return_inverse=True)[1]
    for column, name in DATASETS.items():
        mean = table[f"{column}_valid"].to_numpy()
        good = mean > np.quantile(mean, GOOD)
        runs = np.column_stack([table[f"{column}_valid_s{seed}"].to_numpy() for seed in SEEDS])
        figures = [spread_within(mean[good], each[good]) for each in (keys, official, split_only)]
        print(
            f"{name:16}{noise_of_mean(runs[good]):8.3f}{figures[0]:8.3f}{figures[1]:10.3f}"
            f"{figures[2]:24.3f}"
        )


def spread_within(values: Percents, labels: Labels) -> float:
    """Standard deviation within classes, pooled over the classes of several members."""
    sizes = np.bincount(labels)
    means = np.bincount(labels, values) / np.maximum(sizes, 1)
    squares = np.sum((values - means[labels]) ** 2)
    return float(np.sqrt(squares / np.sum(np.maximum(sizes - 1, 0))))


def noise_of_mean(runs: Percents) -> float:
    """Standard deviation of the mean over runs, pooled over cells with several runs."""
    counts = np.sum(np.isfinite(runs), axis=1)
    several = counts > 1
    variances = np.nanvar(runs[several].astype(float), axis=1, ddof=1)
    return float(np.sqrt(np.mean(variances / counts[several])))


if __name__ == "__main__":
    main()
