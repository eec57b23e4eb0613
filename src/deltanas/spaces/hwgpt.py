"""HW-GPT: decoder-only language models whose layers come and go with the depth.

Source: Sukthanker et al., "HW-GPT-Bench: Hardware-Aware Architecture Benchmark for Language
Models", NeurIPS 2024 (datasets and benchmarks). Choices and scales are theirs; the counts of
parameters and operations are ours and equal theirs for all 30,000 networks that they recorded.
Features are ours.
"""

import itertools
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, final

import numpy as np
from jaxtyping import Bool, Float, Int

from deltanas.errors import SpaceError
from deltanas.spaces.architecture import ABSENT, Codes, Decision
from deltanas.spaces.base import SearchSpace
from deltanas.spaces.constraints import Constraints
from deltanas.spaces.digit_keys import digit_keys

RATIOS: Final = (2, 3, 4)
"""Width of a layer's MLP, in embedding widths."""
WIDTH, DEPTH, BIAS, FIRST = 0, 1, 2, 3
"""Places of the decisions about the whole network, and of the first about a layer."""
VOCABULARY: Final = 50_254
"""Rows of the embedding; that of the outputs is another matrix of the same size."""
HEAD: Final = 64
"""Width of each attention head."""
TOKENS: Final = 1_024
"""Length of the sequences that operations are counted for."""


@final
@dataclass(frozen=True, slots=True)
class Scale:
    """Choices of one of the three scales."""

    widths: tuple[int, ...]
    """Embedding widths."""
    depths: tuple[int, ...]
    """Numbers of layers."""
    heads: tuple[int, ...]
    """Attention heads of a layer."""


SCALES: Final = MappingProxyType(
    {
        "s": Scale((192, 384, 768), (10, 11, 12), (4, 8, 12)),
        "m": Scale((256, 512, 1024), (22, 23, 24), (8, 12, 16)),
        "l": Scale((320, 640, 1280), (34, 35, 36), (8, 16, 20)),
    }
)


@final
class HwGpt(SearchSpace):
    """Language models of one scale: width, depth, bias, and heads and MLP ratio of each layer.

    Heads and MLP ratio of a layer exist if the network is that deep. Every code is a network
    of its own. Samples are not uniform over networks, most of which have all layers: width,
    depth and bias are uniform, and so is every choice of each layer there is, as in the sample
    that the benchmark's authors measured.
    """

    def __init__(self, scale: str = "s") -> None:
        """Describe the space.

        Args:
            scale: `s`, `m` or `l`: about 10^12, 10^24 and 10^35 networks.

        Raises:
            SpaceError: There is no such scale.
        """
        if scale not in SCALES:
            raise SpaceError(
                f"HW-GPT has the scales {', '.join(SCALES)}, got {scale!r}; give one of these"
            )
        self.scale = SCALES[scale]
        self.most = max(self.scale.depths)
        """Layers of the deepest networks."""
        layers = range(1, self.most + 1)
        options = {
            "width": self.scale.widths,
            "layers": self.scale.depths,
            "bias": (False, True),
            **{f"heads {layer}": self.scale.heads for layer in layers},
            **{f"mlp {layer}": RATIOS for layer in layers},
        }
        conditions = {
            f"{what} {layer}": f"layers >= {layer}"
            for what, layer in itertools.product(("heads", "mlp"), layers)
            if layer > min(self.scale.depths)
        }
        plain = [Decision(name, choices) for name, choices in options.items()]
        limits = Constraints(f"hwgpt-{scale}", plain, conditions=conditions)
        super().__init__(
            f"hwgpt-{scale}",
            limits.decisions,
            size=limits.size,
            feature_names=_feature_names(),
            constraints=limits,
        )
        self._limits = limits

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
        absent = np.arange(self.most) >= np.array(self.scale.depths)[codes[:, [DEPTH]]]
        codes[:, FIRST:][np.tile(absent, 2)] = ABSENT
        return codes

    def features(self, codes: Codes) -> Float[np.ndarray, "architectures features"]:
        """Log parameters, totals of the layers, and how they lie along the depth."""
        facts = self.layers(codes)
        totals = [facts.depth, facts.heads.sum(axis=1), facts.ratios.sum(axis=1), facts.bias]
        inner = np.log(facts.parameters - 2.0 * VOCABULARY * facts.width)
        return np.column_stack(
            [
                np.log(facts.parameters),
                *(np.log(facts.width), inner, *totals),
                *_along(facts.heads, facts.depth),
                *_along(facts.ratios, facts.depth),
            ]
        )

    def layers(self, codes: Codes) -> "Layers":
        """The choices as numbers."""
        inside = codes[:, FIRST:].reshape(len(codes), 2, self.most)
        present = inside != ABSENT
        heads = np.where(present[:, 0], np.array(self.scale.heads)[inside[:, 0]], 0)
        ratios = np.where(present[:, 1], np.array(RATIOS)[inside[:, 1]], 0)
        return Layers(
            np.array(self.scale.widths)[codes[:, WIDTH]],
            np.array(self.scale.depths)[codes[:, DEPTH]],
            codes[:, BIAS].astype(np.int64),
            heads,
            ratios,
        )


