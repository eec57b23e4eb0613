"""HW-GPT-Bench: language models of 10^12, 10^24 and 10^35 networks, and what they cost.

The benchmark's own predictor of perplexity answers, with its weights in the file
`hwgpt_ppl_predictor.npz`. The score is 1 / perplexity: the (geometric) mean probability that a
model gives to the next token, a fraction, higher is better. `perplexity` is a metric that only
an evaluation tells: who knew it before would know the score.

Error: rank correlation with measured perplexities .9999 (s), .9997 (m) and .9988 (l), on the
10,000, 5,245 and 429 networks for which the files hold a measured one.

`parameters_m` and `flops_g` (a sequence of 1,024 tokens) are exact. Latencies in milliseconds and
energies in kilowatt hours are those of a small model fitted to the 10,000 measured networks of
each scale (`hwgpt_s.npz`, ...), see `DeviceModel`.

Source: Sukthanker et al., "HW-GPT-Bench", NeurIPS 2024. The device model is ours.
"""

from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Final, final

import numpy as np
from jaxtyping import Bool, Float

from deltanas.benchmarks.family import Family
from deltanas.benchmarks.npz import (
    REMEDY,
    Arrays,
    check_finite,
    files_here,
    read_arrays,
    remedy_of,
)
from deltanas.benchmarks.surrogate import Surrogate
from deltanas.errors import DataError
from deltanas.spaces import Codes, HwGpt

PREDICTOR: Final = "hwgpt_ppl_predictor.npz"
MEASURED: Final = "hwgpt_{}.npz"
FILES: Final = (PREDICTOR, *(MEASURED.format(scale) for scale in "sml"))
NEED: Final = "HW-GPT-Bench"
ROWS: Final = 10_000
DEVICES: Final = 22
"""Columns of measurements: 14 latencies and 8 energies."""
HIDDEN: Final = (128, 128, 128, 128, 1)
"""Outputs of the layers of the predictor."""
BEST_KNOWN: Final = MappingProxyType(
    {"s": 0.047086863263627, "m": 0.048466560981481, "l": 0.055608031497295}
)
"""Score of the best network that 30 steepest ascents found, by scale."""
CORRELATION: Final = MappingProxyType({"s": ".9999", "m": ".9997", "l": ".9988"})
ROUNDS: Final = 10
"""Fits of a device model, each with less weight on what the one before missed."""

Values = Float[np.ndarray, " architectures"]
Columns = Float[np.ndarray, "architectures columns"]


@final
class Perplexity:
    """The benchmark's predictor, from codes to perplexities."""

    def __init__(self, space: HwGpt, arrays: Arrays, scale: str) -> None:
        """Keep the weights of one scale, as `read_arrays` gives them."""
        self._space = space
        self._layers = [
            (arrays[f"{scale}.fc{layer}.weight"], arrays[f"{scale}.fc{layer}.bias"])
            for layer in range(1, len(HIDDEN) + 1)
        ]

    def __call__(self, codes: Codes) -> Values:
        """Perplexity of each code, lower is better."""
        values = self._inputs(codes)
        for weights, shift in self._layers[:-1]:
            values = np.maximum(values @ weights.T + shift, 0.0)
        weights, shift = self._layers[-1]
        perplexities: Values = (values @ weights.T + shift)[:, 0]
        return perplexities

    def score(self, codes: Codes) -> Values:
        """1 / perplexity of each code, higher is better."""
        return 1.0 / self(codes)

    def _inputs(self, codes: Codes) -> Columns:
        """One-hot width, depth, MLP ratios, heads and bias (true first); 0 for no layer."""
        counts = self._space.option_counts
        # An absent choice is none of the options.
        hot = [codes[:, [place]] == np.arange(count) for place, count in enumerate(counts.tolist())]
        width, depth, bias, *layers = hot
        heads, ratios = layers[: self._space.most], layers[self._space.most :]
        return np.concatenate([width, depth, *ratios, *heads, bias[:, ::-1]], axis=1).astype(float)


@final
class DeviceModel:
    """Latency or energy on one device, linear in the sums of the layers' choices.

    For each embedding width: a constant, so much for each layer, for each attention head, for
    each unit of MLP ratio, for biases in all and by layer, and a square term of the depth. Fitted
    with weights that shrink with the relative error, so that a few failed measurements
    do not bend it. On networks that it was not fitted to, the median error of latencies of GPUs
    is below 3 %, of energies below 8 %; docs/surrogates.md has all of them, and the command
    that makes them.

    Source: ours.
    """

    def __init__(self, space: HwGpt, codes: Codes, values: Values) -> None:
        """Fit to measured networks.

        Args:
            space: What they belong to.
            codes: The networks.
            values: What was measured of each, above 0.
        """
        self._space = space
        columns = self._columns(codes)
        rows = [codes[:, 0] == width for width in range(len(space.scale.widths))]
        self._prices = np.array([_fitted(columns[row], values[row]) for row in rows])

    def __call__(self, codes: Codes) -> Values:
        """The measure of each code, in the unit of what it was fitted to."""
        values: Values = np.sum(self._columns(codes) * self._prices[codes[:, 0]], axis=1)
        return values

    def _columns(self, codes: Codes) -> Columns:
        facts = self._space.layers(codes)
        one, depth, bias = np.ones(len(codes)), facts.depth, facts.bias
        sums = (facts.heads.sum(axis=1), facts.ratios.sum(axis=1))
        return np.column_stack([one, depth, *sums, bias, bias * depth, depth**2]).astype(float)


