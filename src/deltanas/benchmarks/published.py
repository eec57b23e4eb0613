"""Numbers that a benchmark's table must reproduce: best values and a few cells.

`verify` compares a table with them. Where the authors publish a number it is theirs; others
were read from the published data by its own reader, and say so.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, final


@final
@dataclass(frozen=True, slots=True)
class Published:
    """What is known of a table beforehand."""

    optimum: float
    """Best mean accuracy, a fraction."""
    source: str
    """Who says so."""
    cells: tuple[tuple[str, float], ...] = ()
    """Cells as the space writes them, and their mean accuracy."""
    within: float = 6e-6
    """Half a unit of the last digit that is published."""
    test_optimum: float | None = None
    """Best mean test accuracy, a fraction, where it is known."""


_AVERAGE: Final = (
    "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+"
    "|nor_conv_1x1~0|skip_connect~1|skip_connect~2|"
)
_DONG: Final = "Dong & Yang, ICLR 2020, and NATS-Bench: mean of the trainings"
_DUAN: Final = "the table as NASLib ships it, last epoch"
_QIN: Final = "the package's own reader"

PUBLISHED: Final = MappingProxyType(
    {
        "nasbench201:cifar10": Published(0.91607, _DONG, ((_AVERAGE, 0.8198267),), 6e-6, 0.94373),
        "nasbench201:cifar100": Published(0.73493, _DONG, ((_AVERAGE, 0.527),), 6e-6, 0.73513),
        "nasbench201:imagenet16-120": Published(
            0.46733, _DONG, ((_AVERAGE, 0.2821111),), 6e-6, 0.47311
        ),
        "nasbench101": Published(0.943176, "Ying et al., ICML 2019: mean test accuracy", (), 6e-7),
        "nasbench101-validation": Published(
            0.950554,
            "means: validation as White et al., BANANAS, state it, test Ying et al., ICML 2019",
            (),
            6e-7,
            0.943176,
        ),
        **{
            f"nasbench-graph:{dataset}": Published(best, _QIN, (), 6e-5)
            for dataset, best in (
                *(("cora", 0.8193), ("citeseer", 0.7280), ("pubmed", 0.8113), ("cs", 0.9213)),
                *(("physics", 0.9400), ("photo", 0.9407), ("computers", 0.9190)),
                ("arxiv", 0.7367),
            )
        },
        **{
            f"transnas-micro:{task}": Published(best, _DUAN, ((f"64-41414-{cell}", best),), 1e-6)
            for task, best, cell in (
                ("class_scene", 0.549363, "3_32_132"),
                ("class_object", 0.455862, "3_13_113"),
                ("jigsaw", 0.953722, "3_30_132"),
                ("autoencoder", 0.577231, "1_20_310"),
                ("normal", 0.587287, "1_30_123"),
                ("segmentsemantic", 0.946125, "3_13_022"),
                ("room_layout", 0.399001, "3_11_133"),
            )
        },
    }
)
"""By the name of the benchmark."""