@final
@dataclass(frozen=True, eq=False)
class Layers:
    """The choices of networks as numbers; 0 for a layer that is not there."""

    width: Int[np.ndarray, " architectures"]
    """Embedding width."""
    depth: Int[np.ndarray, " architectures"]
    """Number of layers."""
    bias: Int[np.ndarray, " architectures"]
    """1 with biases in the linear maps, 0 without."""
    heads: Int[np.ndarray, "architectures layers"]
    """Attention heads of each layer."""
    ratios: Int[np.ndarray, "architectures layers"]
    """MLP ratio of each layer."""

    @property
    def parameters(self) -> Int[np.ndarray, " architectures"]:
        """Trainable parameters, exactly.

        Two embeddings and a normalisation (weight and bias). A layer: two normalisations;
        four matrices between the width and its heads; three matrices between the width
        and its MLP, which is gated. Biases: of all of these outputs.
        """
        width, bias = self.width, self.bias
        heads, ratios = self.heads.sum(axis=1), self.ratios.sum(axis=1)
        whole = (2 * VOCABULARY + 2) * width
        inside = self.depth * (4 + 2 * bias) * width
        attention = heads * HEAD * (4 * width + 3 * bias)
        mlp = ratios * width * (3 * width + 2 * bias)
        counted: Int[np.ndarray, " architectures"] = whole + inside + attention + mlp
        return counted

    @property
    def flops(self) -> Int[np.ndarray, " architectures"]:
        """Floating-point operations for a sequence of `TOKENS` tokens, as they were recorded.

        Two for each weight of a matrix and token, the embedding of the inputs left out; five for
        each number that is normalised, and one for each that is gated. What queries do to
        keys is not in it.
        """
        width, heads, ratios = self.width, self.heads.sum(axis=1), self.ratios.sum(axis=1)
        whole = (2 * VOCABULARY + 5) * width
        attention = heads * HEAD * 8 * width
        mlp = ratios * width * (6 * width + 1)
        counted: Int[np.ndarray, " architectures"] = TOKENS * (
            whole + 10 * self.depth * width + attention + mlp
        )
        return counted


def _feature_names() -> tuple[str, ...]:
    where = ("early", "middle", "late", "slope", "bend")
    return (
        "cost:log_parameters",
        *(f"total:{fact}" for fact in ("log_width", "log_inner", "layers", "heads", "mlp", "bias")),
        *(f"along:{what} {place}" for what in ("heads", "mlp") for place in where),
    )


def _along(
    values: Int[np.ndarray, "architectures layers"], depth: Int[np.ndarray, " architectures"]
) -> list[Float[np.ndarray, " architectures"]]:
    """Mean in the first, second and last third of the layers, and linear and square trend."""
    place = (np.arange(values.shape[1]) + 0.5) / depth[:, None]
    present = place < 1
    thirds = [(place * 3 // 1 == third) & present for third in range(3)]
    means = [np.sum(values * each, axis=1) / each.sum(axis=1) for each in thirds]
    line = np.where(present, 2 * place - 1, 0.0)
    bend = np.where(present, 1.5 * (2 * place - 1) ** 2 - 0.5, 0.0)
    return [*means, *(np.sum(values * each, axis=1) / depth for each in (line, bend))]
