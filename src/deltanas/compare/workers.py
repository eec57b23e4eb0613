"""Many runs over several processes, none of which can take the others down.

A worker that is killed (out of memory, by hand) breaks the pool; the pool is made anew and
only the runs that were under way are tried again. Finished runs are on disk already.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.connection import wait as wait_for_end
from pathlib import Path
from typing import final

from deltanas.benchmarks import under_limits
from deltanas.compare.own import load
from deltanas.compare.own_method import line_of
from deltanas.compare.plan import Task
from deltanas.compare.problem import Problem
from deltanas.compare.protocol import ComparisonError, Protocol
from deltanas.compare.race import race
from deltanas.compare.results import write_part
from deltanas.compare.roster import contestant
from deltanas.errors import DeltaNasError

TRIES = 3
"""How often a run is begun before it counts as failed."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """How one run ended."""

    task: Task
    """Which run."""
    problem: str | None = None
    """Why it could not be done, in one line; None if it was."""


def run_task(task: Task, protocol: Protocol, folder: Path) -> None:
    """Do one run and write it.

    Raises:
        ComparisonError: A method of the user's own raises; where in the file, is in the message.
    """
    problem = _problem(task.benchmark, protocol)
    try:
        queries = race(contestant(task.method, problem, task.seed), problem, task.seed)
    except Exception as error:
        # A traceback does not travel between processes.
        if line := line_of(error, task.method):
            raise ComparisonError(f"{_named(error)}{line}") from error
        raise
    write_part(folder, task, problem, queries)


def _named(error: BaseException) -> str:
    """An error in one line: what we raise on purpose says all there is to say."""
    return str(error) if isinstance(error, DeltaNasError) else f"{type(error).__name__}: {error}"


@lru_cache(maxsize=1)
def _problem(benchmark: str, protocol: Protocol) -> Problem:
    """Read once per process, because the next run most likely needs the same."""
    return Problem(under_limits(load(benchmark), protocol.limits), protocol)


def run_all(
    tasks: Sequence[Task], protocol: Protocol, folder: Path, workers: int
) -> Iterator[Outcome]:
    """Do all runs, each in one of several processes with one thread.

    Args:
        tasks: What to do, in this order as far as possible.
        protocol: The rules, equal for all.
        folder: Where the runs are written.
        workers: How many processes.

    Yields:
        The outcome of each run when it has ended. Leaving the loop early, by an exception
        or Ctrl-C, ends the processes.
    """
    waiting = deque((task, 1) for task in tasks)
    while waiting:
        with _one_thread():
            pool = ProcessPoolExecutor(
                workers, mp_context=multiprocessing.get_context("spawn"), initializer=_guard
            )
            try:
                yield from _drain(pool, waiting, protocol, folder, workers)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
                for process in multiprocessing.active_children():
                    process.terminate()


def _drain(
    pool: ProcessPoolExecutor,
    waiting: "deque[tuple[Task, int]]",
    protocol: Protocol,
    folder: Path,
    workers: int,
) -> Iterator[Outcome]:
    """Work off the runs with this pool; returns early, the rest still waiting, if it breaks."""
    running: dict[Future[None], tuple[Task, int]] = {}
    while waiting or running:
        broken = False
        # No more than can run: those are the ones to repeat if a worker dies.
        while waiting and len(running) < workers and not broken:
            task, attempt = waiting.popleft()
            try:
                running[pool.submit(run_task, task, protocol, folder)] = (task, attempt)
            except BrokenProcessPool:
                waiting.appendleft((task, attempt))
                broken = True
        done = wait(running, return_when=FIRST_COMPLETED).done
        for future in done:
            task, attempt = running.pop(future)
            error = future.exception()
            if isinstance(error, BrokenProcessPool):
                broken = True
                if attempt < TRIES:
                    waiting.appendleft((task, attempt + 1))
                else:
                    yield Outcome(task, f"its process died {TRIES} times")
            elif error is not None:
                yield Outcome(task, _named(error))
            else:
                yield Outcome(task)
        if broken and not running:
            return


def _guard() -> None:
    """In a worker: end at once on Ctrl-C, and when the parent is gone."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for_end([parent.sentinel])
        os._exit(1)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Processes started inside compute with one thread each."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
