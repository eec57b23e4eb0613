"""Fig. 4, the ranks and Table 1: which runs they are made of, and how they are drawn.

Runs are long and stay in runs/; the numbers that a figure shows are small and stay beside it, in
docs/assets/data. So a figure can be drawn again where the runs are not.
"""

import csv
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from deltanas.compare.ablations.entries import ABLATIONS
from deltanas.compare.joining import joined
from deltanas.compare.metrics import bootstrap
from deltanas.compare.overview import overview
from deltanas.compare.protocol import ComparisonError
from deltanas.compare.results import MERGED
from deltanas.compare.summary import Comparison, comparison, overall
from deltanas.report.comparison import Curve, rank_figure, regret_figure
from deltanas.report.style import style

ASSETS = Path("docs/assets")
DATA = ASSETS / "data"
OURS = "delta"
CELLS = "nasbench201:cifar10,nasbench201:cifar100,nasbench201:imagenet16-120"
OPTIMIZERS = "delta,local-search,regularized-evolution,random,tpe,optuna-gp,gp"


@dataclass(frozen=True)
class Source:
    """One folder of results and how it is made."""

    name: str
    """Of the folder below runs/paper."""
    methods: str
    """What runs."""
    seeds: int
    """Runs of each method; seeds begin where none was used while the method was made."""
    more: str = ""
    """Further options."""

    @property
    def folder(self) -> Path:
        """Where its results are."""
        return Path("runs/paper") / self.name

    @property
    def command(self) -> str:
        """What makes them."""
        words = ["deltanas", "compare", "--benchmark", CELLS, "--methods", self.methods]
        words += ["--seeds", str(self.seeds), "--first-seed", "1000", "--budget", "100"]
        return shlex.join([*words, *shlex.split(self.more), "--out", str(self.folder)])


SOURCES = (
    Source("optimizers", OPTIMIZERS, 50),
    Source("literature", "nasbowl,bananas,npenas,weaknas,brp-nas,smac", 20),
    Source(
        "ablations",
        "delta-classes,delta:generations=1,delta-one-vector,delta-one-hot,delta-adjacency,"
        "delta-paths,delta-context-free",
        50,
    ),
    Source("networks", "delta-neural,delta-one-edit,delta-absolute", 20),
    Source("one-run", OPTIMIZERS, 50, "--signal one-run"),
    Source("classes", OPTIMIZERS, 50, "--identity classes"),
)


def draw() -> Iterator[Path]:
    """Everything for which there are runs or numbers; each file when it is written."""
    found = {}
    for source in SOURCES:
        if (source.folder / MERGED).exists():
            found[source.name] = comparison(source.folder)
        else:
            print(f"missing: {source.folder}, made by\n  {source.command}")
    protocols = joined(found)
    if protocols:
        path = ASSETS / "table1.md"
        path.write_text(overview(protocols, OURS), encoding="utf-8")
        yield path
    usual = [
        each
        for each in protocols
        if (each.head["signal"], each.head["identity"]) == ("mean", "raw")
    ]
    for each in usual:
        yield from _write_numbers(each)
    yield from _figures()


def _write_numbers(found: Comparison) -> Iterator[Path]:
    parts = [method for method in found.methods if _is_part(method)]
    others = [method for method in found.methods if method not in parts]
    groups = {"comparison": others, "encodings": [OURS, *parts]}
    for name, methods in groups.items():
        if OURS in found.methods and len(methods) > 1:
            yield _write(DATA / f"{name}.csv", _curve_lines(found, methods))
    try:
        ranks = overall(_only(found, others))
    except ComparisonError:
        return  # one method or one run: there is nothing to rank
    lines = [
        (method, f"{rank:.4f}", f"{ranks.critical_difference:.4f}", ranks.blocks)
        for method, rank in ranks.mean.items()
    ]
    yield _write(DATA / "ranks.csv", [("method", "rank", "critical_difference", "blocks"), *lines])


def _is_part(method: str) -> bool:
    """Whether it is our method with something taken away or replaced."""
    name = method.partition(":")[0]
    return method != OURS and (name in ABLATIONS or name in {OURS, "delta-classes"})


def _only(found: Comparison, methods: Sequence[str]) -> Comparison:
    curves = {key: curves for key, curves in found.curves.items() if key[1] in methods}
    return replace(found, curves=curves)


def _curve_lines(found: Comparison, methods: Sequence[str]) -> list[Sequence[object]]:
    lines: list[Sequence[object]] = [
        ("benchmark", "method", "runs", "query", "mean_regret", "low", "high")
    ]
    for benchmark in found.benchmarks:
        for method in methods:
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
    for name, title in (
        ("comparison", "Delta-NAS and other methods: regret of the best architecture found"),
        ("encodings", "Delta-NAS with one part replaced: regret of the best architecture found"),
    ):
        path = DATA / f"{name}.csv"
        if path.exists():
            with style(name):
                yield _save(_convergence(_read(path), title), name)
    path = DATA / "ranks.csv"
    if path.exists():
        lines = _read(path)
        mean = {line["method"]: float(line["rank"]) for line in lines}
        with style("ranks"):
            figure = rank_figure(
                mean,
                float(lines[0]["critical_difference"]),
                ours=OURS,
                title=f"Average rank over {lines[0]['blocks']} paired runs",
            )
            yield _save(figure, "ranks")


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


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, lines: Sequence[Sequence[object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)
    return path


def _save(figure: Figure, name: str) -> Path:
    path = ASSETS / f"{name}.svg"
    figure.savefig(path, metadata={"Date": None})
    return path
