"""Results on disk: one Parquet file per run while running, one for all of them at the end.

A part is written under another name and then renamed, so a part that is there is whole. The
rules and the levels of each benchmark are in the files' heads: figures and tables need
nothing else. Nor does a comparison that goes on: alone in a folder, the one file for all is as
good as its parts, so runs can be handed on and others join them.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from deltanas.compare.own import edition
from deltanas.compare.own_method import edition_of_method, is_own_method
from deltanas.compare.plan import PARTS, Task
from deltanas.compare.problem import Problem
from deltanas.compare.protocol import ComparisonError, Protocol
from deltanas.compare.race import Query

# pyarrow comes with the extra `compare`; `plan.check_installed` says so before this is imported.
MERGED = "results.parquet"
EDITIONS = ("edition", "method_edition")
"""Entries of a part's head: of which file of the user's its benchmark and its method are."""
JOINT = ("levels", "references", "editions")
"""Entries of the head that tell something of each benchmark, editions of each method too."""
SCHEMA = pa.schema(
    [
        ("benchmark", pa.string()),
        ("method", pa.string()),
        ("seed", pa.int64()),
        ("query", pa.int64()),
        ("architecture", pa.string()),
        ("value", pa.float64()),
        ("mean", pa.float64()),
        ("regret", pa.float64()),
        ("test", pa.float64()),
        ("seconds", pa.float64()),
        ("repeats", pa.int64()),
    ]
)
"""Columns; see `race.Query` for units. Accuracies and regrets are fractions."""


def write_part(folder: Path, task: Task, problem: Problem, queries: Sequence[Query]) -> None:
    """Write one run, all of it or nothing.

    Raises:
        OSError: The folder cannot be written.
    """
    rows = [
        {
            "benchmark": task.benchmark,
            "method": task.method,
            "seed": task.seed,
            **{"query" if name == "number" else name: v for name, v in asdict(query).items()},
        }
        for query in queries
    ]
    head = dict(problem.protocol.describe())
    head["edition"] = edition(task.benchmark)
    head["method_edition"] = edition_of_method(task.method)
    head["levels"] = json.dumps({task.benchmark: problem.levels})
    if problem.reference is not None:
        head["references"] = json.dumps({task.benchmark: problem.reference})
    table = pa.Table.from_pylist(rows, schema=SCHEMA.with_metadata(head))
    _write(table, task.part(folder))


def is_done(folder: Path, task: Task, protocol: Protocol) -> bool:
    """Whether this run is there, under these rules and at least as long.

    Runs of a method of the user's own whose file has changed since count as not there.

    Raises:
        ComparisonError: It is there under other rules, or on another table of the same name, so
            it cannot be joined.
    """
    path = task.part(folder)
    if not path.exists():
        return False
    try:
        head = _head(pq.read_schema(path))
    except pa.ArrowInvalid:
        # Damaged from outside; it is written anew.
        return False
    for rule, value in protocol.rules().items():
        # Runs from before there were limits had none.
        there = head.get(rule, "")
        if there != value:
            raise ComparisonError(
                f"{folder} holds runs with {rule}={there or 'none'}, but {rule}={value or 'none'} "
                f"was asked for; choose another --out, or the same rules"
            )
    if head.get("edition", "") != edition(task.benchmark):
        raise ComparisonError(
            f"{folder} holds runs on {task.benchmark} as it was before that file was changed; "
            f"choose another --out"
        )
    return int(head["budget"]) >= protocol.budget and not _is_outdated(head, task)


def is_outdated(folder: Path, task: Task) -> bool:
    """Whether this run is there, but of a method of the user's own that has changed since."""
    path = task.part(folder)
    if not is_own_method(task.method):
        return False
    try:
        return path.exists() and _is_outdated(_head(pq.read_schema(path)), task)
    except pa.ArrowInvalid:
        return False


def _is_outdated(head: Mapping[str, str], task: Task) -> bool:
    return head.get("method_edition", "") != edition_of_method(task.method)


