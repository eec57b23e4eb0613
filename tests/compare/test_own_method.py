"""Methods of the user's own in a comparison: what a Python file makes."""

import json
import re

import pyarrow.parquet as pq
import pytest

from deltanas.compare.own_method import split
from deltanas.compare.plan import plan
from deltanas.compare.protocol import ComparisonError, Protocol
from deltanas.compare.results import MERGED, is_done, is_outdated, merge, restore
from deltanas.compare.summary import comparison
from deltanas.compare.workers import run_all
from deltanas.errors import ProjectError

PROTOCOL = Protocol(budget=8, starts=3)
PYTHON = """
import numpy as np

from deltanas.compare import Contestant
from deltanas.search import Choice, RandomSearch, Searcher


class Climber(Searcher):
    def __init__(self, space, *, seed, starts, width: int = 8):
        super().__init__(space, seed=seed, starts=starts)
        self.width = width

    def choose(self, history, n, rng):
        best = max(history.finished, key=lambda trial: trial.accuracy).architecture
        near = [architecture for _, architecture in self.space.neighbours(best)]
        return [Choice(near[place]) for place in rng.permutation(len(near))[: self.width]]


class Guesser(Contestant):
    def __init__(self, space, *, seed, starts):
        self.space, self.rng, self.told = space, np.random.default_rng(seed), []

    def ask(self, n):
        return self.space.sample(n, self.rng)

    def tell(self, architecture, value):
        self.told.append((architecture, value))


def function(space, *, seed, starts):
    return RandomSearch(space, seed=seed, starts=starts)


class Codes(Guesser):
    def ask(self, n):
        return [architecture.code for architecture in self.space.sample(n, self.rng)]


class Raises(Guesser):
    def tell(self, architecture, value):
        return self.space / value


class Unfinished(Contestant):
    def ask(self, n):
        return []


def number(space, *, seed, starts):
    return 3


def without_seed(space, starts):
    return function(space, seed=0, starts=starts)
"""
LINE = PYTHON[: PYTHON.index("self.space / value")].count("\n") + 1
OWN = ("mine.py:Climber", "mine.py:Climber:width=2", "mine.py:Guesser", "mine.py:function")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(PYTHON)
    rows = [
        f"{width},{depth},{0.5 + width / 100 + depth / 50}"
        for width in range(9)
        for depth in (1, 2, 4)
    ]
    (tmp_path / "table.csv").write_text("\n".join(["width,depth,accuracy", *rows]))
    return tmp_path


def run(folder, *methods, seeds=1):
    tasks = plan(["table.csv"], methods, seeds=seeds).tasks
    todo = [task for task in tasks if not is_done(folder / "out", task, PROTOCOL)]
    return tasks, [each.problem for each in run_all(todo, PROTOCOL, folder / "out", 1)]


@pytest.mark.parametrize(
    ("method", "parts"),
    [
        ("gp", ("gp", [])),
        ("gp:best=3:where=space", ("gp", ["best=3", "where=space"])),
        ("mine.py:Mine", ("mine.py:Mine", [])),
        ("../a/mine.py:Mine:best=3:x=y", ("../a/mine.py:Mine", ["best=3", "x=y"])),
        (r"C:\a\mine.py:Mine:best", (r"C:\a\mine.py:Mine", ["best"])),
        ("mine.py", ("mine.py", [])),
    ],
)
def test_a_file_and_the_name_in_it_are_the_name_of_the_method(method, parts):
    assert split(method) == parts


@pytest.mark.process
def test_searchers_contestants_and_functions_take_part_from_the_same_starts(folder):
    tasks, problems = run(folder, "random", *OWN)
    assert problems == [None] * 5
    found = comparison(merge(folder / "out", tasks))
    assert set(found.methods) == {"random", *OWN}
    first = {
        method: found.curves["table.csv", method].mean[0, :3].tolist() for method in found.methods
    }
    assert len({tuple(values) for values in first.values()}) == 1
    # A climber of one edit at a time does not choose what random search does.
    after = {method: found.curves["table.csv", method].mean[0].tolist() for method in found.methods}
    assert after["mine.py:Climber"] != after["random"] == after["mine.py:function"]


@pytest.mark.process
def test_runs_are_made_again_when_the_file_has_changed_and_others_are_kept(folder):
    tasks, _ = run(folder, "random", "mine.py:function")
    mine = tasks[1]
    assert is_done(folder / "out", mine, PROTOCOL)
    assert not is_outdated(folder / "out", mine)
    file = folder / "mine.py"
    file.write_text(file.read_text() + "\n# thought again\n")
    assert is_outdated(folder / "out", mine)
    assert is_done(folder / "out", tasks[0], PROTOCOL)
    # Until they are, they are no part of the results.
    assert comparison(merge(folder / "out", tasks)).methods == ["random"]
    _, problems = run(folder, "random", "mine.py:function")
    assert problems == [None]
    assert comparison(merge(folder / "out", tasks)).methods == ["random", "mine.py:function"]


@pytest.mark.process
def test_a_results_file_alone_is_enough_to_go_on_from(folder):
    tasks, _ = run(folder, "random", "mine.py:function", seeds=2)
    before = pq.read_table(merge(folder / "out", tasks))
    other = folder / "other"
    other.mkdir()
    (other / MERGED).write_bytes((folder / "out" / MERGED).read_bytes())
    assert restore(other) == 4
    assert all(is_done(other, task, PROTOCOL) for task in tasks)
    after = pq.read_table(merge(other, tasks))
    assert after.equals(before, check_metadata=True)
    assert json.loads(after.schema.metadata[b"editions"]).keys() == {
        "table.csv",
        "mine.py:function",
    }
    assert restore(other) == 0  # what is there is never overwritten
    assert sorted(path.name for path in other.iterdir()) == ["parts", MERGED]


def test_a_folder_without_a_results_file_has_nothing_to_restore(folder):
    assert restore(folder / "nowhere") == 0
    (folder / MERGED).write_text("no Parquet")
    with pytest.raises(ComparisonError, match="expected a results file"):
        restore(folder)


@pytest.mark.process
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Codes", r"expected a list of architectures from ask\(\), got '\[\("),
        ("Raises", rf"TypeError: unsupported operand .* \(mine.py, line {LINE}\)"),
        ("number", r"expected a deltanas.search.Searcher or .* from mine.py:number, got int"),
    ],
)
def test_why_a_run_failed_names_the_line(folder, name, words):
    tasks, (problem,) = run(folder, f"mine.py:{name}")
    assert re.search(words, problem)
    with pytest.raises(ComparisonError, match="none of the 1 runs"):
        merge(folder / "out", tasks)


@pytest.mark.parametrize(
    ("method", "error", "words"),
    [
        ("none.py:Mine", ProjectError, "there is no file none.py"),
        ("mine.py", ProjectError, "expected a file and a name"),
        ("mine.py:Climb", ProjectError, "did you mean Climber"),
        ("mine.py:np", ProjectError, "expected a method under mine.py:np"),
        ("mine.py:Unfinished", ComparisonError, "mine.py:Unfinished lacks tell"),
        ("mine.py:without_seed", ComparisonError, "got an unexpected keyword argument 'seed'"),
        ("mine.py:Climber:size=3", ComparisonError, "got an unexpected keyword argument 'size'"),
        (
            "mine.py:Climber:3",
            ComparisonError,
            "expected settings as 'name:setting=value', got '3'",
        ),
    ],
)
def test_what_cannot_take_part_is_refused_before_anything_runs(folder, method, error, words):
    with pytest.raises(error, match=words):
        plan(["table.csv"], ["random", method], seeds=1)
