"""The ablations by name: what `deltanas compare --methods` knows them by.

Two more need no name of their own, because the method has them as it is: `delta` against
`delta-classes` is deduplication, and `delta:generations=1` breeds once.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from deltanas.compare.entry import Cost, Entry

PLACE: Final = "deltanas.compare.ablations."


def _entry(description: str, cost: Cost, place: str) -> Entry:
    return Entry(f"ablation: {description}", "this project", cost, PLACE + place)


ABLATIONS: Final[Mapping[str, Entry]] = MappingProxyType(
    {
        "delta-one-hot": _entry(
            "the closed form sees the choices only (no features)",
            Cost.TENTHS,
            "encodings:one_hot",
        ),
        "delta-adjacency": _entry(
            "the closed form sees adjacency bits and operations only",
            Cost.TENTHS,
            "encodings:adjacency",
        ),
        "delta-paths": _entry(
            "the closed form sees paths only",
            Cost.TENTHS,
            "encodings:paths",
        ),
        "delta-arch2vec": _entry(
            "the closed form sees a latent vector of cells only, learned without accuracies",
            Cost.TENTHS,
            "arch2vec:arch2vec",
        ),
        "delta-far": _entry(
            "features count in deviations, however far out (no logarithm)",
            Cost.TENTHS,
            "encodings:far",
        ),
        "delta-no-totals": _entry(
            "what several blocks with the same options come to is not seen",
            Cost.TENTHS,
            "encodings:no_totals",
        ),
        "delta-one-vector": _entry(
            "the likeliest hyperparameters predict alone (no averaging)",
            Cost.TENTHS,
            "one_vector:one_vector",
        ),
        "delta-context-free": _entry(
            "differences as a weighted sum of what differs",
            Cost.TENTHS,
            "relatives:context_free",
        ),
        "delta-neural": _entry(
            "differences by an ensemble of networks, from all pairs",
            Cost.SECONDS,
            "relatives:neural",
        ),
        "delta-graph": _entry(
            "differences of cells by an ensemble of graph networks",
            Cost.SECONDS,
            "relatives:graph",
        ),
        "delta-one-edit": _entry(
            "the same networks, from pairs one edit apart only",
            Cost.SECONDS,
            "relatives:one_edit",
        ),
        "delta-absolute": _entry(
            "the same networks learn accuracies instead of differences",
            Cost.SECONDS,
            "absolute:absolute",
        ),
        "delta-absolute-graph": _entry(
            "the graph networks learn accuracies instead of differences",
            Cost.SECONDS,
            "absolute:absolute_graph",
        ),
    }
)
"""All ablations."""
