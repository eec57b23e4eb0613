"""Costs of many codes at once: what limits ask for before anything is proposed."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from deltanas.costs.counted import flops, parameters
from deltanas.errors import UnknownNameError
from deltanas.networks import (
    FAMILIES,
    cnn_cell_costs,
    darts_costs,
    mbconv_costs,
    mlp_costs,
    nasbench101_costs,
    transformer_costs,
)
from deltanas.networks.building import build
from deltanas.spaces import ABSENT, Codes, SearchSpace

METRICS: Final = ("parameters", "flops")
ONE_BY_ONE: Final = MappingProxyType(
    {
        "cnn-cell": cnn_cell_costs,
        "mlp": mlp_costs,
        "transformer": transformer_costs,
        "mbconv": mbconv_costs,
    }
)
"""Formulas that take what one architecture chooses."""
AT_ONCE: Final = MappingProxyType({"nasbench101": nasbench101_costs, "darts": darts_costs})
"""Formulas that take many codes."""

Values = Float[ndarray, " architectures"]


@final
class NetworkCosts:
    """Parameters and FLOPs of the networks of a space, in microseconds a code.

    They are exact: formulas that tests hold against the built networks; of NAS-Bench-201 a sum
    over edges, with what an edge costs taken from built networks.
    """

    def __init__(self, space: SearchSpace, shape: Sequence[int], classes: int) -> None:
        """Prepare.

        Args:
            space: Whose networks are asked about.
            shape: Of one input, without the batch.
            classes: Number of classes.

        Raises:
            UnknownNameError: There are no networks for the space.
            ShapeError: Its networks do not take such inputs.
        """
        self._space = space
        self._shape, self._classes = tuple(shape), classes
        self._edges: Mapping[str, tuple[float, Values]] = {}
        if space.name == "nasbench201":
            self._edges = self._edge_costs()
        elif space.name not in FAMILIES:
            raise UnknownNameError(
                f"costs are known of the networks of {', '.join(FAMILIES)}, got space "
                f"{space.name!r}; give a space of your own `costs`"
            )

    @property
    def metric_names(self) -> tuple[str, ...]:
        """What `measure` knows; `flops` are those of one example, a multiply-add is two."""
        return METRICS

    def measure(self, metric: str, codes: Codes) -> Values:
        """One cost of each valid code."""
        if self._edges:
            base, each = self._edges[metric]
            total: Values = base + each[codes].sum(axis=1)
            return total
        if self._space.name in AT_ONCE:
            counted: Values = AT_ONCE[self._space.name](codes, self._shape, self._classes)[metric]
            return counted
        formula = ONE_BY_ONE[self._space.name]
        decisions = [(each.name, each.options) for each in self._space.decisions]
        found = []
        for code in codes.tolist():
            chosen = {
                name: options[position]
                for (name, options), position in zip(decisions, code, strict=True)
                if position != ABSENT
            }
            found.append(float(formula(chosen, self._shape, self._classes)[metric]))
        return np.array(found, dtype=float)

    def _edge_costs(self) -> dict[str, tuple[float, Values]]:
        """Cost of the network without edges, and what each operation on one edge adds."""
        operations = len(self._space.decisions[0].options)
        edges = len(self._space.decisions)
        codes = np.repeat(np.arange(operations, dtype=np.int32)[:, None], edges, axis=1)
        networks = [
            build(architecture, self._shape, self._classes, device="meta")
            for architecture in self._space.from_codes(codes)
        ]
        whole = {
            "parameters": np.array([parameters(each) for each in networks], dtype=float),
            "flops": np.array([flops(each, self._shape) for each in networks], dtype=float),
        }
        return {name: (float(v[0]), (v - v[0]) / edges) for name, v in whole.items()}
