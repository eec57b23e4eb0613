"""What Ray costs a training once its worker has started: `python -m bench.ray_overhead`.

Trainings take no time, one at a time, on a Ray of this machine; starting is not counted. Beside
it the same with a local process, which is what every Ray worker supervises.
"""

import time
from functools import partial

import numpy as np

from deltanas.evaluation import Crew, Evaluator, FunctionEvaluator, ProcessEvaluator, RayEvaluator
from deltanas.testing.evaluators import proposal_of, run, train_well

TRAININGS = 500


def milliseconds(evaluator: Evaluator) -> np.ndarray:
    """From submitting a training to having its result, for each of them."""
    run(evaluator, [proposal_of(number) for number in range(20)])
    taken = []
    for number in range(100, 100 + TRAININGS):
        start = time.perf_counter()
        run(evaluator, [proposal_of(number)])
        taken.append(1000 * (time.perf_counter() - start))
    return np.array(taken)


def main() -> None:
    """Print mean, median and the slowest of twenty."""
    make = partial(FunctionEvaluator, train_well)
    evaluators = {
        "local process": ProcessEvaluator(make, 1),
        "Ray": RayEvaluator(make, Crew(workers=1, ray="local")),
    }
    for name, evaluator in evaluators.items():
        taken = milliseconds(evaluator)
        print(
            f"{name:13}  mean {taken.mean():5.2f} ms, median {np.median(taken):5.2f} ms, "
            f"95 % below {np.percentile(taken, 95):5.2f} ms, {TRAININGS} trainings"
        )
        evaluator.close()


if __name__ == "__main__":
    main()
