"""Is anything lost when a search is killed again and again? `python -m bench.kills`.

A search whose trainings take 10 to 20 ms is killed with SIGKILL 200 times, most of the times up to
a second after its first training began, every tenth time while it starts, and is continued each
time; then it is let alone. Trainings note that they begin and the search notes what it told, in
one file, so that what happened is known apart from the study:

- *lost*: results that were told and are not in the study, or are others there; should be 0;
- *trained again*: trainings that were begun again, one per worker and kill at most;
- *trained again though told*: those of them whose result was known already; should be 0.
"""

import argparse
import collections
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import numpy as np

from deltanas.spaces import Architecture, BlockSpace
from deltanas.study import Evaluated, Event, Study

NOTES: Final = "DELTANAS_KILLS"
"""Variable with the file of notes; workers see it too."""
SPACE: Final = BlockSpace({f"layer {n}": tuple(range(8)) for n in range(12)})
LAST: Final = 20
"""Trainings after the last kill."""


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """What the notes and the study say."""

    trials: int
    """Trials of the study at the end."""
    told: int
    """Results that were told before the end."""
    lost: int
    """Told results that the study does not have."""
    again: int
    """Trainings that were begun again."""
    again_though_told: int
    """Those whose result had been told."""


def train(architecture: Architecture) -> float:
    """Take 10 to 20 ms; the accuracy depends on the architecture alone."""
    note("begun", architecture)
    score = sum((n + 2) * each**2 for n, each in enumerate(architecture.code)) % 997
    time.sleep(0.01 + 0.01 * score / 997)
    return score / 997


def note(what: str, architecture: Architecture, accuracy: float | None = None) -> None:
    """Add a line to the notes, in one piece."""
    line = f"{what} {architecture.key} {accuracy!r}\n"
    notes = os.open(os.environ[NOTES], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(notes, line.encode())
    os.close(notes)


def tell(event: Event) -> None:
    """Note a result that the study told of."""
    if isinstance(event, Evaluated):
        note("told", event.trial.architecture, event.trial.accuracy)


def search(path: Path, workers: int, budget: int | None) -> None:
    """Search on, for ever or for a few trainings more."""
    with Study(SPACE, train, storage=path, method="random", workers=workers) as study:
        study.run(budget or len(study.trials) + LAST, tell)


def killed(path: Path, workers: int, wait_s: float, *, at_start: bool) -> None:
    """Search until it is killed so many seconds after its start, or its first training."""
    # A copy of this process, which has imported everything: 200 starts would take long.
    child = multiprocessing.get_context("fork").Process(target=search, args=(path, workers, 10**6))
    notes = Path(os.environ[NOTES])
    before = notes.stat().st_size
    child.start()
    while not at_start and notes.stat().st_size == before and child.is_alive():
        time.sleep(0.002)
    child.join(wait_s)
    if not child.is_alive():
        raise RuntimeError(f"the search ended by itself, with exit code {child.exitcode}")
    child.kill()
    child.join()


def told_and_again(notes: str) -> tuple[Mapping[str, str], int, int]:
    """Accuracies as they were told, and how many trainings were begun again, before or after."""
    told: dict[str, str] = {}
    begun: collections.Counter[str] = collections.Counter()
    again_though_told = 0
    for line in notes.splitlines():
        what, _, rest = line.partition(" ")
        key, _, accuracy = rest.rpartition(" ")
        if what == "told":
            told[key] = accuracy
        else:
            begun[key] += 1
            again_though_told += key in told
    return told, begun.total() - len(begun), again_though_told


def outcome(path: Path, notes: str) -> Outcome:
    """Compare the notes with the study."""
    told, again, again_though_told = told_and_again(notes)
    trials = Study.open(path, SPACE).trials
    stored = {each.architecture.key: repr(each.accuracy) for each in trials}
    lost = sum(stored.get(key) != accuracy for key, accuracy in told.items())
    return Outcome(len(trials), len(told), lost, again, again_though_told)


def main() -> None:
    """Kill, continue, compare; the exit code is 1 if anything was lost or trained in vain."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    asked = parser.parse_args()
    is_good = True
    for workers in asked.workers:
        rng = np.random.default_rng(workers)
        with tempfile.TemporaryDirectory() as folder:
            path, notes = Path(folder, "study.db"), Path(folder, "notes")
            notes.touch()
            os.environ[NOTES] = str(notes)
            # What studies need is imported here and once, and not in every child.
            Study(SPACE, train, storage=path, method="random").close()
            for kill in range(asked.kills):
                killed(path, workers, float(rng.uniform(0.0, 1.0)), at_start=kill % 10 == 0)
            search(path, workers, None)
            found = outcome(path, notes.read_text("utf-8"))
        print(
            f"workers: {workers}, kills: {asked.kills}; {found.trials:,} trials, {found.told:,} "
            f"told of, {found.lost} lost, {found.again} trained again, "
            f"{found.again_though_told} of them though told",
            flush=True,
        )
        is_good &= not (found.lost or found.again_though_told)
        is_good &= found.again <= workers * asked.kills
    sys.exit(not is_good)


if __name__ == "__main__":
    main()