def restore(folder: Path) -> int:
    """Write the runs of a results file as parts again, where there is nothing but that file.

    Returns:
        How many runs; 0 where there are parts, or no results file.

    Raises:
        ComparisonError: The file is no results file.
        OSError: The folder cannot be written.
    """
    if (folder / PARTS).exists() or not (folder / MERGED).exists():
        return 0
    table, head = read(folder)
    rows: dict[Task, list[int]] = {}
    names = (table[name].to_pylist() for name in ("benchmark", "method", "seed"))
    for row, run in enumerate(zip(*names, strict=True)):
        rows.setdefault(Task(*run), []).append(row)
    joint = {name: json.loads(head.get(name, "{}")) for name in JOINT}
    unfinished = folder / f"{PARTS}.{os.getpid()}"
    for task, places in rows.items():
        own = {key: value for key, value in head.items() if key not in JOINT}
        for edition_of, name in zip(EDITIONS, (task.benchmark, task.method), strict=True):
            own[edition_of] = joint["editions"].get(name, "")
        for name in ("levels", "references"):
            if task.benchmark in joint[name]:
                own[name] = json.dumps({task.benchmark: joint[name][task.benchmark]})
        _write(table.take(places).replace_schema_metadata(own), task.part(unfinished))
    # All of them or none: what is restored in part would hide the rest.
    (unfinished / PARTS).replace(folder / PARTS)
    unfinished.rmdir()
    return len(rows)


def merge(folder: Path, tasks: Sequence[Task]) -> Path:
    """Join the runs that are there into one file, ordered as the tasks.

    Those of a method of the user's own whose file has changed since are left out.

    Returns:
        Path of the file.

    Raises:
        ComparisonError: None of the runs is there.
    """
    there = [(task, task.part(folder)) for task in tasks if task.part(folder).exists()]
    read_parts = [(task, pq.read_table(path, partitioning=None)) for task, path in there]
    found = [
        (task, table) for task, table in read_parts if not _is_outdated(_head(table.schema), task)
    ]
    if not found:
        raise ComparisonError(
            f"none of the {len(tasks)} runs in {folder} has finished; run the comparison first"
        )
    heads = [_head(table.schema) for _, table in found]
    head = {key: value for key, value in heads[-1].items() if key not in EDITIONS}
    editions = {
        name: each.get(edition_of, "")
        for (task, _), each in zip(found, heads, strict=True)
        for edition_of, name in zip(EDITIONS, (task.benchmark, task.method), strict=True)
    }
    head["editions"] = json.dumps({name: each for name, each in editions.items() if each})
    for name in ("levels", "references"):
        joint: dict[str, object] = {}
        for each in heads:
            told = json.loads(each.get(name, "{}"))
            for benchmark in told.keys() & joint.keys():
                if told[benchmark] != joint[benchmark]:
                    raise ComparisonError(
                        f"{folder} holds runs on another table of {benchmark!r} than it has now; "
                        f"choose another --out"
                    )
            joint.update(told)
        head[name] = json.dumps(joint)
    head["budget"] = str(min(int(each["budget"]) for each in heads))
    joined = pa.concat_tables([table.replace_schema_metadata(head) for _, table in found])
    _write(joined, folder / MERGED)
    return folder / MERGED


def read(path: Path) -> tuple[pa.Table, Mapping[str, str]]:
    """A results file: its rows and its head.

    Args:
        path: A file that `merge` wrote, or the folder that holds it.

    Raises:
        ComparisonError: There is no such file, or it is no results file.
    """
    path = path / MERGED if path.is_dir() else path
    try:
        table = pq.read_table(path, partitioning=None)
    except (OSError, pa.ArrowInvalid) as error:
        raise ComparisonError(
            f"expected a results file of `deltanas compare`, got {path} ({error}); "
            f"give the folder that was --out"
        ) from None
    head = _head(table.schema)
    if "levels" not in head or not set(SCHEMA.names) <= set(table.column_names):
        raise ComparisonError(
            f"{path} is Parquet but no results file of `deltanas compare`: it lacks "
            f"{sorted(set(SCHEMA.names) - set(table.column_names)) or 'its levels'}"
        )
    return table, head


def _head(schema: pa.Schema) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in (schema.metadata or {}).items()}


def _write(table: pa.Table, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        pq.write_table(table, unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
