"""Benchmarks of the user's own in a comparison: a table, and a value in a Python file."""

import itertools

import pyarrow.parquet as pq
import pytest

from deltanas.compare import own
from deltanas.compare.plan import plan
from deltanas.compare.protocol import ComparisonError, Protocol
from deltanas.compare.results import is_done, merge
from deltanas.compare.workers import run_all
from deltanas.errors import MissingDataError, ProjectError

PYTHON = """
from deltanas.benchmarks import Benchmark
from deltanas.spaces import CellSpace

space = CellSpace(nodes=3, operations=("conv", "pool"), max_edges=4)


def benchmark():
    codes = space.all_codes()
    runs = [(0.5 + 0.4 * row / len(codes),) for row in range(len(codes))]
    return Benchmark("mine", space, "Nobody, Cells of My Own, 2026", "none", runs)


def broken():
    return 1 / 0
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(PYTHON)
    sizes = itertools.product(range(9), (1, 2, 4))
    rows = [f"{width},{depth},{0.5 + width / 100 + depth / 50:.2f}" for width, depth in sizes]
    (tmp_path / "table.csv").write_text("\n".join(["width,depth,accuracy", *rows]))
    return tmp_path


@pytest.mark.process
def test_both_run_in_other_processes_and_keep_their_names(folder):
    names = ["table.csv", "mine.py:benchmark"]
    planned = plan(names, ["delta", "random"], seeds=1, first_seed=0)
    outcomes = list(run_all(planned.tasks, Protocol(budget=8), folder / "out", 1))
    assert [each.problem for each in outcomes] == [None] * 4
    results = pq.read_table(merge(folder / "out", planned.tasks)).to_pydict()
    assert set(results["benchmark"]) == set(names)
    assert set(results["query"]) == set(range(1, 9))


@pytest.mark.process
def test_runs_on_a_table_that_has_changed_are_not_joined(folder):
    planned = plan(["table.csv"], ["random"], seeds=1, first_seed=0)
    (first,) = run_all(planned.tasks, Protocol(budget=8), folder / "out", 1)
    assert first.problem is None
    text = (folder / "table.csv").read_text()
    (folder / "table.csv").write_text(text.replace("8,4,0.66", "8,4,0.77"))
    longer = plan(["table.csv"], ["random"], seeds=2, first_seed=0)
    list(run_all(longer.tasks[1:], Protocol(budget=8), folder / "out", 1))
    with pytest.raises(ComparisonError, match=r"runs on another table of 'table.csv' than it has"):
        merge(folder / "out", longer.tasks)


@pytest.mark.parametrize("name", ["table.csv", "mine.py:benchmark"])
def test_runs_on_a_file_that_has_changed_are_refused_also_where_its_best_is_the_same(folder, name):
    protocol = Protocol(budget=4, starts=2)
    (task,) = plan([name], ["random"], seeds=1).tasks
    list(run_all([task], protocol, folder / "out", 1))
    assert is_done(folder / "out", task, protocol)
    file = folder / name.partition(":")[0]
    file.write_text(file.read_text().replace("0,1,0.52", "0,1,0.51").replace("2026", "2027"))
    with pytest.raises(ComparisonError, match="as it was before that file was changed"):
        is_done(folder / "out", task, protocol)


def test_what_is_no_benchmark_is_said(folder):
    with pytest.raises(ProjectError, match=r"Surrogate under mine.py:space, got CellSpace"):
        own.load("mine.py:space")
    with pytest.raises(ProjectError, match=r"mine.py:broken could not be made, it raised Zero"):
        own.load("mine.py:broken")
    with pytest.raises(ProjectError, match=r"there is no 'benchmrk' in mine.py; did you"):
        own.load("mine.py:benchmrk")
    for name in ("other.py:benchmark", "other.csv"):
        with pytest.raises(MissingDataError, match="not on this machine; there is no such file"):
            plan([name], ["random"], seeds=1, first_seed=0)
