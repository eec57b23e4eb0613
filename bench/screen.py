"""Draws the demo search for the README: its last screen, and the best accuracy so far."""

from pathlib import Path

from rich.console import Console

from deltanas.benchmarks import load
from deltanas.cli.live import Screen
from deltanas.report import Subject, summarize
from deltanas.report.figure_set import pictures
from deltanas.report.style import style
from deltanas.study import Study

BUDGET = 60


def main() -> None:
    """Run the demo search in memory and save both pictures in docs/assets."""
    benchmark = load("nasbench201:cifar10")
    study = Study(benchmark.space, benchmark.evaluator(), seed=0, benchmark=benchmark.name)
    title = "nasbench201:cifar10, delta-evolution, seed 0"
    screen = Screen(study.record, BUDGET, title, lines=True)
    screen.line = lambda *_: ""  # type: ignore[method-assign]  # nothing is printed on the way
    study.run(BUDGET, screen.watch)
    console = Console(record=True, width=118, file=Path("/dev/null").open("w", encoding="utf-8"))
    console.print(screen.screen())
    title = "deltanas search nasbench201:cifar10 --budget 60"
    console.save_svg("docs/assets/search.svg", title=title)
    made = study.description
    subject = Subject(benchmark.space, study.history, made.method, made.seed, benchmark)
    picture = next(pictures(summarize(subject)))
    with style(picture.name):
        path = f"docs/assets/{picture.name}.svg"
        picture.figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
