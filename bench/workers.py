"""How much faster local processes are than one: `python -m bench.workers`.

Trainings only sleep, so that a busy or small machine does not decide; starting is not counted.
"""

import time
from functools import partial

from deltanas.evaluation import FunctionEvaluator, ProcessEvaluator
from deltanas.spaces import Architecture
from deltanas.testing.evaluators import proposal_of, run

SECONDS = 0.5
TRAININGS = 24


def train(architecture: Architecture) -> float:
    """Take half a second."""
    time.sleep(SECONDS)
    return float(str(architecture["a"])) / 10


def seconds(workers: int) -> float:
    """Seconds that all trainings take with processes that have been started."""
    evaluator = ProcessEvaluator(partial(FunctionEvaluator, train), workers)
    run(evaluator, [proposal_of(number) for number in range(workers)])
    start = time.perf_counter()
    run(evaluator, [proposal_of(number) for number in range(100, 100 + TRAININGS)])
    taken = time.perf_counter() - start
    evaluator.close()
    return taken


def main() -> None:
    """Print seconds and ratios."""
    alone = seconds(1)
    print(f"1 worker   {alone:6.2f} s for {TRAININGS} trainings of {SECONDS} s")
    for workers in (2, 4):
        taken = seconds(workers)
        print(f"{workers} workers  {taken:6.2f} s, {alone / taken:.2f} times as fast")


if __name__ == "__main__":
    main()
