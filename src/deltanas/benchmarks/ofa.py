"""Once-for-All MobileNetV3: about 10^20 networks, answered by the authors' accuracy predictor.

The network whose weights are in `ofa_acc_predictors.npz` says the accuracy on 10,000 images
that were held out of ImageNet's training set, as a fraction, without training anything: all
networks share the weights of one. `parameters_m` is exact, `multiplications_m` counts
convolutions and linear maps.

Error: its authors report a root-mean-square error of 0.21 percentage points between predicted
and estimated accuracies (Cai et al. 2020, appendix); the files hold no measured accuracies
to check that with. We checked the order of the inputs and parameters against their package.

Source: Cai, Gan, Wang, Zhang & Han, "Once-for-All", ICLR 2020.
"""

from itertools import pairwise
from pathlib import Path
from typing import Final, final

import numpy as np
from jaxtyping import Float

from deltanas.benchmarks.family import Family
from deltanas.benchmarks.npz import Arrays, check_finite, files_here, read_arrays, remedy_of
from deltanas.benchmarks.surrogate import Surrogate
from deltanas.spaces import Codes, OfaMobileNetV3
from deltanas.spaces.ofa_mobilenet import FIRST, position, units_of
from deltanas.spaces.ofa_network import multiplications, parameters

FILE: Final = "ofa_acc_predictors.npz"
NEED: Final = "Once-for-All"
NAME: Final = "mbv3_w1.2"
SIZES: Final = (128, 400, 400, 400, 1)
"""Inputs and outputs of the layers."""
PLACES: Final = 8
"""Resolutions that the predictor tells apart: 112, 128, ..., 224."""
BEST_KNOWN: Final = 0.853974111014369
"""Accuracy of the best network that 150 steepest ascents found, four of them the same."""

Values = Float[np.ndarray, " architectures"]


@final
class Model:
    """The accuracy predictor, from codes to accuracies."""

    def __init__(self, arrays: Arrays) -> None:
        """Keep the weights, as `read_arrays` gives them."""
        self._layers = [
            (arrays[f"{NAME}.{2 * layer}.weight"], arrays[f"{NAME}.{2 * layer}.bias"])
            for layer in range(len(SIZES) - 1)
        ]

    def __call__(self, codes: Codes) -> Values:
        """Accuracy of each code, a fraction."""
        values = _inputs(codes)
        for weights, shift in self._layers[:-1]:
            values = np.maximum(values @ weights.T + shift, 0.0)
        weights, shift = self._layers[-1]
        accuracies: Values = (values @ weights.T + shift)[:, 0]
        return accuracies


def _inputs(codes: Codes) -> Float[np.ndarray, "architectures inputs"]:
    """Kernels, expansions, resolution, one-hot; 0 for a layer that is not there."""
    # An absent choice is none of the three.
    hot = codes[:, FIRST:, None] == np.arange(3)
    resolution = position(units_of(codes).resolution)[:, None] == np.arange(PLACES)
    return np.concatenate([hot.reshape(len(codes), -1), resolution], axis=1).astype(float)


def parameters_m(codes: Codes) -> Values:
    """Trainable parameters in millions."""
    return parameters(units_of(codes)) / 1e6


def multiplications_m(codes: Codes) -> Values:
    """Multiplications for one image in millions."""
    return multiplications(units_of(codes)) / 1e6


def load(_: str = "") -> Surrogate:
    """Read the weights.

    Raises:
        MissingDataError: The file is not on this machine.
        DataError: It is truncated, altered or another file.
    """
    shapes: dict[str, tuple[int | None, ...]] = {}
    for layer, (before, after) in enumerate(pairwise(SIZES)):
        shapes |= {
            f"{NAME}.{2 * layer}.weight": (after, before),
            f"{NAME}.{2 * layer}.bias": (after,),
        }
    arrays = read_arrays(FILE, shapes, need=NEED)
    check_finite(arrays, FILE)
    return Surrogate(
        name=FAMILY.name,
        space=OfaMobileNetV3(),
        citation=FAMILY.citation,
        licence=FAMILY.licence,
        model=Model({name: array.astype(float) for name, array in arrays.items()}),
        error="0.21 points (root mean square) as its authors report; not checked here",
        best_known=BEST_KNOWN,
        best_known_by="150 steepest ascents over one and two edits, 100 random starts each",
        metrics={"parameters_m": parameters_m, "multiplications_m": multiplications_m},
    )


def is_installed() -> bool:
    """Whether the folder of benchmark files holds the weights; they are not read."""
    return bool(files())


def files() -> tuple[Path, ...]:
    """The file, if it is there."""
    return files_here(FILE)


FAMILY: Final = Family(
    name="ofa-mobilenetv3",
    datasets=(),
    description="10^20 MobileNetV3s on ImageNet; an accuracy predictor answers, no table",
    citation=(
        "Cai et al., Once-for-All: Train One Network and Specialize it for Efficient Deployment, "
        "ICLR 2020"
    ),
    licence="MIT; a file that you bring",
    is_installed=is_installed,
    load=load,
    remedy=remedy_of(FILE),
    files=files,
)
