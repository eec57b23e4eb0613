"""What does deltanas itself cost? CPU of a proposal, of a whole run, of starting up."""

import resource
import statistics
import subprocess
import sys
import time

from deltanas.benchmarks import load
from deltanas.records import Evaluation, History, Status, Trial
from deltanas.search import make

SIZES = (50, 100, 200)


def proposal_s(evaluated: int, seeds: int) -> float:
    """Median CPU seconds of one proposal with so many evaluated architectures."""
    benchmark = load("nasbench201:cifar10")
    taken = []
    for seed in range(seeds):
        drawn = make("random", benchmark.space, seed=seed).propose(History(), evaluated)
        trials = [
            Trial(
                each,
                Evaluation(each.number, Status.FINISHED, benchmark.evaluate(each.architecture)),
            )
            for each in drawn
        ]
        searcher = make("delta-evolution", benchmark.space, seed=seed)
        searcher.propose(History(trials))  # the keys of the space are worked out once
        began = time.process_time()
        searcher.propose(History(trials))
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def process_cpu_s(*words: str) -> float:
    """Median CPU seconds of a fresh process, of five."""
    taken = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, *words]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own words
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(taken)


def main(seeds: int) -> None:
    """Print one line per figure."""
    for size in SIZES:
        print(
            f"one proposal with {size} evaluated: {proposal_s(size, seeds):.3f} s CPU", flush=True
        )
    empty = process_cpu_s("-c", "pass")
    imported = process_cpu_s("-c", "import deltanas")
    print(f"import deltanas: {imported - empty:.3f} s CPU over an empty Python ({empty:.3f} s)")
    helped = process_cpu_s(
        "-c",
        "import sys; sys.argv = ['deltanas', '--help']; from deltanas.cli.app import main; main()",
    )
    print(f"deltanas --help: {helped:.3f} s CPU")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory of this benchmark: {peak:.0f} MB at its peak")
