"""The scripts behind the docs: what they ask for exists, and what they draw is what they read."""

import csv
import shlex

import pytest

from bench import edit_distance, figures, paper
from deltanas.benchmarks import load
from deltanas.compare.plan import plan
from deltanas.compare.roster import entry
from deltanas.errors import MissingDataError
from deltanas.seeds import generator


@pytest.mark.parametrize("source", paper.SOURCES, ids=lambda source: source.name)
def test_the_command_that_makes_results_can_be_planned(source):
    words = shlex.split(source.command)
    options = dict(zip(words[2::2], words[3::2], strict=True))
    assert words[:2] == ["deltanas", "compare"]
    methods = options["--methods"].split(",")
    for method in methods:
        assert entry(method).description
    try:
        planned = plan(options["--benchmark"].split(","), methods, seeds=2, first_seed=1000)
    except MissingDataError as missing:
        pytest.skip(str(missing))
    assert len(planned.tasks) == 3 * 2 * (len(methods) - len(planned.absent))
    assert options["--out"] == f"runs/paper/{source.name}"


def test_what_is_missing_is_said_with_its_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["figures"])
    figures.main()
    said = capsys.readouterr().out
    assert "missing: docs/assets/data/edit_distance.csv, made by\n  python -m bench.ed" in said
    assert said.count("missing: runs/paper/") == len(paper.SOURCES)
    assert all(source.command in said for source in paper.SOURCES)
    assert not list(tmp_path.iterdir())


def test_a_figure_is_drawn_from_its_numbers_where_the_runs_are_gone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paper.DATA.mkdir(parents=True)
    lines = ["benchmark,method,runs,query,mean_regret,low,high"]
    lines += [
        f"b:x,{name},9,{query},.0{query},.01,.09" for name in ("delta", "p") for query in (5, 6)
    ]
    (paper.DATA / "encodings.csv").write_text("\n".join(lines))
    assert list(paper.draw()) == [paper.ASSETS / "encodings.svg"]
    (axis,) = paper._convergence(paper._read(paper.DATA / "encodings.csv"), "title").axes
    assert axis.lines[0].get_xydata().tolist() == [[5, 5.0], [6, 6.0]]


def test_the_numbers_of_edit_distance_become_means_over_seeds(tmp_path):
    path = tmp_path / "numbers.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(edit_distance.COLUMNS)
        for seed, error in ((0, 0.01), (1, 0.03)):
            writer.writerow(["b:x", "closed form", seed, 1, 9, 9, error, 0.04, 0.8])
            writer.writerow(["b:x", "no change", seed, 1, 9, 9, 0.04, 0.04, 0.0])
    errors, shares, signs = edit_distance.figure(path).axes
    # Errors of 1 and 3 points on average 2, of differences of 4 points a half.
    assert [line.get_ydata().tolist() for line in errors.lines] == [[2.0], [4.0]]
    assert [line.get_ydata().tolist() for line in shares.lines] == [[0.5], [1.0]]
    assert [line.get_ydata().tolist() for line in signs.lines] == [[80.0]]


def test_asked_pairs_are_unseen_different_and_as_far_apart_as_said(nasbench201_folder):
    benchmark = load("nasbench201:cifar10")
    space = benchmark.space
    rng = generator(1, "test")
    labels = edit_distance.labels(benchmark, rng)
    known = set(space.keys(labels))
    assert len(known) == 100
    for edits in (1, 6):
        before, after = edit_distance.unseen_pairs(space, known, edits, rng)
        assert len(before) == edit_distance.ASKED
        assert set((before != after).sum(axis=1).tolist()) == {edits}
        keys = [space.keys(before), space.keys(after)]
        assert not known & {*keys[0], *keys[1]}
        assert all(one != other for one, other in zip(*keys, strict=True))