def _fitted(columns: Columns, values: Values) -> Float[np.ndarray, " columns"]:
    """Least absolute relative error, by least squares with weights made anew a few times."""
    weights = 1.0 / values
    for _ in range(ROUNDS):
        prices = np.linalg.lstsq(columns * weights[:, None], values * weights, rcond=None)[0]
        missed = np.abs(columns @ prices - values) / values
        weights = 1.0 / (values * np.sqrt(np.maximum(missed, 1e-3)))
    found: Float[np.ndarray, " columns"] = prices
    return found


def measured(scale: str) -> tuple[Codes, dict[str, Values]]:
    """The networks that were measured, and by name their latencies (ms) and energies (kWh).

    Raises:
        MissingDataError: The file is not on this machine.
        DataError: It is truncated, altered or another file.
    """
    space, file = HwGpt(scale), MEASURED.format(scale)
    shapes = {
        "arch": (ROWS, len(space.decisions)),
        "hw": (ROWS, DEVICES),
        "hw_names": (DEVICES,),
    }
    arrays = read_arrays(file, shapes, need=NEED)
    codes = arrays["arch"].astype(np.int32)
    valid: Bool[np.ndarray, " rows"] = space.are_valid(codes)
    if not valid.all():
        raise DataError(
            f"{file} should hold networks of {space.name!r}, got another one in row "
            f"{int(np.argmin(valid))}; {REMEDY}"
        )
    columns = {str(name).lower(): column for column, name in enumerate(arrays["hw_names"])}
    devices = {
        name: arrays["hw"][:, columns[name]].astype(float)
        for name in sorted(columns, key=lambda each: each.endswith("_energy_kwh"))
    }
    check_finite(devices, file)
    for name, values in devices.items():
        if values.min() <= 0:
            raise DataError(
                f"{file} should hold latencies and energies above 0, got {values.min():g} for "
                f"{name!r} in row {int(np.argmin(values))}; {REMEDY}"
            )
    return codes, devices


def load(scale: str) -> Surrogate:
    """Read the predictor of one scale, and fit latencies and energies."""
    space = HwGpt(scale)
    shapes: dict[str, tuple[int | None, ...]] = {}
    inputs = int(space.option_counts.sum())
    for layer, (before, after) in enumerate(pairwise((inputs, *HIDDEN)), start=1):
        shapes |= {
            f"{scale}.fc{layer}.weight": (after, before),
            f"{scale}.fc{layer}.bias": (after,),
        }
    arrays = read_arrays(PREDICTOR, shapes, need=NEED)
    check_finite(arrays, PREDICTOR)
    arrays = {name: array.astype(float) for name, array in arrays.items()}
    perplexity = Perplexity(space, arrays, scale)
    codes, devices = measured(scale)

    def parameters_m(codes: Codes) -> Values:
        return space.layers(codes).parameters / 1e6

    def flops_g(codes: Codes) -> Values:
        return space.layers(codes).flops / 1e9

    return Surrogate(
        name=f"hwgpt:{scale}",
        space=space,
        citation=CITATION,
        licence=LICENCE,
        model=perplexity.score,
        error=f"rank correlation {CORRELATION[scale]} with measured perplexities",
        best_known=BEST_KNOWN[scale],
        best_known_by="30 steepest ascents over one and two edits, 100 random starts each",
        metrics={
            "perplexity": perplexity,
            "parameters_m": parameters_m,
            "flops_g": flops_g,
            **{name: DeviceModel(space, codes, values) for name, values in devices.items()},
        },
        answers=("perplexity",),
        split="1/perplexity",
    )


def is_installed() -> bool:
    """Whether the folder of benchmark files holds all of them; they are not read."""
    return len(files()) == len(FILES)


def files() -> tuple[Path, ...]:
    """Those of them that are there."""
    return files_here(*FILES)


CITATION: Final = (
    "Sukthanker et al., HW-GPT-Bench: Hardware-Aware Architecture Benchmark for Language Models, "
    "NeurIPS 2024 (datasets and benchmarks)"
)
LICENCE: Final = "Apache-2.0; files that you bring"
FAMILY: Final = Family(
    name="hwgpt",
    datasets=("s", "m", "l"),
    description="language models, 10^12 to 10^35; a predictor answers with 1 / perplexity",
    citation=CITATION,
    licence=LICENCE,
    is_installed=is_installed,
    load=load,
    files=files,
    remedy=remedy_of(f"{PREDICTOR} and hwgpt_s.npz, hwgpt_m.npz, hwgpt_l.npz"),
)
