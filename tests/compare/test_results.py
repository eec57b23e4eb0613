import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from deltanas.compare.plan import Task
from deltanas.compare.problem import Problem
from deltanas.compare.protocol import ComparisonError, Identity, Protocol
from deltanas.compare.race import race
from deltanas.compare.results import MERGED, SCHEMA, is_done, merge, read, write_part
from deltanas.compare.roster import contestant

PROTOCOL = Protocol(budget=8, starts=3)


def write(folder, benchmark, method, seed, protocol=PROTOCOL):
    task = Task(benchmark.name, method, seed)
    problem = Problem(benchmark, protocol)
    write_part(folder, task, problem, race(contestant(method, problem, seed), problem, seed))
    return task


def test_columns_and_head_hold_what_is_needed_to_redraw(tmp_path, twins):
    tasks = [write(tmp_path, twins, "random", seed) for seed in (4, 5)]
    table, head = read(merge(tmp_path, tasks))
    wanted = ["benchmark", "method", "seed", "query", "architecture", "value", "regret", "seconds"]
    assert set(wanted) <= set(table.column_names)
    assert table["query"].to_pylist() == [*range(1, 9), *range(1, 9)]
    assert table["seed"].to_pylist() == [4] * 8 + [5] * 8
    twins.space.read(table["architecture"][3].as_py())
    assert (head["signal"], head["identity"], head["starts"]) == ("mean", "raw", "3")
    assert json.loads(head["levels"])["made-up:twins"]["optimum"] == twins.optimum
    assert json.loads(head["versions"])["numpy"] == np.__version__


def test_a_part_under_the_same_rules_is_done_and_a_longer_budget_is_not(tmp_path, twins):
    task = write(tmp_path, twins, "random", 1)
    assert is_done(tmp_path, task, PROTOCOL)
    assert is_done(tmp_path, task, Protocol(budget=6, starts=3))
    assert not is_done(tmp_path, task, Protocol(budget=9, starts=3))
    assert not is_done(tmp_path, Task(twins.name, "random", 2), PROTOCOL)


def test_other_rules_in_the_same_folder_are_refused(tmp_path, twins):
    task = write(tmp_path, twins, "random", 1)
    with pytest.raises(ComparisonError, match=r"identity=raw, but identity=classes .* --out"):
        is_done(tmp_path, task, Protocol(budget=8, starts=3, identity=Identity.CLASSES))


def test_a_part_that_was_being_written_when_killed_does_not_count(tmp_path, twins):
    task = write(tmp_path, twins, "random", 1)
    part = task.part(tmp_path)
    whole = part.read_bytes()
    part.unlink()
    part.with_name("1.parquet.4711").write_bytes(whole[: len(whole) // 2])
    assert not is_done(tmp_path, task, PROTOCOL)
    with pytest.raises(ComparisonError, match="none of the 1 runs"):
        merge(tmp_path, [task])


def test_a_damaged_part_is_done_again(tmp_path, twins):
    task = write(tmp_path, twins, "random", 1)
    task.part(tmp_path).write_bytes(b"PAR1 but not really")
    assert not is_done(tmp_path, task, PROTOCOL)


def test_runs_of_different_length_are_joined_up_to_the_shortest(tmp_path, twins):
    tasks = [
        write(tmp_path, twins, "random", 1),
        write(tmp_path, twins, "random", 2, Protocol(budget=11, starts=3)),
    ]
    table, head = read(merge(tmp_path, tasks))
    assert head["budget"] == "8"
    assert len(table) == 19


def test_what_is_no_results_file_is_refused(tmp_path):
    with pytest.raises(ComparisonError, match="expected a results file"):
        read(tmp_path / "nothing.parquet")
    pq.write_table(SCHEMA.empty_table().select(["seed"]), tmp_path / MERGED)
    with pytest.raises(ComparisonError, match="no results file of `deltanas compare`"):
        read(tmp_path)
