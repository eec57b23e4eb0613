"""The scripts behind the docs: what they ask for exists, and what they draw is what they read."""

import csv
import itertools
import shlex
from dataclasses import replace

import numpy as np
import pytest

from bench import edit_distance, figures, inheritance, kept, knowable, paper, parallel, pooled
from bench.numbers import read_lines
from bench.tables import recorded
from deltanas.benchmarks import Benchmark, load
from deltanas.compare.curves import Curves
from deltanas.compare.plan import Task, plan
from deltanas.compare.problem import Problem
from deltanas.compare.protocol import Protocol
from deltanas.compare.race import race
from deltanas.compare.results import MERGED, merge, write_part
from deltanas.compare.roster import contestant, entry
from deltanas.compare.summary import Comparison, comparison, rows, verdicts
from deltanas.errors import MissingDataError
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace


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
    assert "missing: docs/assets/data/gap.csv, made by\n  python -m bench.gap\n" in said
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
    (axis,) = paper._convergence(read_lines(paper.DATA / "encodings.csv"), "title").axes
    assert axis.lines[0].get_xydata().tolist() == [[5, 5.0], [6, 6.0]]


def test_statistics_of_inheritance_worked_by_hand():
    # truth, short, inherited, parent, generation, founder
    rows = np.array(
        [
            (0.50, 0.40, 0.52, 0.50, 1, 0),
            (0.60, 0.40, 0.63, 0.60, 2, 0),
            (0.70, 0.60, 0.74, 0.70, 1, 1),
            (0.80, 0.50, 0.85, 0.80, 2, 1),
        ]
    )
    found = inheritance.statistics(rows)
    # Two points ahead at a parent of 50, five at one of 80: a tenth of a point per point.
    assert found["slope of inherited - truth on parent"] == pytest.approx(0.1)
    assert found["tau inherited"] == 1
    # Short: 4 of 6 pairs in order, 1 not, 1 tie; tau-b is 3 / sqrt(6 * 5).
    assert found["tau short"] == pytest.approx(3 / 30**0.5)
    assert found["tau of truth with the parent"] == 1
    assert found["inherited - truth, points"] == pytest.approx(3.5)
    assert found["the same, generation 1"] == pytest.approx(3)
    assert found["the same, generation 2"] == pytest.approx(4)

    def means(drawn):
        return {"mean": float(drawn[:, 0].mean()), "rows": len(drawn)}

    intervals = inheritance.resampled(rows, means, generator(0, "test"))
    # Founders stay whole: the lowest mean is that of the first one twice.
    assert intervals["mean"] == (pytest.approx(0.55), pytest.approx(0.75))
    assert intervals["rows"] == (4, 4)


def results(methods, budget, signal="mean"):
    regret = np.linspace(0.1, 0.0, budget)[None].repeat(3, axis=0)
    runs = Curves((1, 2, 3), regret, 0.9 - regret, None, np.zeros(1), 0)
    head = {"budget": str(budget), "starts": "2", "signal": signal, "identity": "raw"}
    curves = {("b:x", method): runs for method in methods}
    return Comparison(curves, {"b:x": {"optimum": 0.9}}, budget, 2, head)


def test_long_runs_count_beside_shorter_ones_and_alone_beyond():
    found = {
        "optimizers": results(("delta", "tpe"), 200),
        "ablations": results(("delta-paths",), 100),
        "one-run": results(("delta",), 150, signal="one-run"),
    }
    sections = [(s.head["signal"], s.budget, tuple(s.methods)) for s in paper.protocols(found)]
    assert sections == [
        ("mean", 200, ("delta", "tpe")),
        ("one-run", 150, ("delta",)),
        ("mean", 100, ("delta", "tpe", "delta-paths")),
    ]


def test_each_part_of_fig_4_holds_our_method_and_those_of_its_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = {
        "optimizers": results(("delta", "tpe"), 20),
        "networks": results(("delta-neural",), 10),
    }
    paths = list(paper._write_numbers(found))
    assert [path.name for path in paths] == ["comparison.csv", "encodings.csv", "ranks.csv"]
    ends = [{line["method"]: int(line["query"]) for line in read_lines(path)} for path in paths[:2]]
    assert ends == [{"delta": 20, "tpe": 20}, {"delta": 10, "delta-neural": 10}]


