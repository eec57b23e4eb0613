"""Once-for-All: the networks inside a MobileNetV3, five units of two to four layers each.

Source: Cai, Gan, Wang, Zhang & Han, "Once-for-All: Train One Network and Specialize it for
Efficient Deployment", ICLR 2020 (MobileNetV3, 1.2 times as wide). Choices are theirs; the
counts of parameters and multiplications are ours, and parameters equal those of the networks
that their package builds. Features are ours.
"""

import itertools
from typing import Final, final

import numpy as np
from jaxtyping import Bool, Float, Int

from deltanas.spaces.architecture import ABSENT, Codes, Decision
from deltanas.spaces.base import SearchSpace
from deltanas.spaces.constraints import Constraints
from deltanas.spaces.digit_keys import digit_keys
from deltanas.spaces.ofa_network import Units, multiplications, parameters

RESOLUTIONS: Final = (160, 176, 192, 208, 224)
DEPTHS: Final = (2, 3, 4)
KERNELS: Final = (3, 5, 7)
EXPANSIONS: Final = (3, 4, 6)
UNITS: Final = 5
MOST: Final = max(DEPTHS)
"""Layers of the deepest units."""
LAYERS: Final = UNITS * MOST
FIRST: Final = 1 + UNITS
"""Place of the first decision about a layer: kernels of all layers, then expansions."""


@final
class OfaMobileNetV3(SearchSpace):
    """Depths of five units, kernel and expansion of each layer, and the images' resolution.

    Kernel and expansion of a layer exist if its unit is that deep. Every code is a network of
    its own. Samples are not uniform over networks, most of which have all layers: depths and
    resolution are uniform, and so is every choice of each layer there is.
    """

    def __init__(self) -> None:
        """Describe the space."""
        units, layers = range(1, UNITS + 1), range(1, MOST + 1)
        places = list(itertools.product(units, layers))
        options = {
            "resolution": RESOLUTIONS,
            **{f"unit {unit} depth": DEPTHS for unit in units},
            **{f"unit {unit} kernel {layer}": KERNELS for unit, layer in places},
            **{f"unit {unit} expand {layer}": EXPANSIONS for unit, layer in places},
        }
        conditions = {
            f"unit {unit} {what} {layer}": f"unit {unit} depth >= {layer}"
            for what, (unit, layer) in itertools.product(("kernel", "expand"), places)
            if layer > min(DEPTHS)
        }
        plain = [Decision(name, choices) for name, choices in options.items()]
        self._limits = Constraints("ofa-mobilenetv3", plain, conditions=conditions)
        super().__init__(
            "ofa-mobilenetv3",
            self._limits.decisions,
            size=self._limits.size,
            feature_names=_feature_names(),
            constraints=self._limits,
        )

    def are_valid(self, codes: Codes) -> Bool[np.ndarray, " architectures"]:
        """Which codes are in range and choose for exactly the layers that there are."""
        return self._limits.are_valid(codes)

    def keys(self, codes: Codes) -> list[str]:
        """The code as digits, a dot for what is absent: each is a network of its own."""
        return digit_keys(codes)

    def sample_codes(self, n: int, rng: np.random.Generator) -> Codes:
        """`n` independent codes; the class says from which distribution."""
        codes: Codes = rng.integers(0, self.option_counts, size=(n, len(self.decisions))).astype(
            np.int32
        )
        depths = np.array(DEPTHS)[codes[:, 1:FIRST]]
        absent = (np.arange(MOST) >= depths[:, :, None]).reshape(n, LAYERS)
        codes[:, FIRST:][np.tile(absent, 2)] = ABSENT
        return codes

    def features(self, codes: Codes) -> Float[np.ndarray, "architectures features"]:
        """Log parameters and multiplications, and depth and means of each unit."""
        units = units_of(codes)
        depth = np.maximum(units.present.sum(axis=2), 1)
        return np.column_stack(
            [
                *(np.log(parameters(units)), np.log(multiplications(units))),
                *(units.resolution, depth),
                *(each.sum(axis=2) / depth for each in (units.kernels, units.expansions)),
            ]
        )


def units_of(codes: Codes) -> Units:
    """The choices as numbers."""
    inside = codes[:, FIRST:].reshape(len(codes), 2, UNITS, MOST)
    present = inside != ABSENT
    kernels = np.where(present[:, 0], np.array(KERNELS)[inside[:, 0]], 0)
    expansions = np.where(present[:, 1], np.array(EXPANSIONS)[inside[:, 1]], 0)
    return Units(np.array(RESOLUTIONS)[codes[:, 0]], kernels, expansions)


def position(values: Int[np.ndarray, " architectures"]) -> Int[np.ndarray, " architectures"]:
    """Place of each resolution among the eight that the accuracy predictor tells apart."""
    places: Int[np.ndarray, " architectures"] = (values - 112) // 16
    return places


def _feature_names() -> tuple[str, ...]:
    units = range(1, UNITS + 1)
    facts = ("depth", "kernel", "expand")
    return (
        *("cost:log_parameters", "cost:log_multiplications"),
        "units:resolution",
        *(f"units:{fact} of unit {unit}" for fact in facts for unit in units),
    )
