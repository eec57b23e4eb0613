"""The DoA data set: evaluated architectures, and all similar pairs among them.

From m evaluated architectures come up to m (m-1) / 2 pairs; kept are those at most so many
edits apart and not functionally equal. A pair points at its two architectures, so both
encodings and both accuracies are one look-up away and nothing is stored twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, final

import numpy as np
from jaxtyping import Float, Int

from deltanas.errors import PairsError
from deltanas.records import History
from deltanas.spaces import Codes, SearchSpace

Indices = Int[np.ndarray, " pairs"]


@final
@dataclass(frozen=True, slots=True)
class Pairs:
    """Evaluated architectures and the similar pairs among them (Fig. 2, left).

    Source: that differences of similar architectures are the training data is the
    paper's; this layout, the cut at `edits` and the splits by network are ours.
    """

    space: SearchSpace
    """Where the architectures come from."""
    codes: Codes
    """Code of each evaluated architecture."""
    accuracies: Float[np.ndarray, " architectures"]
    """Accuracy of each, a fraction; the mean where one network was evaluated more than once."""
    keys: tuple[str, ...]
    """Canonical key of each; no key twice."""
    first: Indices
    """Row of the first architecture of each pair; `first < second`."""
    second: Indices
    """Row of the second architecture of each pair."""
    distance: Indices
    """Number of edits between the two, 1 or more."""