def test_the_numbers_of_edit_distance_become_means_over_seeds(tmp_path):
    path = tmp_path / "numbers.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(edit_distance.COLUMNS)
        for seed, error in ((0, 0.01), (1, 0.03)):
            writer.writerow(["b:x", "closed form", seed, 1, 9, 9, error, 0.7, 0.04, 0.7, 0.8])
            writer.writerow(["b:x", "no change", seed, 1, 9, 9, 0.04, 0.7, 0.04, 0.7, 0.0])
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


def test_the_time_to_a_mean_regret_is_worked_by_hand():
    # At 2 s: (1 + .4) / 2; at 3 s: (.3 + .4) / 2 = .35; at 5 s: (.3 + .1) / 2 = .2.
    runs = [([0.3], [3.0]), ([0.4, 0.1], [2.0, 5.0])]
    assert parallel.time_to(0.35, runs) == 3.0
    assert parallel.time_to(0.2, runs) == 5.0
    assert parallel.time_to(0.1, runs) == float("inf")


@pytest.mark.parametrize("known", [20, 60])
def test_cells_are_put_in_order_by_predictors_that_have_not_seen_them(tmp_path, known):
    rng = generator(0, "luck")
    rows = list(itertools.product(range(3), repeat=4))
    regular = np.array(rows) @ np.array([0.1, 0.03, 0.01, 0.003])
    lucky = int(np.argmin(regular))
    accuracies = 0.1 + regular + 1e-5 * rng.standard_normal(len(rows))
    accuracies[lucky] = 0.9
    path = tmp_path / "lucky.csv"
    lines = [f"{','.join(map(str, row))},{a}" for row, a in zip(rows, accuracies, strict=True)]
    path.write_text("\n".join(["a,b,c,d,accuracy", *lines]))
    found = knowable.order(recorded(str(path)), known, split=0)
    assert sorted(found) == list(range(len(rows)))
    # What is regular is where it belongs; the best by luck alone is among the last.
    assert found.index(1) < 10
    assert found.index(0) > 50


def test_what_is_kept_of_runs_gives_the_same_table_and_tests(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    space = BlockSpace({"width": (1, 2, 4), "depth": (1, 2, 3, 4), "act": ("a", "b")}, name="made")
    accuracies = generator(3, "test").random(len(space.all_codes()))
    table = Benchmark("made:up", space, "nobody", "none", [(float(a),) for a in accuracies])
    problem = Problem(table, Protocol(budget=12, starts=3))
    tasks = [Task("made:up", method, seed) for method in ("random", "gp") for seed in (5, 7)]
    for task in tasks:
        one = contestant(task.method, problem, task.seed)
        write_part(tmp_path, task, problem, race(one, problem, task.seed))
    whole = comparison(merge(tmp_path, tasks))
    monkeypatch.setattr("sys.argv", ["kept", str(tmp_path), "small"])
    kept.main()
    small = comparison(kept.KEPT / "small.parquet")
    assert small.head == whole.head
    assert verdicts(small, "gp") == verdicts(whole, "gp")
    for one, other in zip(rows(small), rows(whole), strict=True):
        assert replace(one, seconds=0.0) == replace(other, seconds=0.0)
        assert one.seconds == pytest.approx(other.seconds, abs=2e-4 + other.seconds)
    size = (kept.KEPT / "small.parquet").stat().st_size
    assert size < (tmp_path / MERGED).stat().st_size


def test_tables_are_made_of_what_is_kept_where_the_runs_are_gone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = paper.SOURCES[0]
    assert source.found is None
    source.kept.parent.mkdir(parents=True)
    source.kept.touch()
    assert source.found == source.kept
    source.folder.mkdir(parents=True)
    (source.folder / MERGED).touch()
    assert source.found == source.folder / MERGED


def test_pooled_differences_are_in_units_of_the_other_methods_mean():
    ours, theirs = np.array([[0.2], [0.4]]), np.array([[0.4], [0.4]])
    curves = {
        (name, method): Curves((1, 2), size * regret, 1 - regret, None, np.zeros(1), 0)
        for name, size in (("a", 1.0), ("b", 10.0))
        for method, regret in (("x", ours), ("y", theirs))
    }
    found = Comparison(curves, {}, 1, 1, {})
    assert pooled.differences(found, "x", "y", 1) == pytest.approx([-0.5, 0, -0.5, 0], abs=1e-4)
    assert len(pooled.differences(found, "x", "y", 1, ("a",))) == 2
