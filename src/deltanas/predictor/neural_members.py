"""An ensemble of difference networks as one tensor programme.

Every parameter has a leading member axis, so all members are evaluated by the same few
batched products: ten networks cost hardly more than one.
"""

from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Float, Int
from torch import Tensor

WIDTH = 32
"""Hidden units of a member."""
START = 0.3
"""Deviation of the first weights: small, so that members start nearly linear."""
LEVELS = 3.0
"""Deviations from the mean accuracy beyond which a level is cut."""

Rows = Float[Tensor, "architectures columns"]
PerPair = Float[Tensor, "members pairs"]
Ends = Int[Tensor, " pairs"]


@final
@dataclass(frozen=True, slots=True)
class Projected:
    """What the members make of single architectures; pairs only add and subtract it."""

    change: Float[Tensor, "members architectures hidden"]
    """Projection whose difference is the sparse DoA part of a hidden unit."""
    context: Float[Tensor, "members architectures hidden"]
    """Projection whose mean over the two is the part that says where an edit is made."""
    linear: Float[Tensor, "members architectures"]
    """Linear score; its difference is the linear part of the prediction."""
    level: Float[Tensor, "members architectures"]
    """Expected accuracy on the learning scale; 0 for context-free members."""


@final
class Members:
    """Networks D(a, b) = f(a, b, d) - f(b, a, -d) with d = E(b) - E(a), eq. (1).

    f has one hidden layer. Its input is linear in a, b and d, so it is put together from
    one projection for each architecture, and f(b, a, -d) is as cheap as a sign. Both
    halves see the context (a and b) symmetrically: swapping a and b swaps the halves, so
    D(b, a) = -D(a, b) and D(a, a) = 0, bit by bit. A linear term in d is added.

    Context-free members see d only. Context-aware ones also estimate the level of an
    architecture, which says how much accuracy a step on the learning scale is worth there.
    """

    def __init__(self, columns: int, *, members: int, aware: bool, random: torch.Generator) -> None:
        """Draw the first weights.

        Args:
            columns: Columns of an encoded architecture.
            members: How many networks.
            aware: Whether they see the architectures or only their difference.
            random: Where the first weights come from.
        """
        self.members, self.aware = members, aware

        def normal(*shape: int, deviation: float) -> Tensor:
            drawn = torch.randn(members, *shape, generator=random, dtype=torch.float32)
            return (drawn * deviation).requires_grad_()

        def zeros(*shape: int) -> Tensor:
            return torch.zeros(members, *shape, dtype=torch.float32, requires_grad=True)

        self._change = normal(columns, WIDTH, deviation=START)
        self._bias = normal(1, WIDTH, deviation=START)
        self._out = normal(WIDTH, 1, deviation=0.5 / WIDTH**0.5)
        self._linear = zeros(columns, 1)
        self.parameters = [self._change, self._bias, self._out, self._linear]
        if aware:
            self._context = normal(columns, WIDTH, deviation=START)
            self._level_out = zeros(WIDTH, 1)
            self._level_linear = zeros(columns, 1)
            self._level_mean = zeros(1, 1)
            self.parameters += [self._context, self._level_out, self._level_linear]
            self.parameters += [self._level_mean]

    @property
    def level_parameters(self) -> list[Tensor]:
        """What the levels of context-aware members come from."""
        hidden = [self._context, self._bias, self._level_out]
        return [*hidden, self._level_linear, self._level_mean]

    def project(self, rows: Rows) -> Projected:
        """What the members make of each architecture."""
        shared = rows.expand(self.members, -1, -1)
        change = torch.bmm(shared, self._change)
        linear = torch.bmm(shared, self._linear).squeeze(2)
        if not self.aware:
            return Projected(change, torch.zeros_like(change), linear, torch.zeros_like(linear))
        context = torch.bmm(shared, self._context)
        level = torch.bmm(shared, self._level_linear) + self._level_mean
        level = level + torch.bmm(torch.relu(context + self._bias), self._level_out)
        return Projected(change, context, linear, level.squeeze(2))

    def deltas(self, projected: Projected, first: Ends, second: Ends) -> PerPair:
        """Difference of each pair on the learning scale, by each member."""
        change = projected.change[:, second] - projected.change[:, first]
        context = 0.5 * (projected.context[:, first] + projected.context[:, second]) + self._bias
        hidden = torch.relu(context + change) - torch.relu(context - change)
        bent = torch.bmm(hidden, self._out).squeeze(2)
        return bent + (projected.linear[:, second] - projected.linear[:, first])

    def levels(self, projected: Projected, first: Ends, second: Ends) -> PerPair:
        """Mean level of the two architectures of each pair, by each member, cut at `LEVELS`."""
        return mean_level(projected.level, first, second)


def mean_level(level: Float[Tensor, "members architectures"], first: Ends, second: Ends) -> PerPair:
    """Mean of the levels at the two ends of each pair, cut at `LEVELS`."""
    return (0.5 * (level[:, first] + level[:, second])).clamp(-LEVELS, LEVELS)
