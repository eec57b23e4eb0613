"""The value that comparisons are made of: all runs of one method on one benchmark."""

from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Float

from deltanas.compare.metrics import Runs


@final
@dataclass(frozen=True, slots=True)
class Curves:
    """All runs of one method on one benchmark, as long as the budget."""

    seeds: tuple[int, ...]
    """Seed of each row."""
    regret: Runs
    """Regret after each query, a fraction."""
    mean: Runs
    """Mean accuracy of each queried architecture, a fraction."""
    test: Float[np.ndarray, " runs"] | None
    """Test accuracy of the final incumbent; None where the benchmark has none."""
    seconds: Float[np.ndarray, " proposals"]
    """CPU seconds of each proposal after the starts."""
    repeats: int
    """Known architectures asked for, over all runs."""
