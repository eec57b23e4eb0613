"""Does a study of 10,000 trials still open at once? `python -m bench.long_study`.

Writes a study of `cnn-cell` with so many trials, three of four of them children of earlier ones,
the way that a search leaves them: Optuna stores one trial after the other, which takes minutes,
so here the same rows are written in one transaction. Then each command is timed in a fresh
process, from its start to its end: `deltanas status`, `deltanas report`, and a search that goes
on (it opens the study, checks every key and knows all trials, up to the first proposal, which is
timed apart).
"""

import argparse
import contextlib
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from optuna.distributions import distribution_to_json

from deltanas.networks import cnn_cell
from deltanas.records import Evaluation, Proposal, Status, Trial
from deltanas.spaces import Architecture, SearchSpace, codes_of, edits_between
from deltanas.study import Study, rows

METHOD: Final = "delta-evolution"
FRESH: Final = 0.25
"""Share of trials without a parent."""
FAILED: Final = 0.02
"""Share of trainings that failed."""
RESUME: Final = """
import sys
from deltanas.networks import cnn_cell
from deltanas.study import Study
study = Study(cnn_cell(), lambda architecture: 0.5, storage=sys.argv[1])
print(len(study.history.finished), study.best.number)
"""
PROPOSE: Final = """
import sys, time
from deltanas.networks import cnn_cell
from deltanas.study import Study
study = Study(cnn_cell(), storage=sys.argv[1])
for _ in range(2):
    began = time.process_time()
    study.ask()
    print(time.process_time() - began)
"""


def trials_of(space: SearchSpace, count: int, rng: np.random.Generator) -> list[Trial]:
    """So many trials with keys of their own; accuracy is a sum over decisions, and noise."""
    chosen = list({each.key: each for each in space.sample(2 * count, rng)}.values())
    known = chosen[: int(FRESH * count)]
    parents: list[int | None] = [None] * len(known)
    keys = {each.key for each in known}
    while len(known) < count:
        drawn = rng.integers(len(known), size=count)
        codes = codes_of(known)[drawn]
        place = rng.integers(codes.shape[1], size=count)
        codes[np.arange(count), place] = rng.integers(space.option_counts[place])
        is_valid = space.are_valid(codes)
        children = space.from_codes(codes[is_valid])
        for parent, child in zip(drawn[is_valid].tolist(), children, strict=True):
            if child.key not in keys and len(known) < count:
                keys.add(child.key)
                known.append(child)
                parents.append(parent)
    effects = [rng.normal(size=int(options)) for options in space.option_counts]
    accuracies = [
        0.8 + 0.02 * sum(effect[each] for effect, each in zip(effects, a.code, strict=True))
        for a in known
    ] + 0.003 * rng.normal(size=count)
    return [_trial(number, known, parents[number], accuracies, rng) for number in range(count)]


def _trial(
    number: int,
    known: list[Architecture],
    parent: int | None,
    accuracies: np.ndarray,
    rng: np.random.Generator,
) -> Trial:
    architecture = known[number]
    proposal = Proposal(number, architecture)
    if parent is not None:
        before = known[parent]
        edits = edits_between(before.decisions, before.code, architecture.code)
        delta = float(accuracies[number] - accuracies[parent] + 0.01 * rng.normal())
        proposal = Proposal(number, architecture, parent, edits, delta, 0.01)
    if rng.random() < FAILED:
        return Trial(proposal, Evaluation(number, Status.FAILED, reason="ran out of memory"))
    metrics = {"params": 1e5, "flops": 1e7}
    seconds = float(rng.uniform(20, 60))
    done = Evaluation(number, Status.FINISHED, float(accuracies[number]), seconds, metrics=metrics)
    return Trial(proposal, done)


def write(path: Path, space: SearchSpace, trials: Iterable[Trial]) -> None:
    """A study with these trials, in the rows that Optuna writes for them."""
    Study(space, storage=path, method=METHOD, seed=0).close()
    tables: dict[str, list[tuple[object, ...]]] = {}
    for trial in trials:
        for table, row in _rows(trial.proposal, trial.evaluation):
            tables.setdefault(table, []).append(row)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        for table, lines in tables.items():
            marks = ", ".join("?" * len(lines[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", lines)  # noqa: S608


def _rows(proposal: Proposal, done: Evaluation | None) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Table and row, with no number of its own where SQLite counts."""
    if done is None:
        return
    identity = proposal.number + 1
    state = "COMPLETE" if done.status is Status.FINISHED else "FAIL"
    began, ended = "2026-01-01 00:00:00.000000", "2026-01-01 00:01:00.000000"
    yield "trials", (identity, proposal.number, 1, state, began, ended)
    attributes = rows.attributes_of(proposal)
    attributes[rows.EVALUATION] = rows.evaluation_record(done)
    for name, value in attributes.items():
        yield "trial_user_attributes", (None, identity, name, json.dumps(value))
    chosen, possible = rows.parameters_of(proposal.architecture)
    for name, distribution in possible.items():
        position = float(distribution.to_internal_repr(chosen[name]))
        yield "trial_params", (None, identity, name, position, distribution_to_json(distribution))
    if done.accuracy is not None:
        yield "trial_values", (None, identity, 0, done.accuracy, "FINITE")


def timed(*words: str) -> tuple[float, float, str]:
    """Wall and CPU seconds of a Python of its own, and what it printed."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, *words], check=True, capture_output=True, text=True
    )
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, done.stdout


def main() -> None:
    """Print seconds of each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    count = parser.parse_args().trials
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "study.db")
        space = cnn_cell()
        write(path, space, trials_of(space, count, np.random.default_rng(0)))
        print(f"{count:,} trials of {space.name}, {path.stat().st_size / 2**20:.0f} MB", flush=True)
        command = "from deltanas.cli.app import main; main()"
        for name, words in (
            ("deltanas status", ("-c", command, "status", str(path))),
            ("deltanas report", ("-c", command, "report", str(path), "--out", folder)),
            ("resume, up to the first proposal", ("-c", RESUME, str(path))),
        ):
            wall, cpu, _ = timed(*words)
            print(f"{name:34}{wall:6.1f} s, of them CPU {cpu:.1f} s", flush=True)
        first, second = timed("-c", PROPOSE, str(path))[2].split()
        print(
            f"{'a proposal, and a second one':34}CPU {float(first):.1f} s and {float(second):.1f} s"
        )


if __name__ == "__main__":
    main()
