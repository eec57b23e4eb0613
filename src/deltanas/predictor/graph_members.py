"""An ensemble of graph networks that compare two graphs place by place, as one tensor programme.

Every parameter has a leading member axis, as in `neural_members`, whose networks see columns
where these see graphs.
"""

import math
from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor

from deltanas.predictor.graph_batches import Batch, GraphRows
from deltanas.predictor.neural_members import Ends, PerPair, Rows, mean_level

WIDTH = 32
"""Numbers that a network keeps of each vertex."""
LAYERS = 3
"""How far it looks from a vertex, in edges."""
HIDDEN = 32
"""Hidden units of what compares."""

States = Float[Tensor, "members architectures places width"]


@final
@dataclass(frozen=True, slots=True)
class Embedded:
    """What the members make of single graphs; pairs only add and subtract it."""

    change: Float[Tensor, "members architectures places hidden"]
    """At each place, what is subtracted in a comparison; the last place is the whole graph."""
    context: Float[Tensor, "members architectures places hidden"]
    """At each place, what is averaged: where a difference is."""
    linear: Float[Tensor, "members architectures"]
    """Linear score of the whole graph."""
    level: Float[Tensor, "members architectures"]
    """Expected accuracy on the learning scale."""


@final
class GraphMembers:
    """Networks D(a, b) = sum over places of f(a, b) - f(b, a), eq. (1).

    Each vertex starts as its label and its degrees. In each layer it takes in the mean of
    what leads to it, and of what it leads to the share that is its own; both are the steps of
    an even random walk. So an edit changes the states of vertices near it. f sees the states of
    a place in both graphs, their mean as context and their difference as DoA: places that an
    edit does not reach are equal and cancel. One more place is the sum of all. Swapping a and
    b swaps the two terms, so D(b, a) = -D(a, b) and D(a, a) = 0, bit by bit. Renumbering the
    vertices of both graphs alike changes nothing.

    Source: passing messages both ways along a cell follows D-VAE and later predictors (Zhang et
    al. 2019); the shares and the comparison by place are ours.
    """

    aware = True
    """They see both graphs, and estimate their level."""

    def __init__(self, rows: GraphRows, *, members: int, random: torch.Generator) -> None:
        """Draw the first weights.

        Args:
            rows: What turns rows into graphs.
            members: How many networks.
            random: Where the first weights come from.
        """
        self.members = members
        self._rows = rows

        def normal(inputs: int, outputs: int, scale: float = 1.0) -> Tensor:
            drawn = torch.randn(members, inputs, outputs, generator=random, dtype=torch.float32)
            deviation = scale / math.sqrt(inputs)
            return (drawn * deviation).requires_grad_()

        def zeros(outputs: int) -> Tensor:
            return torch.zeros(members, 1, outputs, dtype=torch.float32, requires_grad=True)

        sizes = [rows.facts, *[WIDTH] * LAYERS]
        self._layers = [(normal(3 * size, WIDTH, 1.4), zeros(WIDTH)) for size in sizes[:-1]]
        seen = rows.facts + WIDTH
        self._context, self._bias = normal(seen, HIDDEN, 0.5), zeros(HIDDEN)
        self._change = normal(seen, HIDDEN, 0.5)
        self._out = normal(HIDDEN, 1, 0.5)
        self._whole_out = normal(HIDDEN, 1, 0.5)
        self._linear = torch.zeros(members, seen, 1, requires_grad=True)
        self._level_out = torch.zeros(members, HIDDEN, 1, requires_grad=True)
        self._level_linear = torch.zeros(members, seen, 1, requires_grad=True)
        self._level_mean = zeros(1)
        self._graph = [each for layer in self._layers for each in layer]
        self.parameters = [
            *(*self._graph, self._context, self._bias, self._change, self._out),
            *(self._whole_out, self._linear, *self._level_only),
        ]

    @property
    def _level_only(self) -> list[Tensor]:
        return [self._level_out, self._level_linear, self._level_mean]

    @property
    def level_parameters(self) -> list[Tensor]:
        """What the levels come from: an absolute predictor of the same size."""
        return [*self._graph, self._context, self._bias, *self._level_only]

    def project(self, rows: Rows) -> Embedded:
        """What the members make of each graph."""
        batch = self._rows.batch(rows)
        states = self._states(batch)
        whole = states.mean(dim=2, keepdim=True)
        seen = torch.cat([states, whole], dim=2)
        change, context = _mapped(seen, self._change), _mapped(seen, self._context)
        flat = whole.squeeze(2)
        linear = torch.bmm(flat, self._linear).squeeze(2)
        hidden = torch.relu(context[:, :, -1] + self._bias)
        level = torch.bmm(hidden, self._level_out) + torch.bmm(flat, self._level_linear)
        return Embedded(change, context, linear, (level + self._level_mean).squeeze(2))

    def deltas(self, embedded: Embedded, first: Ends, second: Ends) -> PerPair:
        """Difference of each pair on the learning scale, by each member."""
        change = embedded.change[:, second] - embedded.change[:, first]
        context = 0.5 * (embedded.context[:, first] + embedded.context[:, second])
        context = context + self._bias.unsqueeze(2)
        hidden = torch.relu(context + change) - torch.relu(context - change)
        places = torch.bmm(hidden[:, :, :-1].mean(dim=2), self._out)
        whole = torch.bmm(hidden[:, :, -1], self._whole_out)
        bent = (places + whole).squeeze(2)
        return bent + (embedded.linear[:, second] - embedded.linear[:, first])

    def levels(self, embedded: Embedded, first: Ends, second: Ends) -> PerPair:
        """Mean level of the two graphs of each pair, by each member, cut as in `Members`."""
        return mean_level(embedded.level, first, second)

    def _states(self, batch: Batch) -> States:
        """What each vertex is, and what it has heard of the others."""
        vertices = batch.vertices.expand(self.members, -1, -1, -1)
        backward, forward = batch.shares, batch.shares.transpose(1, 2)
        states = vertices
        for weight, bias in self._layers:
            heard = torch.cat([states, forward @ states, backward @ states], dim=3)
            states = torch.relu(_mapped(heard, weight) + bias.unsqueeze(2)) * batch.there
        return torch.cat([vertices, states], dim=3)


def _mapped(
    states: States, weight: Float[Tensor, "members inputs outputs"]
) -> Float[Tensor, "members architectures places outputs"]:
    """Each member's linear map of the states of all vertices."""
    members, count, places, width = states.shape
    flat = states.reshape(members, count * places, width)
    return torch.bmm(flat, weight).reshape(members, count, places, weight.shape[2])
