"""What a proposal takes when the machine is busy. `python -m bench.threads`.

Thirty proposals of delta-evolution among 4^12 architectures, with linear algebra on one thread, as
searchers have it, and on as many as the library likes; alone, and beside as many busy processes
as there are cores, as when networks are trained. Medians of three runs, in one process each.
"""

import contextlib
import multiprocessing
import os
import statistics
import subprocess
import sys
import time

from deltanas.records import Evaluation, History, Status, Trial
from deltanas.search import DeltaEvolution, base
from deltanas.spaces import BlockSpace

PROPOSALS = 30
RUNS = 3
FREE = "--free"
"""Lets linear algebra have all threads."""


def proposals() -> float:
    """Seconds that the proposals take."""
    space = BlockSpace({f"d{i}": [1, 2, 3, 4] for i in range(12)})
    searcher = DeltaEvolution(space, seed=0)
    trials: list[Trial] = []
    start = time.perf_counter()
    for _ in range(PROPOSALS):
        (proposal,) = searcher.propose(History(trials))
        accuracy = float(sum(proposal.architecture.code))
        trials.append(Trial(proposal, Evaluation(proposal.number, Status.FINISHED, accuracy)))
    return time.perf_counter() - start


def measured(*options: str) -> float:
    """The same in a process without limits on threads, median of some runs."""
    clean = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    command = [sys.executable, "-m", "bench.threads", "--once", *options]
    told = [
        subprocess.run(command, env=clean, capture_output=True, check=True, text=True)  # noqa: S603
        for _ in range(RUNS)
    ]
    return statistics.median(float(each.stdout) for each in told)


def busy() -> None:
    """Compute for ever."""
    while True:
        sum(range(10_000))


def main() -> None:
    """Print seconds a proposal for each case."""
    if "--once" in sys.argv:
        if FREE in sys.argv:
            vars(base)["one_thread"] = contextlib.nullcontext
        print(proposals())
        return
    for others in (0, os.cpu_count() or 1):
        processes = [multiprocessing.Process(target=busy, daemon=True) for _ in range(others)]
        for each in processes:
            each.start()
        one, many = measured(), measured(FREE)
        print(
            f"beside {others} busy processes: {1e3 * one / PROPOSALS:.1f} ms a proposal on one "
            f"thread, {1e3 * many / PROPOSALS:.1f} ms on all, {many / one:.1f} times as long"
        )
        for each in processes:
            each.kill()


if __name__ == "__main__":
    main()
