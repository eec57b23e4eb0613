"""A benchmark without what is beyond some limits: its optimum is the best that keeps to them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from deltanas.benchmarks.base import Benchmark
from deltanas.benchmarks.climbing import climbed
from deltanas.benchmarks.surrogate import Surrogate
from deltanas.limits import Limit, LimitedSpace
from deltanas.seeds import generator

CLIMBS = 5
"""Ascents that look for the best within limits where a model answers."""


def under_limits(
    benchmark: Benchmark | Surrogate, limits: Sequence[object]
) -> Benchmark | Surrogate:
    """The part of a table, or of the space of a model, that keeps to all limits.

    Its space has only those architectures, so ranks, the optimum and methods that it is
    compared with are all under the same limits.

    Args:
        benchmark: The whole table, or the model. The best known within limits is then what
            a few steepest ascents find.
        limits: `Limit`s on its metrics, or texts such as `params<=0.6M`.

    Raises:
        LimitError: One of the limits cannot be read, or nothing in the table keeps to them.
    """
    if not limits:
        return benchmark
    read = [Limit.read(each, benchmark.metric_names) for each in limits]
    space = LimitedSpace(benchmark.space, read, benchmark)
    if isinstance(benchmark, Surrogate):
        best = climbed(space, benchmark.accuracies_of, CLIMBS, generator(0, "within limits"))
        words = f"{CLIMBS} steepest ascents within the limits"
        return replace(benchmark, space=space, best_known=best, best_known_by=words)
    kept = np.flatnonzero(space.excess(benchmark.codes) == 0)
    row_of = benchmark.row_of
    if row_of is not None:
        new = {int(old): row for row, old in enumerate(kept)}
        row_of = {key: new[row] for key, row in row_of.items() if row in new}
    return replace(
        benchmark,
        space=space,
        runs=[benchmark.runs[row] for row in kept.tolist()],
        seconds=None if benchmark.seconds is None else benchmark.seconds[kept],
        metrics={name: values[kept] for name, values in benchmark.metrics.items()},
        test_accuracies=(
            None if benchmark.test_accuracies is None else benchmark.test_accuracies[kept]
        ),
        networks=None if benchmark.networks is None else benchmark.networks[kept],
        table=None if benchmark.table is None else benchmark.table[kept],
        row_of=row_of,
    )
