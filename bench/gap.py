"""Fig. 5: does the gap to other methods grow with the space? `python -m bench.gap`.

Reads the runs that are made by

    deltanas compare --benchmark nasbench201:cifar10,hwgpt:s,nasbench301,hwgpt:m,hwgpt:l \
      --methods delta,random,regularized-evolution,local-search,tpe,gp \
      --seeds 30 --first-seed 1000 --budget 200 --out runs/paper/gap

and prints for each space how many times fewer trainings delta needs: a budget, divided by the
trainings after which delta's mean regret is where the other method's is at that budget. Then
how that grows with the space: the factor for a space 10^10 times as large, by least squares in
logarithms. Intervals are 95 % bootstrap intervals over seeds, the same seeds for all methods.
Where those runs are not there, it takes what is kept of them.
Numbers go to docs/assets/data/gap.csv, the picture to docs/assets/gap.svg; `--draw` draws the
numbers that there are.
"""

import argparse
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from bench.kept import found_runs
from bench.numbers import as_power, read_lines, write_lines
from deltanas.benchmarks import load
from deltanas.compare.metrics import resampled
from deltanas.compare.summary import Comparison, comparison
from deltanas.report.style import (
    FAINT,
    GOOD,
    INK,
    PLAIN,
    SECOND,
    THIRD,
    headline,
    new_figure,
    style,
)
from deltanas.seeds import generator

RUNS = Path("runs/paper/gap")
DATA = Path("docs/assets/data/gap.csv")
PICTURE = Path("docs/assets/gap.svg")
OURS = "delta"
BUDGETS = (100, 200)
FAMILY = "hwgpt:"
"""Spaces of one kind, which differ in size alone."""
DRAWN = {
    "random": ("random search", FAINT, ":"),
    "regularized-evolution": ("regularized evolution", GOOD, "--"),
    "local-search": ("local search", SECOND, "-"),
    "tpe": ("Optuna TPE", INK, "-."),
    "gp": ("Gaussian process", THIRD, "-"),
}
SPACES = {
    "nasbench201:cifar10": "NAS-Bench\n201",
    "hwgpt:s": "HW-GPT\nsmall",
    "nasbench301": "DARTS\n",
    "hwgpt:m": "HW-GPT\nmedium",
    "hwgpt:l": "HW-GPT\nlarge",
}
ALL, ALIKE = "all spaces", "language models only"


def resamples(seeds: int) -> np.ndarray:
    """How often each seed counts: as it is, then in each resample; rows sum to 1."""
    drawn = resampled(seeds, generator(0, "gap", seeds))
    counts = np.concatenate([np.ones((1, seeds)), drawn])
    return counts / seeds


def times_fewer(ours: np.ndarray, others: np.ndarray, budget: int) -> np.ndarray:
    """Budget over the trainings that we need, of all seeds and of each resample.

    Args:
        ours: Regret of one run per row after each training.
        others: The same of the other method, the same seeds.
        budget: Where the other method is looked at.
    """
    weights = resamples(len(ours))
    goal = weights @ others[:, budget - 1]
    reached = (weights @ ours) <= goal[:, None] + 1e-12
    needed = np.where(reached.any(axis=1), reached.argmax(axis=1) + 1, ours.shape[1])
    factors: np.ndarray = budget / needed
    return factors


def growth(sizes: Sequence[float], factors: Sequence[np.ndarray]) -> np.ndarray:
    """Factor of what is gained for a space 10^10 times as large, by least squares.

    Args:
        sizes: Decimal logarithm of the number of architectures of each space.
        factors: Times fewer in each space, of all seeds and of each resample.
    """
    slope = np.polyfit(np.array(sizes) / 10, np.log10(np.array(factors)), 1)[0]
    factor: np.ndarray = 10**slope
    return factor


def ends(values: np.ndarray) -> tuple[str, str, str]:
    """The value of all seeds and the ends of its interval."""
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return f"{values[0]:.3f}", f"{low:.3f}", f"{high:.3f}"


