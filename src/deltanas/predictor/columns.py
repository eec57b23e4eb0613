"""Encodings on one scale: what a predictor that weighs columns against each other sees."""

from collections.abc import Sequence
from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.encoding import Encoding, Features, OneHot
from deltanas.spaces import Codes, SearchSpace

FARTHEST = 4.0
"""Deviations from the mean beyond which a column is cut, or grows by its logarithm only.

Counts of rare things reach twenty deviations in the corners of a space, where one operation
stands everywhere, say.
"""
ENDLESS = 1_000.0
"""Deviations beyond which nothing grows: products of many factors have no end."""
CONSTANT_DEVIATION = 1e-9
"""Columns that vary less over what was learned from say nothing and are left out."""
WEIGHT = 3.0
"""Weight of an encoding: with it, learning takes a few hundred steps of the optimiser."""
INDICATORS = 0.3
"""Weight of one-hot columns beside exact features; a tenth was chosen on NAS-Bench-201."""

Columns = Float[np.ndarray, "architectures columns"]


def nearer(deviations: Columns) -> Columns:
    """The same up to `FARTHEST`, growing by the logarithm from there on: order is kept."""
    far = np.abs(deviations)
    beyond = FARTHEST * np.log(np.clip(far, FARTHEST, ENDLESS) / FARTHEST)
    result: Columns = np.copysign(np.minimum(far, FARTHEST) + beyond, deviations)
    return result


@final
class Standardised:
    """Several encodings side by side, each column in deviations from its mean.

    Each encoding is divided by a power of its number of columns, so that hundreds of
    indicators have no more say than a few exact facts, and is multiplied by its weight.
    """

    def __init__(
        self,
        encodings: Sequence[tuple[Encoding, float]],
        codes: Codes,
        *,
        power: float,
    ) -> None:
        """Learn means and deviations.

        Args:
            encodings: Encodings, each with its weight.
            codes: The architectures that are learned from, at least one.
            power: Power of the number of columns that divides: 1/2 gives every encoding
                the same length, 1 the same say under an optimiser of equal steps.
        """
        self._encodings = [encoding for encoding, _ in encodings]
        self._means, self._factors = [], []
        for encoding, weight in encodings:
            columns = encoding.encode(codes)
            deviation = columns.std(axis=0)
            varying = deviation > CONSTANT_DEVIATION
            scale = weight / max(1, int(varying.sum())) ** power
            self._means.append(columns.mean(axis=0))
            self._factors.append((np.where(varying, deviation, np.inf), scale))

    def encode(self, codes: Codes) -> Columns:
        """The columns that vary, on one scale."""
        blocks = []
        parts = zip(self._encodings, self._means, self._factors, strict=True)
        for encoding, mean, (deviation, scale) in parts:
            varying = np.isfinite(deviation)
            standard = (encoding.encode(codes)[:, varying] - mean[varying]) / deviation[varying]
            blocks.append(scale * np.clip(standard, -FARTHEST, FARTHEST))
        return np.concatenate(blocks, axis=1)


def usual(space: SearchSpace) -> list[tuple[Encoding, float]]:
    """Choices, and the space's exact features where it has some: what to learn from."""
    if not space.feature_names:
        return [(OneHot(space), WEIGHT)]
    return [(Features(space), WEIGHT), (OneHot(space), INDICATORS)]
