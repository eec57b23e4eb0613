"""The scaling law with other numbers of options: labels needed with 3, 6 and 8 a decision.

`python -m bench.scaling_options` (about 2 minutes on one core) asks what `bench/scaling.py` asks
with four options, with 5 seeds: how many random labels until the direction of .8 of 2,000 unseen
one-edit changes is known. The closed form has its defaults; the ridge on accuracies, which needs
as many labels as its twin on differences, sees all labels. Numbers go to
`docs/assets/data/scaling_options.csv`.
"""

import argparse
import itertools
from pathlib import Path

import numpy as np

from bench.numbers import read_lines, write_lines
from bench.random_blocks import landscape
from bench.scaling import (
    DECISIONS,
    GUESS,
    INTERACTION,
    agreement,
    different,
    labels_needed,
    slopes,
    table,
    told,
)
from bench.scaling_predictors import PREDICTORS
from deltanas.seeds import generator

OPTIONS = (3, 6, 8)
SEEDS = 5
ASKED_OF = tuple(itertools.product(("closed form, defaults", "ridge, accuracies"), OPTIONS))
"""Predictors and numbers of options."""
GRID = tuple(round(4 * 2 ** (k / 2)) for k in range(23))
"""Numbers of labels that are tried, 4 to 8,192: more options take more labels."""
DATA = Path("docs/assets/data/scaling_options.csv")


def needed(name: str, options: int, n: int, seed: int) -> float:
    """Labels that are needed in one landscape; twice the most that are tried if more."""
    made = landscape(n, options, interaction=INTERACTION, seed=seed)
    pool = different(made, GRID[-1], generator(seed, "scaling", "labels", n))
    fit = PREDICTORS[name][0]
    found = labels_needed(
        lambda labels: agreement(made, pool[:labels], fit, seed),
        GUESS * n * (options - 1) // 3,
        len(pool),
        grid=GRID,
    )
    return 2.0 * GRID[-1] if found is None else found


def measure() -> None:
    """Search, and write all numbers; a line is printed for each."""
    lines: list[tuple[object, ...]] = [("options", "predictor", "decisions", "seed", "labels")]
    for (name, options), n in itertools.product(ASKED_OF, DECISIONS):
        found = [round(needed(name, options, n, seed), 1) for seed in range(SEEDS)]
        lines += [(options, name, n, seed, each) for seed, each in enumerate(found)]
        print(f"{name}, {options} options, {n} decisions:", *found, flush=True)
        write_lines(DATA, lines)


def main() -> None:
    """Measure, fit and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--fit", action="store_true", help="fit the numbers there are")
    if not asked.parse_args().fit:
        measure()
    read = read_lines(DATA)
    for name, options in ASKED_OF:
        mine = [row for row in read if row["options"] == str(options)]
        sizes, labels = table(mine, name, DECISIONS[0])
        middle = dict(zip(sizes, np.median(labels, axis=0).tolist(), strict=True))
        medians = ", ".join(f"{n}: {each:.0f}" for n, each in middle.items())
        missing = {n: int(k) for n, k in zip(sizes, (labels > GRID[-1]).sum(0), strict=True) if k}
        grown = " and ".join(f"n^{told(slopes(mine, name, n))} from {n} on" for n in (4, 16))
        if max(middle.values()) > GRID[-1]:
            grown = "no power, as half of the seeds do not reach it somewhere"
        grown += f"; not reached at {missing or 'none'}"
        print(f"{name}, {options} options: labels {medians}; as {grown}")


if __name__ == "__main__":
    main()
