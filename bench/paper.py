"""Fig. 4, the ranks and Table 1: which runs they are made of, and how they are drawn.

Runs are long and stay in runs/; what tables and tests need of them is small and stays in
docs/assets/runs (`bench.kept`), the numbers that a figure shows in docs/assets/data. So all can be
made again where the runs are not.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from bench.kept import found_runs, kept_runs
from bench.numbers import read_lines, write_lines
from deltanas.compare.joining import joined, shortened
from deltanas.compare.metrics import bootstrap
from deltanas.compare.overview import overview
from deltanas.compare.protocol import ComparisonError
from deltanas.compare.summary import Comparison, comparison, overall
from deltanas.report.comparison import Curve, rank_figure, regret_figure
from deltanas.report.style import style

ASSETS = Path("docs/assets")
DATA = ASSETS / "data"
OURS = "delta"
CELLS = "nasbench201:cifar10,nasbench201:cifar100,nasbench201:imagenet16-120"
OPTIMIZERS = "delta,local-search,regularized-evolution,random,tpe,gp"
TWO = "--starts 2"
"""As many as our method begins with by default."""
TEN = "--starts 10"
"""As many as the authors of the predictor-based searches begin with."""


@dataclass(frozen=True)
class Source:
    """One folder of results and how it is made."""

    name: str
    """Of the folder below runs/paper."""
    methods: str
    """What runs."""
    seeds: int
    """Runs of each method; seeds begin where none was used while the method was made."""
    budget: int = 100
    """Queries of each run."""
    more: str = ""
    """Further options."""

    @property
    def folder(self) -> Path:
        """Where its results are."""
        return Path("runs/paper") / self.name

    @property
    def kept(self) -> Path:
        """What is kept of them."""
        return kept_runs(f"nasbench201-{self.name}")

    @property
    def found(self) -> Path | None:
        """Where they can be read; None where they are to be made."""
        return found_runs(self.folder, f"nasbench201-{self.name}")

    @property
    def command(self) -> str:
        """What makes them."""
        words = ["deltanas", "compare", "--benchmark", CELLS, "--methods", self.methods]
        words += ["--seeds", str(self.seeds), "--first-seed", "1000", "--budget", str(self.budget)]
        return shlex.join([*words, *shlex.split(self.more), "--out", str(self.folder)])


@dataclass(frozen=True)
class Convergence:
    """One part of Fig. 4: our method among those of some folders."""

    name: str
    """Of its files."""
    title: str
    """What is seen."""
    sources: tuple[str, ...]
    """Names of the folders whose methods are shown."""
    own: str = "optimizers"
    """Name of the folder that has our method under the same rules."""


SOURCES = (
    Source("optimizers", OPTIMIZERS, 100, budget=200, more=TWO),
    Source("optuna-gp", "optuna-gp", 50, more=TWO),
    Source("literature", "delta,nasbowl,bananas,npenas,weaknas,brp-nas", 50, more=TEN),
    Source(
        "ablations",
        "delta-classes,delta:generations=1,delta-one-vector,delta-far,delta-one-hot,"
        "delta-adjacency,delta-paths,delta-context-free",
        50,
        more=TWO,
    ),
    Source("learned", "delta-arch2vec", 10, more=TWO),
    Source("networks", "delta-neural,delta-one-edit,delta-absolute", 20, more=TWO),
    Source("one-run", OPTIMIZERS, 50, more=f"{TWO} --signal one-run"),
    Source("classes", OPTIMIZERS, 50, more=f"{TWO} --identity classes"),
)
FIGURES = (
    Convergence(
        "comparison", "Delta-NAS and other optimizers: regret", ("optimizers", "optuna-gp")
    ),
    Convergence(
        "literature",
        "Delta-NAS and predictor-based searches: regret",
        ("literature",),
        own="literature",
    ),
    Convergence(
        "encodings",
        "Delta-NAS with one part replaced: regret",
        ("ablations", "learned", "networks"),
    ),
)


def draw() -> Iterator[Path]:
    """Everything for which there are runs or numbers; each file when it is written."""
    found = {}
    for source in SOURCES:
        if source.found:
            found[source.name] = comparison(source.found)
        else:
            print(f"missing: {source.folder}, made by\n  {source.command}")
    if found:
        path = ASSETS / "table1.md"
        path.write_text(overview(protocols(found), OURS), encoding="utf-8")
        yield path
    if SOURCES[0].name in found:
        yield from _write_numbers(found)
    yield from _figures()


def protocols(found: Mapping[str, Comparison]) -> list[Comparison]:
    """What Table 1 has a section for: each set of rules at each budget that runs were made for.

    Longer runs count at shorter budgets too, beside those that end there.
    """
    sections = []
    for budget in sorted({each.budget for each in found.values()}, reverse=True):
        ended = [_rules(each) for each in found.values() if each.budget == budget]
        cut = {name: shortened(each, budget) for name, each in found.items()}
        long = {name: each for name, each in cut.items() if each.budget == budget}
        sections += [each for each in joined(long) if _rules(each) in ended]
    return sections


def _rules(found: Comparison) -> tuple[str, ...]:
    return tuple(found.head[name] for name in ("signal", "identity", "starts"))


def _write_numbers(found: Mapping[str, Comparison]) -> Iterator[Path]:
    for figure in FIGURES:
        names = dict.fromkeys((figure.own, *figure.sources))
        there = {name: found[name] for name in names if name in found}
        if set(figure.sources) & there.keys():
            budget = min(each.budget for each in there.values())
            (one,) = joined({name: shortened(each, budget) for name, each in there.items()})
            named = [
                method for name in figure.sources if name in found for method in found[name].methods
            ]
            chosen = _only(one, list(dict.fromkeys((OURS, *named))))
            yield write_lines(DATA / f"{figure.name}.csv", _curve_lines(chosen))
    try:
        ranks = overall(found[SOURCES[0].name])
    except ComparisonError:
        return  # one method or one run: there is nothing to rank
    lines = [
        (method, f"{rank:.4f}", f"{ranks.critical_difference:.4f}", ranks.blocks)
        for method, rank in ranks.mean.items()
    ]
    yield write_lines(
        DATA / "ranks.csv", [("method", "rank", "critical_difference", "blocks"), *lines]
    )


def _only(found: Comparison, methods: Sequence[str]) -> Comparison:
    curves = {key: curves for key, curves in found.curves.items() if key[1] in methods}
    return replace(found, curves=curves)


def _curve_lines(found: Comparison) -> list[Sequence[object]]:
    lines: list[Sequence[object]] = [
        ("benchmark", "method", "runs", "query", "mean_regret", "low", "high")
    ]
    for benchmark in found.benchmarks:
        for method in found.methods:
            if (benchmark, method) not in found.curves:
                continue
            regret = found.curves[benchmark, method].regret
            numbers = np.array([regret.mean(axis=0), *bootstrap(regret)])
            lines += [
                (
                    benchmark,
                    method,
                    len(regret),
                    query,
                    *(f"{x:.6f}" for x in numbers[:, query - 1]),
                )
                for query in range(found.starts, found.budget + 1)
            ]
    return lines


def _figures() -> Iterator[Path]:
    """The figures of the numbers that there are."""
    for figure in FIGURES:
        path = DATA / f"{figure.name}.csv"
        if path.exists():
            with style(figure.name):
                yield _save(_convergence(read_lines(path), figure.title), figure.name)
    path = DATA / "ranks.csv"
    if path.exists():
        lines = read_lines(path)
        mean = {line["method"]: float(line["rank"]) for line in lines}
        with style("ranks"):
            picture = rank_figure(
                mean,
                float(lines[0]["critical_difference"]),
                ours=OURS,
                title=f"Average rank over {lines[0]['blocks']} paired runs",
            )
            yield _save(picture, "ranks")


def _convergence(lines: Sequence[Mapping[str, str]], title: str) -> Figure:
    starts = min(int(line["query"]) for line in lines)
    columns: dict[str, dict[str, list[list[float]]]] = {}
    for line in lines:
        numbers = [float(line[name]) for name in ("mean_regret", "low", "high")]
        columns.setdefault(line["benchmark"], {}).setdefault(line["method"], []).append(numbers)
    # The figure counts queries from 1; before the last start there is nothing to see.
    before = np.full((starts - 1, 3), np.nan)
    curves = {
        benchmark: {
            method: Curve(*np.concatenate([before, rows]).T) for method, rows in panel.items()
        }
        for benchmark, panel in columns.items()
    }
    runs = sorted({int(line["runs"]) for line in lines})
    counts = str(runs[0]) if len(runs) == 1 else f"{runs[0]} to {runs[-1]}"
    return regret_figure(curves, ours=OURS, starts=starts, title=f"{title}, mean of {counts} runs")


def _save(figure: Figure, name: str) -> Path:
    path = ASSETS / f"{name}.svg"
    figure.savefig(path, metadata={"Date": None})
    return path
