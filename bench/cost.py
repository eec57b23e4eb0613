"""What a proposal costs: against the number of decisions, and against what was evaluated.

`python -m bench.cost` prints CPU seconds and memory of one proposal of `delta-evolution` on
random block spaces (`bench/random_blocks.py`, four options a decision), on one thread, with
slopes in log-log scale, and draws them to `docs/assets/cost.svg`. Evaluated architectures are
half random ones and half children of the best, as in a search. Each time is the median of
three, in a process of its own, whose largest memory is told over that of an empty one. With
`--hwgpt` it is the CPU seconds of one proposal in `hwgpt:l` after 500 evaluated (needs its files).
"""

import argparse
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.numbers import read_lines, write_lines
from bench.random_blocks import landscape
from deltanas.benchmarks.hwgpt import load
from deltanas.records import Evaluation, History, Proposal, Status, Trial
from deltanas.report.style import OURS, SECOND, headline, new_figure, style
from deltanas.search import make
from deltanas.seeds import generator
from deltanas.spaces import Codes, SearchSpace

DECISIONS = (4, 8, 16, 32, 64, 128)
EVALUATED = (50, 100, 200, 500, 1_000, 2_000, 5_000)
AT_EVALUATED, AT_DECISIONS = 100, 32
OPTIONS = 4
ALONE = ((75, 500), (1_000, 100))
"""Pairs of decisions and evaluated ones that are measured beside the two lines."""
DATA = Path("docs/assets/data/cost.csv")
PICTURE = Path("docs/assets/cost.svg")
Values = NDArray[np.float64]


def history(space: SearchSpace, accuracies: Callable[[Codes], Values], evaluated: int) -> History:
    """Trials as a search leaves them: random ones, then one-edit children of the best so far."""
    rng = generator(0, "cost")
    codes = np.unique(space.sample_codes(max(4, evaluated // 2), rng), axis=0)
    while len(codes) < evaluated:
        best = codes[np.argsort(-accuracies(codes))[:10]]
        children = space.children(best)[1]
        some = children[rng.permutation(len(children))[: max(1, evaluated // 10)]]
        more = np.unique(np.concatenate([codes, some]), axis=0)
        if len(more) == len(codes):
            break
        codes = more
    codes = codes[rng.permutation(len(codes))[:evaluated]]
    values = accuracies(codes).tolist()
    return History(
        Trial(Proposal(number, each), Evaluation(number, Status.FINISHED, value))
        for number, (each, value) in enumerate(zip(space.from_codes(codes), values, strict=True))
    )


def measured(task: tuple[int, int]) -> tuple[int, int, float, float, float]:
    """Decisions, evaluated ones that there are, CPU seconds, megabytes, seconds on a clock."""
    decisions, evaluated = task
    empty = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    made = landscape(decisions, OPTIONS)
    known = history(made.space, made.accuracies, evaluated)
    cpu, clock = proposal(made.space, known)
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - empty) / 1024
    return decisions, len(known), cpu, memory, clock


def proposal(space: SearchSpace, known: History) -> tuple[float, float]:
    """CPU seconds of a proposal, and seconds on a clock."""
    searcher = make("delta-evolution", space, seed=0)
    taken, clock = [], []
    for _ in range(3):
        began, told = time.process_time(), time.perf_counter()
        searcher.propose(known)
        taken.append(time.process_time() - began)
        clock.append(time.perf_counter() - told)
    return statistics.median(taken), statistics.median(clock)


def slope(sizes: list[float], costs: list[float]) -> float:
    """Growth in log-log scale, by least squares."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def of_line(lines: list[dict[str, str]], line: str) -> list[dict[str, str]]:
    """What was measured against decisions, 1,000 of them too, or against evaluated ones."""
    rows = [row for row in lines if row["line"] == line]
    if line == "decisions":
        rows += [row for row in lines if row["line"] == "alone" and row["decisions"] == "1000"]
    return rows


def draw(lines: list[dict[str, str]]) -> None:
    """Seconds above, megabytes below, against both sizes, with their slopes."""
    with style("cost"):
        figure = new_figure(8.4, 6.0)
        longest = max(float(row["cpu_s"]) for row in lines)
        headline(figure, f"A proposal takes {longest:.1f} s or less, up to 1,000 decisions")
        panels = figure.subplots(2, 2, sharey="row", sharex="col")
        for row_of_panels, cost in zip(panels, ("cpu_s", "memory_mb"), strict=True):
            for axes, (line, colour) in zip(
                row_of_panels, (("decisions", OURS), ("evaluated", SECOND)), strict=True
            ):
                rows = of_line(lines, line)
                sizes = [float(row[line]) for row in rows]
                costs = [float(row[cost]) for row in rows]
                axes.loglog(sizes, costs, "o-", color=colour)
                axes.set_yticks({"cpu_s": (0.02, 0.1, 0.5), "memory_mb": (20, 50, 100, 200)}[cost])
                for axis in (axes.xaxis, axes.yaxis):
                    axis.set_major_formatter("{x:g}")
                    axis.set_minor_formatter("")
                where = {"x": 0.04, "y": 0.96, "transform": axes.transAxes, "va": "top"}
                axes.text(s=f"slope {slope(sizes, costs):.2f}", **where)
        panels[0, 0].set_ylabel("CPU seconds of one proposal")
        panels[1, 0].set_ylabel("megabytes over an empty process")
        panels[1, 0].set_xlabel("decisions")
        panels[1, 1].set_xlabel("evaluated architectures")
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(PICTURE, metadata={"Date": None})


def main() -> None:
    """Measure, print, keep the numbers and draw them."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--draw", action="store_true", help="draw the numbers that are there")
    asked.add_argument(
        "--hwgpt", action="store_true", help="one proposal in hwgpt:l, 500 evaluated"
    )
    given = asked.parse_args()
    if given.hwgpt:
        benchmark = load("l")
        known = history(benchmark.space, benchmark.accuracies_of, 500)
        print(f"hwgpt:l, {len(known)} evaluated: {proposal(benchmark.space, known)[0]:.2f} s CPU")
        return
    if not given.draw:
        tasks = [("decisions", n, AT_EVALUATED) for n in DECISIONS]
        tasks += [("evaluated", AT_DECISIONS, m) for m in EVALUATED]
        tasks += [("alone", n, m) for n, m in ALONE]
        lines: list[tuple[object, ...]] = [("line", "decisions", "evaluated", "cpu_s", "memory_mb")]
        # A process for each, so that memory is that of one size.
        with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
            for line, n, m in tasks:
                decisions, evaluated, cpu, memory, _ = pool.apply(measured, ((n, m),))
                lines.append((line, decisions, evaluated, round(cpu, 4), round(memory, 1)))
                print(
                    f"{decisions:>5} decisions, {evaluated:>5} evaluated: {cpu:.3f} s CPU, "
                    f"{memory:.0f} MB",
                    flush=True,
                )
        write_lines(DATA, lines)
    read = read_lines(DATA)
    for line, least, most in (
        ("decisions", 4, 128),
        ("decisions", 16, 128),
        ("decisions", 4, 1_000),
        ("evaluated", 50, 5_000),
    ):
        rows = [row for row in of_line(read, line) if least <= float(row[line]) <= most]
        sizes = [float(row[line]) for row in rows]
        for cost in ("cpu_s", "memory_mb"):
            grown = slope(sizes, [max(float(row[cost]), 1e-3) for row in rows])
            print(f"slope of {cost} in {line} from {least} to {most}: {grown:.2f}")
    draw(read)


if __name__ == "__main__":
    main()
