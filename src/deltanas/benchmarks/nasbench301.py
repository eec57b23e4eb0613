"""NAS-Bench-301: the DARTS space, about 10^18 networks, with a surrogate for CIFAR-10.

The model that answers is the network which YAHPO Gym fitted to NAS-Bench-301, with its
weights in the file `nb301_yahpo.npz`: accuracy on the validation set after 98 epochs. It is
computed with numpy alone, so equal architectures have equal accuracies on one machine.

Error: against NAS-Bench-301's own surrogate (XGBoost, version 1) on 1,218 architectures that
are stored beside the weights, the rank correlation is .904 (Kendall's tau .735). The level
differs: this model lies 1.30 percentage points above it, the differences spread by .23. So
rankings can be trusted as far as these numbers go, and a value is no accuracy to quote.

Source: Zela, Siems, Zimmer, Lukasik, Keuper & Hutter, ICLR 2022; Pfisterer, Schneider,
Moosbauer, Binder & Bischl, "YAHPO Gym", AutoML 2022, whose network is that of Cheng et al. 2016
(wide and deep) with a second, deeper part.
"""

from itertools import pairwise
from pathlib import Path
from typing import Final, final

import numpy as np
from jaxtyping import Float, Int

from deltanas.benchmarks.family import Family
from deltanas.benchmarks.npz import Arrays, check_finite, files_here, read_arrays, remedy_of
from deltanas.benchmarks.surrogate import Surrogate
from deltanas.spaces import Codes, Darts
from deltanas.spaces.darts import NODES, WIDTH, on_edges, parameters_m

FILE: Final = "nb301_yahpo.npz"
NEED: Final = "NAS-Bench-301"
EPOCH: Final = 98 / 52
"""The epoch that is asked for, in the unit of the model."""
BEST_KNOWN: Final = 0.966469179077
"""All of 30 steepest ascents over one and two edits ended at this accuracy."""
EDGE_CODES: Final = (4, 1, 7, 5, 6, 2, 3, 0)
"""Number that the model gives each operation of `darts.OPERATIONS`; the last is no edge."""
CATEGORIES: Final = (*[(8, 10)] * 28, *[(4, 6), (7, 10), (11, 12)] * 2)
"""Rows and columns of the embeddings: edges of both cells, then inputs of nodes 3 to 5."""
INPUT: Final = sum(columns for _, columns in CATEGORIES) + 1
DEEP: Final = (INPUT, 512, 512, 2)
DEEPER: Final = (INPUT, 256, 256, 128, 128, 2)
LAYERS: Final = {
    "wide": [("wide.0", INPUT, 2)],
    "deep": [
        (f"deep.{k}.{int(k < len(DEEP) - 2)}", *sizes) for k, sizes in enumerate(pairwise(DEEP))
    ],
    "deeper": [
        (f"deeper.{k}.{int(k < len(DEEPER) - 2)}", *sizes)
        for k, sizes in enumerate(pairwise(DEEPER))
    ],
}
"""Name, inputs and outputs of each layer of the three parts."""
SCALE: Final = 1.0507009873554805
SLOPE: Final = 1.6732632423543772
"""The two constants of the SELU (Klambauer et al. 2017)."""

Values = Float[np.ndarray, " architectures"]
Categories = Int[np.ndarray, "architectures columns"]


@final
class Model:
    """The network, from codes of the space to accuracies."""

    def __init__(self, arrays: Arrays) -> None:
        """Keep the weights, as `read_arrays` gives them."""
        self._weights = arrays

    def __call__(self, codes: Codes) -> Values:
        """Validation accuracy of each code, a fraction."""
        return self.of_categories(categories(codes))

    def of_categories(self, chosen: Categories) -> Values:
        """Accuracy for the model's own 34 numbers of each architecture, a fraction."""
        weights = self._weights
        parts = [weights[f"embds_fct.{k}.weight"][chosen[:, k]] for k in range(chosen.shape[1])]
        epoch = np.full((len(chosen), 1), EPOCH)
        inputs = np.concatenate([*parts, epoch], axis=1)
        last = sum((self._part(name, inputs) for name in LAYERS), np.zeros(2))
        accuracies: Values = 1.0 / (1.0 + np.exp(-last[:, 0]))
        return accuracies

    def _part(
        self, name: str, values: Float[np.ndarray, "architectures inputs"]
    ) -> Float[np.ndarray, "architectures two"]:
        layers = LAYERS[name]
        for layer, _, _ in layers[:-1]:
            values = _selu(self._layer(layer, values))
        return self._layer(layers[-1][0], values)

    def _layer(
        self, name: str, values: Float[np.ndarray, "architectures inputs"]
    ) -> Float[np.ndarray, "architectures outputs"]:
        return values @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]


def categories(codes: Codes) -> Categories:
    """The 34 numbers by which the model knows an architecture."""
    edges = np.array(EDGE_CODES)[on_edges(codes)].reshape(len(codes), -1)
    # Inputs are numbered from 1 in the order of our options; node 2 has none to choose.
    columns = [cell * WIDTH + 3 * place + 2 for cell in range(2) for place in range(len(NODES) - 1)]
    return np.concatenate([edges, codes[:, columns] + 1], axis=1)


def load(_: str = "") -> Surrogate:
    """Read the weights.

    Raises:
        MissingDataError: The file is not on this machine.
        DataError: It is truncated, altered or another file.
    """
    shapes: dict[str, tuple[int | None, ...]] = {
        f"embds_fct.{k}.weight": shape for k, shape in enumerate(CATEGORIES)
    }
    for layers in LAYERS.values():
        for name, inputs, outputs in layers:
            shapes |= {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}
    arrays = read_arrays(FILE, shapes, need=NEED)
    check_finite(arrays, FILE)
    return Surrogate(
        name=FAMILY.name,
        space=Darts(),
        citation=FAMILY.citation,
        licence=FAMILY.licence,
        model=Model({name: array.astype(float) for name, array in arrays.items()}),
        error="rank correlation .904 with NAS-Bench-301's XGBoost surrogate, 1.30 points above it",
        best_known=BEST_KNOWN,
        best_known_by="30 steepest ascents over one and two edits, 200 random starts each",
        metrics={"parameters_m": parameters_m},
    )


def is_installed() -> bool:
    """Whether the folder of benchmark files holds the weights; they are not read."""
    return bool(files())


def files() -> tuple[Path, ...]:
    """The file, if it is there."""
    return files_here(FILE)


def _selu(values: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    return SCALE * np.where(values > 0, values, SLOPE * np.expm1(np.minimum(values, 0.0)))


FAMILY: Final = Family(
    name="nasbench301",
    datasets=(),
    description="DARTS, about 10^18 networks on CIFAR-10; a surrogate answers, no table",
    citation=(
        "Zela et al., Surrogate NAS Benchmarks: Going Beyond the Limited Search Spaces of Tabular "
        "NAS Benchmarks, ICLR 2022; Pfisterer et al., YAHPO Gym, AutoML 2022"
    ),
    licence="Apache-2.0 (yahpo_data); a file that you bring",
    is_installed=is_installed,
    load=load,
    remedy=remedy_of(FILE),
    files=files,
)
