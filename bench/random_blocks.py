"""Random block spaces with known interactions: n decisions of r options each.

    y = 0.7 + 0.1 (A + B) / sd,   A = sum_i a_i(x_i),   B = sum_(i,j) b_ij(x_i, x_j)

Every a_i(o) is drawn from N(0, 1). Pairs (i, j) are drawn without replacement, `partners`
times n / 2 of them, so each decision has that many partners on average; every b_ij(o, p) is
drawn from N(0, interaction n / pairs), so that B has `interaction` times the variance of A
between architectures, whatever n is. sd is the deviation of A + B over random
architectures. Equal arguments give equal landscapes.
"""

from dataclasses import dataclass
from string import ascii_lowercase
from typing import final

import numpy as np
from jaxtyping import Float, Int

from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, Codes


@final
@dataclass(frozen=True, eq=False)
class Landscape:
    """A space and the accuracy of each of its architectures."""

    space: BlockSpace
    """Decisions `d0` to `d<n-1>`, options told as texts: no order among them, and none that two
    decisions have in common, as one option's effects in two of them have nothing to do with each
    other."""
    single: Float[np.ndarray, "decisions options"]
    """What each option does by itself."""
    pairs: Int[np.ndarray, "pairs 2"]
    """Decisions that interact."""
    joint: Float[np.ndarray, "pairs options options"]
    """What each pair of options does together."""
    scale: float
    """Brings the deviation to 0.1."""

    def accuracies(self, codes: Codes) -> Float[np.ndarray, " architectures"]:
        """Accuracy of each architecture, without noise."""
        alone = self.single[np.arange(codes.shape[1]), codes].sum(axis=1)
        first, second = self.pairs.T
        together = self.joint[np.arange(len(self.pairs)), codes[:, first], codes[:, second]]
        values: Float[np.ndarray, " architectures"] = 0.7 + self.scale * (
            alone + together.sum(axis=1)
        )
        return values


def landscape(
    n: int, r: int, *, interaction: float = 0.5, partners: int = 2, seed: int = 0
) -> Landscape:
    """A random landscape; the module says how it is made.

    Args:
        n: Decisions, at least 2.
        r: Options of each.
        interaction: Variance of the interactions in that of single effects.
        partners: Interactions that a decision takes part in, on average.
        seed: Decides everything.
    """
    rng = generator(seed, "landscape", n, r)
    space = BlockSpace(
        {f"d{place}": [f"{letter}{place}" for letter in ascii_lowercase[:r]] for place in range(n)},
        name=f"blocks-{r}^{n}",
    )
    single = rng.normal(size=(n, r))
    possible = n * (n - 1) // 2
    count = min(max(1, partners * n // 2), possible)
    chosen = rng.choice(possible, size=count, replace=False)
    pairs = np.column_stack(np.triu_indices(n, 1))[chosen]
    joint = rng.normal(size=(count, r, r)) * np.sqrt(interaction * n / count)
    made = Landscape(space, single, pairs, joint, 1.0)
    deviation = made.accuracies(space.sample_codes(2_000, rng)).std()
    return Landscape(space, single, pairs, joint, 0.1 / float(deviation))
