"""Fig. 1 and the scaling law: what there is to learn, and how many labels that takes.

`python -m bench.scaling` (about 10 minutes on one core) counts, in random block spaces of four
options a decision (`bench/random_blocks.py`, a quarter of the variance of single effects in
interactions), the non-zeros of a one-edit difference, the different one-edit differences and
the architectures. Then it asks of several predictors how many random labels they need until
they know the direction of .8 of 2,000 unseen one-edit changes: labels are tried along a grid
of factors of sqrt(2), from a guess upwards or downwards until .8 lies between two of them, and
its place between the two is interpolated in log labels. Numbers go to
`docs/assets/data/scaling.csv` and `scaling_counts.csv`, the figure to `docs/assets/scaling.svg`.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bench.numbers import as_power, read_lines, write_lines
from bench.random_blocks import Landscape, landscape
from bench.scaling_predictors import PREDICTORS, Fit, Values, main_effects
from deltanas.encoding import DifferenceOfArchitectures, OneHot
from deltanas.predictor import sign_agreement
from deltanas.report.style import OURS, PLAIN, SECOND, THIRD, headline, new_figure, style
from deltanas.seeds import generator
from deltanas.spaces import Codes

DECISIONS = (4, 8, 16, 32, 64, 128)
OPTIONS, INTERACTION = 4, 0.25
WANTED = 0.8
ASKED = 2_000
GRID = tuple(round(4 * 2 ** (k / 2)) for k in range(19))
"""Numbers of labels that are tried, 4 to 2,048."""
GUESS = 4
"""Labels a decision that are tried first."""
RESAMPLES = 2_000
DATA = Path("docs/assets/data/scaling.csv")
COUNTS = Path("docs/assets/data/scaling_counts.csv")
PICTURE = Path("docs/assets/scaling.svg")
TWINS = (
    ("closed form", "ridge, accuracies"),
    ("ridge, differences", "ridge, accuracies"),
    ("networks, differences", "networks, accuracies"),
)


def one_edit_changes(codes: Codes, options: int, rng: np.random.Generator) -> Codes:
    """Each code with one decision, drawn evenly, at another option, drawn evenly."""
    changed = codes.copy()
    rows, places = np.arange(len(codes)), rng.integers(codes.shape[1], size=len(codes))
    changed[rows, places] = (
        changed[rows, places] + rng.integers(1, options, size=len(codes))
    ) % options
    return changed


def different(made: Landscape, most: int, rng: np.random.Generator) -> Codes:
    """Random architectures, each once, in random order; half of a small space at most."""
    most = min(most, made.space.size // 2)
    drawn = made.space.sample_codes(4 * most, rng)
    first = np.sort(np.unique(drawn, axis=0, return_index=True)[1])
    chosen: Codes = drawn[first[:most]]
    return chosen


def agreement(made: Landscape, labelled: Codes, fit: Fit, seed: int) -> float:
    """Share of unseen one-edit changes whose direction is known after these labels."""
    rng = generator(seed, "scaling", "asked", len(made.space.decisions))
    before = made.space.sample_codes(ASKED, rng)
    after = one_edit_changes(before, made.single.shape[1], rng)
    if made.space.is_enumerable:
        seen = set(map(tuple, labelled.tolist()))
        ends = zip(before.tolist(), after.tolist(), strict=True)
        kept = [tuple(one) not in seen and tuple(other) not in seen for one, other in ends]
        before, after = before[kept], after[kept]
    ask = fit(made.space, labelled, made.accuracies(labelled), seed)
    return sign_agreement(ask(before, after), made.accuracies(after) - made.accuracies(before))


def known_without_context(n: int, seed: int) -> float:
    """Share of directions of one-edit changes that the best context-free predictor knows."""
    made = landscape(n, OPTIONS, interaction=INTERACTION, seed=seed)
    rng = generator(seed, "scaling", "asked", n)
    before = made.space.sample_codes(ASKED, rng)
    after = one_edit_changes(before, OPTIONS, rng)
    effects, places = main_effects(made), np.arange(n)
    said = effects[places, after].sum(axis=1) - effects[places, before].sum(axis=1)
    return sign_agreement(said, made.accuracies(after) - made.accuracies(before))


def labels_needed(
    agreed: Callable[[int], float],
    first: int,
    most: int,
    wanted: float = WANTED,
    grid: Sequence[int] = GRID,
) -> float | None:
    """Labels until `agreed` of them reaches what is wanted, or nothing if `most` do not.

    Args:
        agreed: Sign agreement after so many labels.
        first: Where on the grid to begin.
        most: Labels that there are.
        wanted: The agreement to reach.
        grid: Numbers of labels that are tried.
    """
    grid = [each for each in grid if each <= most]
    place = min(int(np.searchsorted(grid, first)), len(grid) - 1)
    here = agreed(grid[place])
    step = -1 if here >= wanted else 1
    while 0 <= place + step < len(grid):
        there = agreed(grid[place + step])
        if (there >= wanted) != (here >= wanted):
            (few, low), (many, high) = sorted([(grid[place], here), (grid[place + step], there)])
            return float(few * (many / few) ** ((wanted - low) / (high - low)))
        place, here = place + step, there
    return float(grid[0]) if here >= wanted else None


def counted(n: int) -> tuple[int, int, int, bool]:
    """Non-zeros of one-edit differences, how many there are, architectures, all counted?

    The differences are enumerated through the children of r architectures, one for each
    option: they hold every edit of every decision, which theorem 1 says are all.
    """
    space = landscape(n, OPTIONS, interaction=INTERACTION).space
    every = np.repeat(np.arange(OPTIONS, dtype=np.int32)[:, None], n, axis=1)
    parents, children = space.children(every)
    encoded = DifferenceOfArchitectures(OneHot(space)).encode(every[parents], children)
    (non_zeros,) = np.unique(np.diff(encoded.indptr)).tolist()
    seen = {
        (tuple(columns), tuple(values))
        for columns, values in zip(
            np.split(encoded.indices, encoded.indptr[1:-1]),
            np.split(encoded.data, encoded.indptr[1:-1]),
            strict=True,
        )
    }
    size = len(space.all_codes()) if space.is_enumerable else space.size
    return non_zeros, len(seen), size, space.is_enumerable


def table(lines: list[dict[str, str]], name: str, least: int) -> tuple[list[int], Values]:
    """Sizes from `least` decisions on, and labels of each seed (a row) at each of them.

    Where `WANTED` was not reached twice the most labels stand, so that medians count them as many.
    """
    mine = [row for row in lines if row["predictor"] == name and int(row["decisions"]) >= least]
    sizes = sorted({int(row["decisions"]) for row in mine})
    seeds = sorted({int(row["seed"]) for row in mine})
    found = {(int(row["decisions"]), int(row["seed"])): row["labels"] for row in mine}
    rows = [[float(found[n, seed] or 2 * GRID[-1]) for n in sizes] for seed in seeds]
    return sizes, np.array(rows)


def slopes(lines: list[dict[str, str]], name: str, least: int) -> Values:
    """Growth exponent of the labels from `least` decisions on, then its resamples over seeds.

    Least squares of the log of the median over seeds against log n; seeds are drawn anew with
    replacement.
    """
    sizes, labels = table(lines, name, least)
    rows = generator(0, "slopes").integers(len(labels), size=(RESAMPLES, len(labels)))
    medians = [np.median(labels, axis=0), *np.median(labels[rows], axis=1)]
    fitted: Values = np.polyfit(np.log(sizes), np.log(medians).T, 1)[0]
    return fitted


def ratios(lines: list[dict[str, str]], one: str, other: str, least: int) -> Values:
    """Geometric mean of the labels of one in those of the other, then its resamples over seeds."""
    mine, theirs = table(lines, one, least)[1], table(lines, other, least)[1]
    seeds = min(len(mine), len(theirs))
    per_seed = np.log(mine[:seeds] / theirs[:seeds]).mean(axis=1)
    rows = generator(0, "slopes").integers(seeds, size=(RESAMPLES, seeds))
    found: Values = np.exp([per_seed.mean(), *per_seed[rows].mean(axis=1)])
    return found


def told(exponents: Values) -> str:
    """An exponent or a ratio with its 95 % interval."""
    low, high = np.quantile(exponents[1:], [0.025, 0.975])
    return f"{exponents[0]:.2f} [{low:.2f}, {high:.2f}]"


def measure(only: str | None) -> None:
    """Count and search, and write all numbers; a line is printed for each.

    Args:
        only: The predictor to measure anew; None measures all.
    """
    counts: list[tuple[object, ...]] = [
        ("decisions", "non_zeros", "one_edit_differences", "architectures", "enumerated")
    ]
    for n in DECISIONS:
        counts.append((n, *counted(n)))
        print("decisions, non-zeros, differences, architectures:", *counts[-1][:-1], flush=True)
    write_lines(COUNTS, counts)
    lines: list[tuple[object, ...]] = [("decisions", "seed", "predictor", "labels")]
    if only is not None:
        lines += [tuple(row.values()) for row in read_lines(DATA) if row["predictor"] != only]
    for name, (_, seeds, _) in PREDICTORS.items():
        for n in DECISIONS if only in (None, name) else ():
            lines += [(n, seed, name, needed(name, n, seed)) for seed in range(seeds)]
            told_labels = (line[3] or "-" for line in lines[-seeds:])
            print(f"{name}, {n} decisions:", *told_labels, flush=True)
            write_lines(DATA, lines)


def needed(name: str, n: int, seed: int) -> str:
    """Labels that a predictor needs in one landscape, empty if there are too few."""
    made = landscape(n, OPTIONS, interaction=INTERACTION, seed=seed)
    pool = different(made, GRID[-1], generator(seed, "scaling", "labels", n))
    fit = PREDICTORS[name][0]
    found = labels_needed(
        lambda labels: agreement(made, pool[:labels], fit, seed), GUESS * n, len(pool)
    )
    return "" if found is None else f"{found:.1f}"


def draw(lines: list[dict[str, str]], counts: list[dict[str, str]]) -> None:
    """Counts on the left, labels on the right."""
    with style("scaling"):
        figure = new_figure(9.6, 4.4)
        headline(figure, "Architectures grow exponentially, one-edit differences and labels do not")
        left, right = figure.subplots(1, 2)
        sizes = [int(row["decisions"]) for row in counts]
        for key, label, colour in (
            ("architectures", "architectures", SECOND),
            ("one_edit_differences", "different one-edit differences", OURS),
            ("non_zeros", "non-zeros of one of them", THIRD),
        ):
            left.loglog(sizes, [float(row[key]) for row in counts], "o-", color=colour, label=label)
        left.set_yscale("log")
        powers = range(0, 81, 10)
        left.set_yticks([10.0**power for power in powers], [as_power(each) for each in powers])
        left.set_ylim(0.5, 1e98)
        left.set_ylabel("how many there are")
        for name, (_, _, colour) in PREDICTORS.items():
            if name == "closed form, defaults":
                continue  # the closed form itself as far as it gets
            drawn, labels = table(lines, name, DECISIONS[0])
            middle = np.median(labels, axis=0)
            reached = middle <= GRID[-1]
            absolute = name.endswith("accuracies")
            right.loglog(
                np.array(drawn)[reached],
                middle[reached],
                "o--" if absolute else "o-",
                color=colour,
                label=name,
                markersize=4,
                markerfacecolor="white" if absolute else colour,
            )
        right.loglog(sizes, [4 * n for n in sizes], ":", color=PLAIN, label="four a decision")
        right.set_ylabel(f"labels until {WANTED:.0%} of directions are right")
        for axes in (left, right):
            axes.set_xlabel("decisions of four options")
            axes.set_xticks(sizes, map(str, sizes), minor=False)
            axes.minorticks_off()
        right.set_yticks(ticks := [16, 32, 64, 128, 256, 512, 1_024], map(str, ticks))
        left.legend(frameon=False, fontsize=9, loc="upper left")
        right.legend(frameon=False, fontsize=9, loc="lower right")
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(PICTURE, metadata={"Date": None})


def main() -> None:
    """Measure, fit, print and draw."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--draw", action="store_true", help="fit and draw the numbers there are")
    asked.add_argument("--only", choices=PREDICTORS, help="measure one predictor anew")
    given = asked.parse_args()
    if not given.draw:
        measure(given.only)
    lines = read_lines(DATA)
    for least in (4, 16):
        found = {name: slopes(lines, name, least) for name in PREDICTORS}
        for name, exponents in found.items():
            if np.median(table(lines, name, least)[1], axis=0).max() > GRID[-1]:
                print(f"no exponent, {WANTED} is not reached by half of the seeds: {name}")
                continue
            print(f"labels grow as n^{told(exponents)} from {least} on: {name}")
        for one, other in TWINS:
            print(f"exponent of {one} less that of {other}: {told(found[one] - found[other])}")
            print(f"labels of {one} / {other}: {told(ratios(lines, one, other, least))}")
    for name in PREDICTORS:
        sizes, labels = table(lines, name, DECISIONS[0])
        missing = [f"{n}: {k}" for n, k in zip(sizes, (labels > GRID[-1]).sum(0), strict=True) if k]
        middle = zip(sizes, np.median(labels, axis=0), strict=True)
        told_labels = ", ".join(f"{n}: {each:.0f}" for n, each in middle)
        print(f"{name}: median labels at {told_labels}; not reached at {missing or 'none'}")
    for n in DECISIONS:
        best = np.mean([known_without_context(n, seed) for seed in range(10)])
        print(f"{n} decisions: the best context-free predictor knows {best:.3f} of the directions")
    draw(lines, read_lines(COUNTS))


if __name__ == "__main__":
    main()
