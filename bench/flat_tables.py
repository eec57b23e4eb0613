"""Tables of cells told as plain choices, as in a file of one's own: no graph, no features.

Benchmarks for `deltanas compare --benchmark bench/flat_tables.py:class_scene`: how methods do where
nothing is known of an architecture but which options its decisions take.
"""

from collections.abc import Callable
from functools import partial

from bench.tables import recorded
from deltanas.benchmarks import Benchmark
from deltanas.spaces import BlockSpace


def flat(name: str) -> Benchmark:
    """A table of cells by name, its decisions as blocks.

    Raises:
        TypeError: It is a model.
        DeltaNasError: There is no such table, or its data is not here.
    """
    table = recorded(name)
    space = BlockSpace({each.name: each.options for each in table.space.decisions}, name="flat")
    rows = map(table.row, table.space.from_codes(space.all_codes()))
    runs = [table.runs[row] for row in rows]
    return Benchmark(f"flat:{name}", space, table.citation, table.licence, runs)


def _named(family: str, *datasets: str) -> dict[str, Callable[[], Benchmark]]:
    return {dataset.replace("-", "_"): partial(flat, f"{family}:{dataset}") for dataset in datasets}


TABLES = {
    **_named("nasbench201", "cifar10", "cifar100", "imagenet16-120"),
    **_named("transnas-micro", "autoencoder", "class_object", "class_scene", "jigsaw"),
    **_named("transnas-micro", "normal", "room_layout", "segmentsemantic"),
}
"""What makes each, by name."""
globals().update(TABLES)
