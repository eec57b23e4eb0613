"""The spaces that have networks: their files, what they take, and how their costs are counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, final

from deltanas.networks.cnn_cell import cnn_cell
from deltanas.networks.mbconv import mbconv
from deltanas.networks.mlp import mlp
from deltanas.networks.transformer import transformer
from deltanas.spaces import Darts, NasBench101, NasBench201, SearchSpace


@final
@dataclass(frozen=True, slots=True)
class Family:
    """The networks of one space."""

    space: Callable[[], SearchSpace]
    """Makes the space."""
    module: str
    """Name of the file of plain torch that builds them."""
    about: str
    """What they are, one sentence."""
    kinds: tuple[str, ...]
    """Kinds of data that they take, as `Data.kind` names them."""
    least_pixels: int = 1
    """Smallest height and width of an image."""
    epochs: int | None = None
    """Usual epochs of a training, where those of the data would take 40 trainings more than ten
    minutes of one processor core; None for those of the data."""
    silent: tuple[str, ...] = ()
    """Ends of the names of parameters: where these are zero, a block with a shortcut does nothing
    and still learns."""
    tripled: tuple[str, ...] = ()
    """Ends of the names of parameters that hold three maps: queries, then keys, then values."""

    @property
    def file(self) -> str:
        """The module that builds them."""
        return f"deltanas.networks.plain.{self.module}"

    @property
    def dimensions(self) -> tuple[int, ...]:
        """How many dimensions an input may have besides its channels."""
        return tuple(sorted({DIMENSIONS[kind] for kind in self.kinds}))


def _ends(layer: str) -> tuple[str, str]:
    return f"{layer}.weight", f"{layer}.bias"


DIMENSIONS: Final[Mapping[str, int]] = MappingProxyType(
    {"table": 0, "text": 0, "sequences": 1, "images": 2}
)
"""Dimensions of one input of each kind of data, besides its channels."""
FAMILIES: Final[Mapping[str, Family]] = MappingProxyType(
    {
        "cnn-cell": Family(
            cnn_cell, "cnn_cell", "Small networks of repeated cells.", ("sequences", "images")
        ),
        "mlp": Family(
            mlp, "mlp", "Linear layers, each as wide as it likes.", ("table", "sequences", "images")
        ),
        "transformer": Family(
            transformer,
            "transformer",
            "Small decoder-only language models.",
            ("text",),
            epochs=4,
            silent=(*_ends("attention.1.outer"), *_ends("mlp.3")),
            tripled=_ends("attention.1.inner"),
        ),
        "mbconv": Family(
            mbconv,
            "mbconv",
            "Small networks of mobile inverted bottlenecks.",
            ("images",),
            least_pixels=8,
            silent=_ends("layers.8"),
        ),
        "nasbench201": Family(
            NasBench201,
            "nasbench201",
            "Those of the benchmark.",
            ("images",),
            least_pixels=4,
            epochs=4,
        ),
        "nasbench101": Family(
            NasBench101,
            "nasbench101",
            "Those of the benchmark, 16 channels wide.",
            ("images",),
            least_pixels=4,
        ),
        "darts": Family(
            Darts,
            "darts",
            "Four cells that begin with 8 channels.",
            ("images",),
            least_pixels=4,
            epochs=4,
        ),
    }
)
"""Spaces with networks, by name."""
