"""Draws the two pictures of docs/concepts.md from real data, into docs/assets."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bench.tables import recorded
from deltanas.benchmarks import Benchmark
from deltanas.encoding import DifferenceOfArchitectures, OneHot
from deltanas.pairs import Pairs
from deltanas.predictor import GaussianDelta
from deltanas.report.style import GOOD, OURS, PLAIN, SECOND, headline, new_figure, style
from deltanas.search import evaluated
from deltanas.spaces import Architecture, codes_of
from deltanas.study import Study

BEFORE = "|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|"
AFTER = BEFORE.replace("none~1", "nor_conv_3x3~1")
OPTIONS = 5
EVALUATED = 30


def sparse_difference(benchmark: Benchmark) -> Figure:
    """Fig. 1: two real cells one edit apart, their difference, and how the counts grow."""
    before, after = benchmark.space.read(BEFORE), benchmark.space.read(AFTER)
    figure = new_figure(10.5, 4.0)
    headline(figure, "One edit changes two numbers; what can change grows linearly")
    first, second, third, growth = figure.subplots(1, 4, width_ratios=(1, 1, 1, 1.9))
    one_hot = OneHot(benchmark.space)
    shape = (len(benchmark.space.decisions), OPTIONS)
    for axes, cell in ((first, before), (second, after)):
        grid = one_hot.encode(codes_of([cell])).reshape(shape)
        _grid(axes, grid, benchmark.space.decisions[0].labels)
        name = "a" if cell is before else "b"
        axes.set_title(f"{name}: {100 * benchmark.evaluate(cell):.2f} %")
    doa = DifferenceOfArchitectures(one_hot).encode(codes_of([before]), codes_of([after]))
    _grid(third, doa.toarray().reshape(shape), benchmark.space.decisions[0].labels)
    change = 100 * (benchmark.evaluate(after) - benchmark.evaluate(before))
    third.set_title(f"b - a: {change:+.2f}")
    first.set_yticks(range(shape[0]), [each.name for each in benchmark.space.decisions])
    decisions = np.arange(1, 25)
    growth.plot(decisions, float(OPTIONS) ** decisions, color=SECOND, lw=2)
    growth.plot(decisions, decisions * OPTIONS * (OPTIONS - 1), color=OURS, lw=2)
    growth.set_yscale("log")
    powers = (0, 3, 6, 9, 12, 15)
    growth.set_yticks([10.0**power for power in powers], [_power(power) for power in powers])
    growth.minorticks_off()
    growth.set_xlabel("decisions, 5 options each")
    growth.text(12, 3e9, "architectures", color=SECOND, ha="right")
    growth.text(23.5, 1.2e3, "one-edit differences", color=OURS, ha="right", va="bottom")
    return figure


def _grid(axes: Axes, grid: np.ndarray, labels: Sequence[object]) -> None:
    """One row per decision, one column per option; blue +1, orange -1."""
    axes.imshow(np.zeros((*grid.shape, 3)) + 0.96, aspect="auto")
    for row, column in zip(*np.nonzero(grid), strict=True):
        colour = OURS if grid[row, column] > 0 else SECOND
        axes.add_patch(_square(row, column, colour))
        axes.text(column, row, f"{grid[row, column]:+.0f}", color="white", ha="center", va="center")
    axes.set_xticks(range(grid.shape[1]), [str(label) for label in labels], rotation=90)
    axes.set_yticks([])
    axes.grid(visible=False)


def _square(row: int, column: int, colour: str) -> Rectangle:
    return Rectangle((column - 0.46, row - 0.46), 0.92, 0.92, color=colour)


def chosen_children(benchmark: Benchmark) -> Figure:
    """Fig. 2: the pairs that evaluations give, and what the predictor makes of the children."""
    study = Study(benchmark.space, benchmark.evaluator(), seed=0)
    study.run(EVALUATED)
    figure = new_figure(10.5, 4.6)
    headline(figure, f"{EVALUATED} trainings teach differences; differences choose the next child")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.35))
    _data_set(left, Pairs.from_history(benchmark.space, study.history, edits=6))
    _children(right, benchmark, study, study.best.architecture)
    return figure


def _power(exponent: int) -> str:
    """A power of ten in plain letters."""
    return "10" + "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(exponent))


def _data_set(axes: Axes, pairs: Pairs) -> None:
    """How far the accuracies of a pair lie apart, by the edits between them."""
    rng = np.random.default_rng(0)
    for edits in range(1, int(pairs.distance.max()) + 1):
        sizes = 100 * np.abs(pairs.deltas[pairs.distance == edits])
        colour = OURS if edits == 1 else PLAIN
        places = edits + rng.uniform(-0.25, 0.25, size=len(sizes))
        axes.plot(places, sizes, ".", color=colour, alpha=0.6)
        axes.plot([edits - 0.35, edits + 0.35], [np.median(sizes)] * 2, color=colour, lw=3)
        axes.text(edits, 60, f"{len(sizes)} pairs", ha="center", color=colour, fontsize=9)
    axes.set_yscale("log")
    axes.set_yticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
    axes.set_ylim(0.005, 120)
    axes.minorticks_off()
    axes.set_xlabel("edits between the two cells (bar: median)")
    axes.set_ylabel("difference of accuracy, points")
    axes.set_title("the DoA data set", loc="left")


def _children(axes: Axes, benchmark: Benchmark, study: Study, parent: Architecture) -> None:
    codes, accuracies = evaluated(study.history)
    predictor = GaussianDelta(benchmark.space)
    predictor.fit_accuracies(codes, accuracies)
    children = [child for _, child in benchmark.space.neighbours(parent)]
    known = study.history.keys
    new = [child for child in children if child.key not in known]
    old = np.repeat(codes_of([parent]), len(new), axis=0)
    prediction = predictor.predict(old, codes_of(new))
    order = np.argsort(-prediction.mean)
    measured = [100 * (benchmark.evaluate(new[i]) - benchmark.evaluate(parent)) for i in order]
    places = np.arange(len(new))
    axes.errorbar(
        places, 100 * prediction.mean[order], 100 * prediction.spread[order],
        fmt="o", color=OURS, label="predicted, one spread",
    )  # fmt: skip
    axes.plot(places, measured, "D", color=GOOD, ms=4, label="measured (not known to it)")
    axes.axhline(0, color=PLAIN, lw=1)
    axes.set_xticks(places[::3], [str(place + 1) for place in places[::3]])
    axes.set_ylim(-4, 1)
    below = int(np.sum(np.array(measured) < -4))
    axes.text(places[-1], -3.9, f"{below} measured lie below", ha="right", color=PLAIN, fontsize=9)
    axes.set_xlabel("new children of the best cell, by predicted change")
    axes.set_ylabel("change of accuracy, points")
    axes.set_title("the predictor chooses", loc="left")
    axes.legend(frameon=False, loc="lower left")


def main() -> None:
    """Write both figures."""
    benchmark = recorded("nasbench201:cifar10")
    for name, draw in (("doa", sparse_difference), ("evolution", chosen_children)):
        with style(name):
            figure = draw(benchmark)
            figure.savefig(f"docs/assets/{name}.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
