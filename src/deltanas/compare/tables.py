"""The numbers as tables for people: regrets in percentage points, intervals beside means."""

import csv
import io
from collections.abc import Sequence

from deltanas.compare.metrics import Estimate
from deltanas.compare.problem import TOP
from deltanas.compare.protocol import ComparisonError
from deltanas.compare.sooner import in_words, sooner
from deltanas.compare.summary import Comparison, Row, Verdict, overall, rows, verdicts
from deltanas.texts import inert
from deltanas.texts import markdown as plain

Cells = list[list[str]]


def header(budgets: Sequence[int]) -> list[str]:
    """Titles of the columns of `cells`."""
    return [
        "benchmark",
        "method",
        "runs",
        *(f"queries to {level}" for level in TOP),
        "median to optimum",
        *(f"regret @{budget}" for budget in budgets),
        "log10 regret",
        "test %",
        "s/proposal",
    ]


def cells(lines: Sequence[Row], budgets: Sequence[int], budget: int) -> Cells:
    """One line per benchmark and method, as text.

    Args:
        lines: From `summary.rows`.
        budgets: Queries at which regrets are shown.
        budget: Queries of each run, for what censoring means.
    """
    return [
        [
            plain(row.benchmark),
            plain(row.method),
            str(row.runs),
            *(_queries(row.queries[level], row.censored[level], budget) for level in TOP),
            f"{row.median_to_optimum:.0f}",
            *(_points(row.regret[each]) for each in budgets),
            f"{row.area:.2f}",
            "-" if row.test is None else f"{100 * row.test.mean:.2f}",
            f"{row.seconds:.4f}",
        ]
        for row in lines
    ]


def markdown(found: Comparison, method: str | None = None) -> str:
    """The whole comparison as a Markdown page.

    Args:
        found: A results file, read.
        method: The method that the others are tested against; None leaves tests out.
    """
    explained = (
        f"Budget {found.budget} queries, {plain(found.rules)}. Means over runs; in brackets the "
        f"95 % bootstrap interval. Regret is in percentage points, by the mean over all recorded "
        f"trainings of the architecture that was observed best. `n/N+` beside a number of "
        f"queries: in n runs the level was not reached within the budget, and they count as "
        f"the budget.{''.join(f' {words}' for words in without_table(found))}"
    )
    parts = [
        "# Comparison",
        explained,
        table(header(found.budgets), cells(rows(found), found.budgets, found.budget)),
    ]
    parts += _ranks(found)
    if method is not None:
        parts += _sooner(found, method)
    if method is not None and len(found.methods) > 1:
        parts += [f"## Tests against {plain(method)}", _tests(verdicts(found, method))]
    return "\n\n".join(parts) + "\n"


def without_table(found: Comparison) -> list[str]:
    """One sentence for each benchmark without a table: what its optimum and its levels mean."""
    return [
        f"{plain(benchmark)} is no table but a model: its optimum is the {plain(words)}, and its "
        f"top shares are of random architectures."
        for benchmark, words in found.references.items()
    ]


def as_csv(found: Comparison) -> str:
    """The numbers without rounding: one line per benchmark, method and figure."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["benchmark", "method", "figure", "mean", "low", "high", "censored", "runs"])
    for row in rows(found):
        start = [inert(row.benchmark), inert(row.method)]
        for level, each in row.queries.items():
            censored = row.censored[level]
            name = f"queries to {level}"
            writer.writerow([*start, name, each.mean, each.low, each.high, censored, row.runs])
        for budget, each in row.regret.items():
            name = f"regret at {budget}"
            writer.writerow([*start, name, each.mean, each.low, each.high, "", row.runs])
        if row.test is not None:
            each = row.test
            writer.writerow([*start, "test", each.mean, each.low, each.high, "", row.runs])
        for name, number in (
            ("median queries to optimum", row.median_to_optimum),
            ("mean log10 regret", row.area),
            ("median seconds of a proposal", row.seconds),
        ):
            writer.writerow([*start, name, number, "", "", "", row.runs])
    return text.getvalue()


def _queries(each: Estimate, censored: int, budget: int) -> str:
    missed = f" {censored}/{budget}+" if censored else ""
    return f"{each.mean:.1f} [{each.low:.1f}, {each.high:.1f}]{missed}"


def _points(each: Estimate) -> str:
    return f"{100 * each.mean:.3f} [{100 * each.low:.3f}, {100 * each.high:.3f}]"


def _ranks(found: Comparison) -> list[str]:
    try:
        result = overall(found)
    except ComparisonError:
        # One method, or one run: there is nothing to rank.
        return []
    lines = sorted(result.mean.items(), key=lambda pair: pair[1])
    explained = (
        f"Average rank by the area under the log-regret curve over {result.blocks} blocks; two "
        f"methods differ at 5 % if their ranks differ by more than "
        f"{result.critical_difference:.2f} (Nemenyi); Friedman p = {result.p_value:.2g}."
    )
    ranked = table(
        ["method", "average rank"], [[plain(name), f"{rank:.2f}"] for name, rank in lines]
    )
    return ["## Ranks", explained, ranked]


def _sooner(found: Comparison, method: str) -> list[str]:
    lines = sooner(found, method)
    if not lines:
        return []
    at = lines[0].at
    heading = ["benchmark", f"best other method after {at}", "its regret", "queries until then"]
    told = [
        [
            plain(each.benchmark),
            plain(each.peer),
            f"{100 * each.regret:.3f}",
            f"more than {found.budget}" if each.needed is None else str(each.needed),
        ]
        for each in lines
    ]
    return [
        f"## How much sooner {plain(method)} is",
        f"{in_words(lines, plain(method))} By mean regrets.",
        table(heading, told),
    ]


def _tests(found: Sequence[Verdict]) -> str:
    heading = ["benchmark", "other method", "budget", "its regret minus ours", "p", "it is"]
    return "Wilcoxon tests paired by seed, corrected after Holm over the methods.\n\n" + table(
        heading,
        [
            [
                plain(each.benchmark),
                plain(each.peer),
                str(each.budget),
                f"{100 * each.difference:+.3f}",
                f"{each.p_value:.2g}",
                each.words,
            ]
            for each in found
        ],
    )


def table(heading: Sequence[str], lines: Cells) -> str:
    """A Markdown table."""
    dashes = ["---"] * len(heading)
    return "\n".join("| " + " | ".join(line) + " |" for line in (heading, dashes, *lines))