def lines_of(found: Comparison) -> list[tuple[object, ...]]:
    """All numbers: space, its size, method, budget, seeds, times fewer and its interval."""
    sizes = {name: math.log10(load(name).space.size) for name in found.benchmarks}
    names = sorted(sizes, key=sizes.__getitem__)
    lines: list[tuple[object, ...]] = [
        ("space", "log10_size", "method", "budget", "seeds", "times_fewer", "low", "high")
    ]
    for budget in BUDGETS:
        for method in DRAWN:
            gained: dict[str, np.ndarray] = {}
            for name in names:
                mine, theirs = found.paired(name, OURS, method)
                ours = found.curves[name, OURS].regret[mine]
                others = found.curves[name, method].regret[theirs]
                gained[name] = times_fewer(ours, others, budget)
                told = ends(gained[name])
                lines.append((name, f"{sizes[name]:.2f}", method, budget, len(ours), *told))
            alike = [name for name in names if name.startswith(FAMILY)]
            for words, some in ((ALL, names), (ALIKE, alike)):
                grown = growth([sizes[name] for name in some], [gained[name] for name in some])
                lines.append((words, "", method, budget, len(ours), *ends(grown)))
    return lines


def told(line: Mapping[str, str]) -> str:
    """One number in words."""
    what = "growth for 10^10 times the space" if not line["log10_size"] else "times fewer"
    interval = f"{line['times_fewer']} [{line['low']}, {line['high']}]"
    return f"{line['budget']:>4} {line['space']:22} {line['method']:22} {what} {interval}"


def draw(lines: Sequence[Mapping[str, str]]) -> None:
    """Times fewer trainings against the size of the space, a panel for each budget."""
    spaces = [line for line in lines if line["log10_size"]]
    with style("gap"):
        figure = new_figure(9.6, 4.4)
        headline(
            figure, "How many times fewer trainings delta needs, from 10⁴ to 10³⁵ architectures"
        )
        for axes, budget in zip(figure.subplots(1, 2, sharey=True), BUDGETS, strict=True):
            _panel(axes, [line for line in spaces if line["budget"] == str(budget)])
            axes.set_title(f"other methods after {budget} trainings", fontsize=11, loc="left")
        figure.axes[0].set_ylabel("times fewer trainings")
        handles, names = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower left", ncols=len(names), frameon=False)
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(PICTURE, metadata={"Date": None})


def _panel(axes: Axes, lines: Sequence[Mapping[str, str]]) -> None:
    for place, (method, (words, colour, dashes)) in enumerate(DRAWN.items()):
        own = [line for line in lines if line["method"] == method]
        # A little apart, so that intervals do not hide each other.
        sizes = np.array([float(line["log10_size"]) for line in own]) + 0.35 * (place - 2)
        middle, low, high = (
            np.array([float(line[name]) for line in own]) for name in ("times_fewer", "low", "high")
        )
        axes.errorbar(
            sizes,
            middle,
            (middle - low, high - middle),
            color=colour,
            linestyle=dashes,
            marker="o",
            markersize=4,
            linewidth=1.5,
            elinewidth=0.9,
            label=words,
        )
    axes.axhline(1.0, color=PLAIN, linewidth=0.8)
    axes.set_yscale("log")
    axes.set_yticks(ticks := [1, 2, 5, 10, 20, 40], map(str, ticks))
    axes.minorticks_off()
    named = {line["space"]: float(line["log10_size"]) for line in lines}
    axes.set_xticks(
        list(named.values()),
        [f"{SPACES[name]}\n{as_power(round(size))}" for name, size in named.items()],
        fontsize=8,
    )
    axes.set_xlabel("architectures")


def main() -> None:
    """Read, compute, print and draw."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--runs", type=Path, default=RUNS, help="folder of `deltanas compare`")
    asked.add_argument("--draw", action="store_true", help="draw the numbers that there are")
    given = asked.parse_args()
    if not given.draw:
        write_lines(DATA, lines_of(comparison(found_runs(given.runs, "gap") or given.runs)))
    lines = read_lines(DATA)
    for line in lines:
        print(told(line))
    draw(lines)


if __name__ == "__main__":
    main()
